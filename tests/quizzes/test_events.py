"""What quiz_started and quiz_submitted write, whatever way they come."""

import itertools
import uuid

import pytest

from courses.models import Activity
from quizzes.events import quiz_started, quiz_submitted
from quizzes.judging import editions_named
from quizzes.models import Attempt, QuestionVersion
from tests.learning import ALL_RIGHT, ALL_WRONG, THREE_RIGHT, Course, Intake, Phone, after, make_official, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return Course()


@pytest.fixture
def official():
    return make_official("CB-0001")


@pytest.fixture
def phone(official, course):
    return Phone(official, course)


@pytest.fixture
def intake():
    return Intake()


def test_an_attempt_is_marked_against_the_paper_it_names(course, phone, intake):
    start, submission = phone.attempt(course.quizzes[0], THREE_RIGHT)
    assert intake.deliver(start, submission) == ["counted", "counted"]
    attempt = Attempt.objects.get()
    assert (attempt.key, attempt.quiz_id, attempt.edition_id) == (
        start.event_id,
        course.quizzes[0],
        course.edition.name,
    )
    assert (attempt.score, attempt.pass_mark, attempt.passed, attempt.counted) == (7500, 75, True, True)
    assert (attempt.started_at, attempt.submitted_at) == (after(0), after(1))
    assert attempt.answers == THREE_RIGHT


def test_nothing_right_is_not_passed(course, phone, intake):
    intake.deliver(*phone.attempt(course.quizzes[0], ALL_WRONG))
    attempt = Attempt.objects.get()
    assert (attempt.score, attempt.passed) == (0, False)


def test_the_pass_mark_is_that_of_the_edition_the_submission_names(course, phone, intake):
    first = course.edition
    course.mint(pass_mark=100)
    intake.deliver(*phone.attempt(course.quizzes[0], THREE_RIGHT, edition=first))
    intake.deliver(*phone.attempt(course.quizzes[0], THREE_RIGHT, at=5))
    assert list(Attempt.objects.order_by("started_at").values_list("passed", flat=True)) == [True, False]


def test_an_edit_of_the_question_after_the_download_changes_no_mark(course, phone, intake):
    quiz = course.quizzes[0]
    old, first = course.papers[quiz], course.edition
    course.papers[quiz] = course.make_paper(quiz, questions=2)
    course.mint()
    start = phone.start(quiz, edition=first)
    assert intake.deliver(start, phone.submit(start, ALL_RIGHT, edition=first, paper=old)) == ["counted", "counted"]
    assert Attempt.objects.get().score == 10_000


def test_a_submission_is_handled_after_its_start_within_a_delivery(course, phone, intake):
    start, submission = phone.attempt(course.quizzes[0], ALL_RIGHT)
    assert intake.deliver(submission, start) == ["counted", "counted"]


def test_a_submission_waits_for_a_start_that_comes_later(course, phone, intake):
    start, submission = phone.attempt(course.quizzes[0], ALL_RIGHT)
    assert intake.deliver(submission) == ["attempt_unknown"]
    assert not Attempt.objects.exists()
    assert intake.deliver(start) == ["counted"]
    assert (submission.verdict, submission.code) == ("accepted", "counted")
    assert Attempt.objects.get().passed


def test_the_same_delivery_three_times_makes_one_attempt(course, phone, intake):
    delivery = phone.attempt(course.quizzes[0], ALL_RIGHT)
    intake.deliver(*delivery)
    before = rows()
    for _ in range(2):
        assert intake.deliver(*delivery) == ["counted", "counted"]
    assert rows() == before


def test_handlers_given_the_same_event_again_write_the_same_row(course, phone, intake):
    delivery = phone.attempt(course.quizzes[0], ALL_RIGHT)
    intake.deliver(*delivery)
    before = rows(issue=True)
    intake.replay(order=intake.evidence + delivery)
    assert rows(issue=True) == before


def test_an_attempt_of_another_official_is_not_hers_to_submit(course, phone, intake):
    stranger = Phone(make_official("CB-0002"), course)
    start = stranger.start(course.quizzes[0])
    intake.deliver(start)
    assert intake.deliver(phone.submit(start, ALL_RIGHT)) == ["attempt_unknown"]
    assert Attempt.objects.get().submitted_at is None


def test_two_officials_may_have_attempts_of_the_same_id(course, phone, intake):
    other = Phone(make_official("CB-0002"), course)
    start = phone.start(course.quizzes[0])
    copied = other.start(course.quizzes[0], event_id=start.event_id)
    intake.deliver(start, copied, phone.submit(start, ALL_RIGHT, at=1), other.submit(copied, ALL_WRONG, at=1))
    passed = dict(Attempt.objects.values_list("official", "passed"))
    assert passed == {phone.official.pk: True, other.official.pk: False}


# --- limits ----------------------------------------------------------------------------------------------------


def test_an_attempt_beyond_the_limit_is_kept_and_marked_but_does_not_count(course, phone, intake):
    codes = [intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT, at=10 * n, earlier=n)) for n in range(4)]
    assert codes == [["counted"] * 2] * 3 + [["over_limit"] * 2]
    last = Attempt.objects.order_by("-started_at").first()
    assert (last.passed, last.counted, last.score) == (True, False, 10_000)


def test_two_phones_that_knew_nothing_of_each_other_displace_nothing(course, official, intake):
    for phone in (Phone(official, course), Phone(official, course)):
        for n in range(3):
            codes = intake.deliver(*phone.attempt(course.quizzes[0], ALL_WRONG, at=10 * n, earlier=n))
            assert codes == ["counted", "counted"]
    assert Attempt.objects.filter(counted=True).count() == 6


def test_zero_allows_as_many_as_one_likes(phone, intake):
    course = phone.course = Course(allowed=0)
    assert intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT, earlier=900)) == ["counted", "counted"]


# --- what doesn't fit ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [[], [[1]] * 3, [[1]] * 5, [[9], [], [], []], [[1, 1], [], [], []]])
def test_answers_that_do_not_fit_the_paper_are_rejected(course, phone, intake, answers):
    start, submission = phone.attempt(course.quizzes[0], answers)
    assert intake.deliver(start, submission) == ["counted", "answers_mismatch"]
    assert Attempt.objects.get().submitted_at is None


def test_unanswered_questions_fit_every_paper(course, phone, intake):
    assert intake.deliver(*phone.attempt(course.quizzes[0], [[]] * 4)) == ["counted", "counted"]


def test_the_paper_must_be_one_of_this_quiz(phone, intake):
    course = phone.course = Course(quizzes=2)
    start = phone.start(course.quizzes[0])
    wrong = phone.submit(start, ALL_RIGHT, paper=course.papers[course.quizzes[1]])
    unknown = phone.submit(start, ALL_RIGHT)
    unknown.data["paper"] = "0" * 64
    assert intake.deliver(start, wrong, unknown) == ["counted", "answers_mismatch", "answers_mismatch"]


def test_an_attempt_is_submitted_to_the_quiz_it_was_begun_at(phone, intake):
    course = phone.course = Course(quizzes=2)
    start = phone.start(course.quizzes[0])
    submission = phone.submit(start, ALL_RIGHT, paper=course.papers[course.quizzes[1]])
    submission.activity = course.quizzes[1]
    assert intake.deliver(start, submission) == ["counted", "activity_mismatch"]


def test_an_unknown_edition_or_activity_is_held_and_a_wrong_one_rejected(course, phone, intake):
    quiz = course.quizzes[0]
    no_edition, no_activity, of_another, a_lesson = (phone.start(quiz) for _ in range(4))
    no_edition.edition = "f" * 64
    no_activity.activity = uuid.uuid4()
    of_another.activity = Course().quizzes[0]
    a_lesson.activity = course.lessons[0]
    good = phone.start(quiz)
    assert intake.deliver(no_edition, no_activity, of_another, a_lesson, good) == [
        "edition_unknown",
        "activity_unknown",
        "activity_mismatch",
        "activity_mismatch",
        "counted",
    ]
    assert Attempt.objects.get().key == good.event_id


# --- several submissions of one attempt ------------------------------------------------------------------------


def test_the_same_answers_twice_are_one_submission_and_both_count(course, phone, intake):
    start = phone.start(course.quizzes[0])
    first, second = phone.submit(start, ALL_RIGHT, at=9), phone.submit(start, ALL_RIGHT, at=4)
    assert intake.deliver(start, first) == ["counted", "counted"]
    assert intake.deliver(second) == ["counted"]
    attempt = Attempt.objects.get()
    assert (attempt.submission, attempt.submitted_at) == (first.event_id, after(9))


def test_a_phone_that_answers_one_attempt_again_and_again_until_it_passes_gains_nothing(course, phone, intake):
    start = phone.start(course.quizzes[0])
    low = [phone.submit(start, answers, at=2) for answers in (ALL_RIGHT, [[1], [1], [0], [0]])]
    first = phone.submit(start, ALL_WRONG, at=3)
    assert intake.deliver(start, first) == ["counted", "counted"]
    assert Attempt.objects.get().passed is False
    # The mark is known now; more tries with higher seqs, and the lower ones that were kept back.
    for other in (phone.submit(start, ALL_RIGHT, at=1), *low, phone.submit(start, THREE_RIGHT, at=9)):
        assert intake.deliver(other) == ["attempt_answered"]
        assert other.verdict == "held"
    attempt = Attempt.objects.get()
    assert (attempt.submission, attempt.answers, attempt.passed) == (first.event_id, ALL_WRONG, False)
    before = rows(issue=True)
    intake.replay()
    assert rows(issue=True) == before


def test_a_failing_submission_that_comes_later_takes_no_pass_away(course, phone, intake):
    start = phone.start(course.quizzes[0])
    earlier = phone.submit(start, ALL_WRONG, at=1)
    intake.deliver(start, phone.submit(start, ALL_RIGHT, at=4))
    assert intake.deliver(earlier) == ["attempt_answered"]
    assert Attempt.objects.get().passed


def test_whatever_order_several_submissions_come_in_the_first_recorded_stands(course, official, intake):
    first, second = Phone(official, course), Phone(official, course)
    start = first.start(course.quizzes[0])
    again = second.start(course.quizzes[0], at=2, earlier=5, event_id=start.event_id)
    events = [
        start,
        again,
        first.submit(start, ALL_WRONG, at=3),
        first.submit(start, THREE_RIGHT, at=5),
        second.submit(start, ALL_RIGHT, at=4),
    ]
    for order in itertools.permutations(events):
        Attempt.objects.all().delete()
        intake = Intake()
        for event in order:
            event.row = None
            intake.deliver(event)
        stands, *others = [event for event in order if event.kind == "quiz_submitted"]
        attempt = Attempt.objects.get()
        assert (attempt.submission, attempt.submitted_at) == (stands.event_id, stands.happened_at)
        assert (attempt.started_at, attempt.counted, attempt.earlier) == (after(0), True, 0)
        assert stands.verdict == "accepted"
        assert {event.code for event in others} == {"attempt_answered"}


def test_a_submission_that_had_to_wait_stands_before_one_recorded_after_it(course, phone, intake):
    start = phone.start(course.quizzes[0])
    first, second = phone.submit(start, THREE_RIGHT, at=3), phone.submit(start, ALL_RIGHT, at=4)
    known = first.edition
    first.edition = "e" * 64
    assert intake.deliver(start, first) == ["counted", "edition_unknown"]
    assert intake.deliver(second) == ["counted"]
    # The edition becomes known here: what waited for it is judged at last.
    first.edition = known
    intake.deliver(phone.finish(course.lessons[0]))
    assert (first.code, second.code) == ("counted", "attempt_answered")
    assert Attempt.objects.get().submission == first.event_id


def test_a_course_that_went_is_not_judged_by_what_is_remembered_of_it(course, phone, intake):
    lesson = course.lessons[0]
    editions_named([course.edition.name])
    Activity.objects.filter(pk=lesson).update(course=None)
    course.activity.delete()
    assert intake.deliver(phone.finish(lesson)) == ["edition_unknown"]


# --- cost ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attempts", [1, 10, 100])
def test_queries_do_not_grow_with_the_number_of_events(official, attempts, django_assert_num_queries):
    course = Course(allowed=0)
    phone = Phone(official, course)
    Intake().deliver(*phone.attempt(course.quizzes[0], ALL_WRONG))
    starts = [phone.start(course.quizzes[0], at=n) for n in range(attempts)]
    with django_assert_num_queries(3):
        quiz_started(starts)
    submissions = [phone.submit(start, ALL_RIGHT, at=200) for start in starts]
    with django_assert_num_queries(4):
        quiz_submitted(submissions)
    assert {each.code for each in submissions} == {"counted"}


def test_versions_are_read_once_for_all_attempts_of_a_paper(course, phone, intake, django_assert_max_num_queries):
    intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT))
    assert QuestionVersion.objects.count() == 4
    with django_assert_max_num_queries(30) as asked:
        intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT, at=5))
    assert not [query for query in asked if "questionversion" in query["sql"]]
