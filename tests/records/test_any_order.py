"""The same set of events gives the same rows, in whatever order, portions and repetitions it comes.

With one exception, without which a mark could be learned and the attempt answered again: of several submissions of one
attempt the one recorded first stands. Then the rows are a function of the evidence as it was recorded.
"""

from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes.models import Attempt
from tests.learning import ALL_RIGHT, ALL_WRONG, THREE_RIGHT, Course, Intake, Phone, make_official, make_unit, rows
from training.records.models import Completion

pytestmark = pytest.mark.django_db
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

MINUTES = st.integers(0, 12)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("finish"), st.integers(0, 2), MINUTES),
        st.tuples(st.just("download"), st.just(0), MINUTES),
        st.tuples(st.just("start"), st.integers(0, 3), MINUTES),
        st.tuples(st.just("submit"), st.sampled_from([ALL_RIGHT, THREE_RIGHT, ALL_WRONG, [[9]]]), MINUTES),
    ),
    min_size=3,
    max_size=14,
)


@pytest.fixture
def world():
    """A course of three editions: two lessons and a quiz; a lesson more; the first lesson and the quiz, mark raised."""
    course = Course(allowed=2)
    course.add_lesson()
    course.mint(allowed=3)
    course.mint(lessons=course.lessons[:1], allowed=1, pass_mark=100)
    return course, make_official("CB-0001", make_unit("than-uyen"))


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def play(world, actions, choices, often=False) -> list:
    """Two phones of one official do what is drawn; which phone and which edition is drawn too.

    ``often``: an attempt may be submitted more than once, as no page of ours does.
    """
    course, official = world
    phones = Phone(official, course), Phone(official, course)
    events, starts = [], []
    for (what, detail, at), (which, number) in zip(actions, choices, strict=True):
        phone, edition = phones[which], course.editions[number]
        if what == "finish":
            events.append(phone.finish(course.lessons[detail], at, edition))
        elif what == "download":
            events.append(phone.download(at, edition))
        elif what == "start":
            starts.append(phone.start(course.quizzes[0], at, earlier=detail, edition=edition))
            events.append(starts[-1])
        elif starts:
            start = starts[at % len(starts)] if often else starts.pop(at % len(starts))
            events.append(phone.submit(start, detail, at, edition))
    return events


@st.composite
def histories(draw):
    actions = draw(ACTIONS)
    choice = st.tuples(st.integers(0, 1), st.integers(0, 2))
    return actions, draw(st.lists(choice, min_size=len(actions), max_size=len(actions)))


def fresh(event):
    event.settle(None, "")
    event.row = None
    return event


@many
@given(history=histories(), data=st.data())
def test_any_order_any_portions_any_repetition_give_identical_rows(world, history, data):
    events = play(world, *history)
    with undone():
        Intake().deliver(*events)
        at_once = rows()
    order = data.draw(st.permutations(events))
    again = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    stream = [*order, *again]
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(stream) - 1)), max_size=len(stream))))
    with undone():
        intake = Intake()
        for event in events:
            fresh(event)
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            intake.deliver(*stream[start:end])
        assert rows() == at_once


@many
@given(history=histories(), data=st.data())
def test_of_several_submissions_the_first_recorded_stands_whatever_comes_between(world, history, data):
    """Alone or with any others, what was recorded first of an attempt is what her attempt says."""
    events = data.draw(st.permutations(play(world, *history, often=True)))
    first = {}
    with undone():
        intake = Intake()
        for event in events:
            intake.deliver(event)
            submissions = [each for each in intake.evidence if each.kind == "quiz_submitted"]
            for each in submissions:
                if each.code in ("counted", "over_limit", "attempt_answered"):
                    first.setdefault(each.data["attempt"], each)
            stands = dict(Attempt.objects.exclude(submitted_at=None).values_list("key", "submission"))
            assert stands == {UUID(attempt): each.event_id for attempt, each in first.items()}


@many
@given(history=histories(), data=st.data())
def test_rebuilding_from_evidence_gives_the_identical_rows_in_any_order(world, history, data):
    events = play(world, *history, often=True)
    with undone():
        intake = Intake()
        for event in data.draw(st.permutations(events)):
            intake.deliver(event)
        before = rows(issue=True)
        intake.replay()
        assert rows(issue=True) == before
        intake.replay(order=data.draw(st.permutations(intake.evidence)))
        intake.replay(order=data.draw(st.permutations(intake.evidence)))
        assert rows(issue=True) == before


@many
@given(history=histories())
def test_nothing_a_learner_adds_ever_costs_a_completion(world, history):
    events = play(world, *history, often=True)
    with undone():
        intake, reached = Intake(), None
        for event in events:
            intake.deliver(event)
            now = Completion.objects.values_list("completed_at", flat=True).first()
            if reached is not None:
                assert now is not None
                assert now <= reached
            reached = now
