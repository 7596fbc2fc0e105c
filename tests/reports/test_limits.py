"""What HR sees of attempts that count although a person should look at them, and of a deadline that is not certain."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.learning import ALL_RIGHT, ALL_WRONG, Course
from tests.sync.phone import Phone, codes, stamp
from training.records import enrolments
from training.records.models import Assignment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key_of_its_own(settings, tmp_path):
    settings.SYNC_SIGNING_KEY = str(tmp_path / "signing_key.pem")


@pytest.fixture
def course():
    return Course(lessons=1, allowed=3)


def record(client, cast):
    client.force_login(cast.hr)
    return client.get(reverse("reports_person", args=[cast.official.public_id]))


def take(client, phone, *attempts):
    for answers, earlier in attempts:
        texts = phone.attempt(phone.course.quizzes[0], answers, earlier=earlier)
        assert codes(phone.deliver(client, *texts)) == ["counted", "counted"]


def test_attempts_of_two_phones_beyond_the_limit_are_said(client, cast, course):
    for phone in (Phone(cast.official, course), Phone(cast.official, course)):
        take(client, phone, (ALL_WRONG, 0), (ALL_WRONG, 1))
    page = record(client, cast)
    (excess,) = page.context["excesses"]
    assert (excess.quiz.pk, len(excess.sentences)) == (course.quizzes[0], 1)
    assert "Có 4 lượt được tính, trong khi quy định là 3 lượt" in page.content.decode()


def test_a_phone_that_forgets_what_it_submitted_itself_is_said(client, cast, course):
    take(client, Phone(cast.official, course), (ALL_WRONG, 0), (ALL_WRONG, 0), (ALL_RIGHT, 0))
    page = record(client, cast)
    (excess,) = page.context["excesses"]
    assert len(excess.sentences) == 1
    assert "2 lượt được bắt đầu như thể" in page.content.decode()


def test_marks_of_attempts_that_do_not_count_gathered_before_one_that_does_are_said(client, cast, course):
    """Else the answers would be found out for nothing with one phone and given with another."""
    prober, quiz = Phone(cast.official, course), course.quizzes[0]
    for answers in (ALL_WRONG, [[1], [0], [0], [0]], [[1], [1], [0], [0]]):
        said = prober.deliver(client, *prober.attempt(quiz, answers, earlier=3))
        assert codes(said) == ["over_limit", "over_limit"]
    take(client, Phone(cast.official, course), (ALL_RIGHT, 0))
    page = record(client, cast)
    (excess,) = page.context["excesses"]
    assert len(excess.sentences) == 1
    assert "3 lượt được bắt đầu như thể trước đó đã có nhiều lượt hơn" in page.content.decode()


def test_what_a_phone_heard_of_from_the_server_or_sends_out_of_order_is_no_lie(client, cast, course):
    quiz, first, second = course.quizzes[0], Phone(cast.official, course), Phone(cast.official, course)
    take(client, first, (ALL_WRONG, 0))
    # The second has heard of it, begins twice without a network, and its later attempt arrives first.
    earlier, later = (second.attempt(quiz, ALL_WRONG, earlier=n) for n in (1, 2))
    assert set(codes(second.deliver(client, *later)) + codes(second.deliver(client, *earlier))) == {"counted"}
    first.deliver(client, *first.attempt(quiz, ALL_WRONG, earlier=3))
    assert record(client, cast).context["excesses"] == []


def test_within_the_limit_and_honestly_counted_nothing_is_said(client, cast, course):
    take(client, Phone(cast.official, course), (ALL_WRONG, 0), (ALL_WRONG, 1))
    take(client, Phone(cast.official, course), (ALL_RIGHT, 0))
    assert record(client, cast).context["excesses"] == []


def test_an_attempt_that_was_only_begun_is_no_lie(client, cast, course):
    """Two tabs may begin at the same time; only what a phone has submitted it must know of."""
    phone = Phone(cast.official, course)
    quiz = course.quizzes[0]
    starts = [phone.event("quiz_started", quiz, {"earlier": 0}) for _ in range(2)]
    said = {"paper": course.papers[quiz].name, "answers": ALL_WRONG}
    submissions = [phone.event("quiz_submitted", quiz, {"attempt": start["id"], **said}) for start in starts]
    phone.deliver(client, *map(phone.sign, starts + submissions))
    assert record(client, cast).context["excesses"] == []


def test_what_a_phone_says_of_the_time_before_it_was_known_here_counts_and_is_said(client, cast, course):
    """Nothing else bounds what a new key claims: it could put a completion on any day before the deadline."""
    phone = Phone(cast.official, course)
    then = stamp(timezone.now() - timedelta(days=100))
    texts = [
        phone.finish(course.lessons[0], occurred_at=then, clock={"server": then, "device": then}),
        *phone.attempt(course.quizzes[0], ALL_RIGHT),
    ]
    assert set(codes(phone.deliver(client, *texts))) == {"counted"}
    page = record(client, cast)
    assert "1 kết quả cho biết điện thoại đã liên lạc với máy chủ trước khi được đăng ký" in page.content.decode()
    assert page.context["excesses"] == []


def test_a_phone_that_was_registered_with_the_next_network_makes_up_nothing(client, cast, course):
    phone = Phone(cast.official, course)
    then = stamp(phone.heard - timedelta(hours=5))
    phone.deliver(client, phone.finish(course.lessons[0], clock={"server": then, "device": then}))
    assert record(client, cast).context["predated"] == ""


@pytest.mark.parametrize(("heard", "uncertain"), [(timedelta(days=9), True), (timedelta(minutes=1), False)])
def test_a_completion_that_may_have_been_late_says_so_on_her_record(client, cast, course, heard, uncertain):
    today = timezone.localdate()
    due = today - timedelta(days=3) if uncertain else today
    enrolments.assign(Assignment(course=course.activity, unit=cast.province, due_on=due))
    phone = Phone(cast.official, course, at=timezone.now() - heard)
    done = timezone.now() - timedelta(days=1) if uncertain else timezone.now()
    texts = [phone.finish(course.lessons[0], at=done), *phone.attempt(course.quizzes[0], ALL_RIGHT, at=done)]
    assert set(codes(phone.deliver(client, *texts))) == {"counted"}
    page = record(client, cast)
    (line,) = page.context["courses"]
    text = page.content.decode()
    assert line["may_be_late"] is uncertain
    assert ("Đúng hạn, chưa chắc chắn" in text, "có lợi cho người học" in text) == (uncertain, uncertain)
    assert line["due"].tone == ""
