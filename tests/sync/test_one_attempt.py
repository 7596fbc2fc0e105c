"""One attempt is answered once: whatever else a modified phone signs for it, what was recorded first stands."""

import uuid

import pytest

from quizzes.models import Attempt
from tests.learning import ALL_RIGHT, ALL_WRONG, THREE_RIGHT, rows
from tests.sync.phone import Phone, codes, outcomes
from training.records.models import Completion
from training.sync import intake, judging
from training.sync.models import Event

pytestmark = pytest.mark.django_db

HALF_RIGHT = [[1], [1], [0], [0]]


@pytest.fixture
def quiz(course):
    return course.quizzes[0]


def begin(phone, quiz, **other):
    return phone.event("quiz_started", quiz, {"earlier": 0}, **other)


def answer(phone, start, answers, **other):
    paper = phone.course.papers[uuid.UUID(start["activity"])].name
    data = {"attempt": start["id"], "paper": paper, "answers": answers}
    return phone.record("quiz_submitted", start["activity"], data, **other)


def standing_of(text):
    return Event.objects.values_list("verdict", "code").get(jws=text)


def test_a_phone_that_tries_one_attempt_until_it_passes_keeps_its_first_mark(client, phone, quiz):
    start = begin(phone, quiz)
    begun = phone.sign(start)
    # Kept back with the lower seqs, to be sent once the mark of another is known.
    kept_back = [answer(phone, start, answers) for answers in (ALL_RIGHT, HALF_RIGHT)]
    first = answer(phone, start, ALL_WRONG)
    assert codes(phone.deliver(client, begun, first)) == ["counted", "counted"]
    tries = [*kept_back, answer(phone, start, THREE_RIGHT), answer(phone, start, ALL_RIGHT)]
    for text in tries:
        assert outcomes(phone.deliver(client, text)) == [("held", "attempt_answered")]
    attempt = Attempt.objects.get()
    assert (attempt.answers, attempt.passed, attempt.score) == (ALL_WRONG, False, 0)
    assert not Completion.objects.exists()
    before = rows(issue=True)
    assert judging.replay([phone.official.pk]) == []
    assert rows(issue=True) == before
    assert outcomes(phone.deliver(client, *tries)) == [("held", "attempt_answered")] * len(tries)


def test_a_second_phone_of_hers_can_not_answer_the_attempt_again_either(client, phone, quiz):
    other = Phone(phone.official, phone.course)
    start = begin(phone, quiz)
    phone.deliver(client, phone.sign(start), answer(phone, start, HALF_RIGHT))
    assert codes(other.deliver(client, answer(other, start, ALL_RIGHT))) == ["attempt_answered"]
    assert Attempt.objects.get().passed is False


def test_within_one_delivery_the_lower_seq_stands_however_it_was_packed(client, phone, quiz):
    start = begin(phone, quiz)
    begun = phone.sign(start)
    first, second = answer(phone, start, HALF_RIGHT), answer(phone, start, ALL_RIGHT)
    reply = phone.deliver(client, second, first, begun)
    assert codes(reply) == ["attempt_answered", "counted", "counted"]
    assert Attempt.objects.get().answers == HALF_RIGHT


def test_answers_that_waited_for_their_start_stand_in_the_order_they_were_recorded_in(client, phone, quiz):
    start = begin(phone, quiz)
    begun = phone.sign(start)
    low, high = answer(phone, start, ALL_RIGHT), answer(phone, start, HALF_RIGHT)
    assert codes(phone.deliver(client, high)) == ["attempt_unknown"]
    assert codes(phone.deliver(client, low)) == ["attempt_unknown"]
    assert codes(phone.deliver(client, begun)) == ["counted"]
    assert (standing_of(high), standing_of(low)) == (("accepted", "counted"), ("held", "attempt_answered"))
    assert Attempt.objects.get().answers == HALF_RIGHT


def test_what_waited_for_its_edition_stands_before_what_was_recorded_after_it(client, phone, quiz, course):
    edition = course.edition
    unknown = uuid.uuid4().hex * 2
    start = begin(phone, quiz)
    done = [phone.finish(lesson) for lesson in course.lessons]
    waits = answer(phone, start, ALL_RIGHT, edition=unknown)
    later = answer(phone, start, HALF_RIGHT)
    assert codes(phone.deliver(client, phone.sign(start), waits))[1] == "edition_unknown"
    assert set(codes(phone.deliver(client, *done, later))) == {"counted"}
    edition.pk, edition.number = unknown, 9
    edition.save(force_insert=True)
    intake.rejudge(phone.official)
    assert (standing_of(waits), standing_of(later)) == (("accepted", "counted"), ("held", "attempt_answered"))
    assert Attempt.objects.get().passed
    assert Completion.objects.get().official == phone.official, "what follows from it is put on record at once"
    before = rows(issue=True)
    assert judging.replay([phone.official.pk]) == []
    assert rows(issue=True) == before


def test_the_same_answers_signed_twice_count_both_times(client, phone, quiz):
    start = begin(phone, quiz)
    texts = [phone.sign(start), answer(phone, start, ALL_RIGHT), answer(phone, start, ALL_RIGHT)]
    assert codes(phone.deliver(client, *texts)) == ["counted"] * 3
    assert Attempt.objects.get().submission == Event.objects.get(jws=texts[1]).event_id
