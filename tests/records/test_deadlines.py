"""Deadlines are judged on the interval in which something can have happened, in the learner's favour."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from tests.learning import ALL_RIGHT, MORNING, Course, Intake, Phone, make_official, make_unit, rows
from training.records import enrolments
from training.records.models import Assignment, Completion, Enrolment, LessonProgress
from training.records.standing import with_bounds
from training.reports.people import due_of

pytestmark = pytest.mark.django_db

#: The day of tests.learning.MORNING.
DAY = date(2026, 11, 20)


@pytest.fixture
def course():
    return Course(lessons=1)


@pytest.fixture
def official(course):
    unit = make_unit("than-uyen")
    official = make_official("CB-0001", unit)
    enrolments.assign(Assignment(course=course.activity, unit=unit, due_on=DAY))
    return official


def made(phone, days=0, heard=0, received=0):
    """The whole course, all its events at one moment: ``days`` after MORNING, between ``heard`` and ``received``."""
    events = phone.whole_course()
    for event in events:
        event.happened_at = MORNING + timedelta(days=days)
        event.earliest_at = MORNING + timedelta(days=heard)
        event.latest_at = event.received_at = MORNING + timedelta(days=received)
    return events


def judged():
    """As HR reads it: (late, in time but not certainly)."""
    with translation.override("en"):
        words = due_of(with_bounds(Enrolment.objects.all()).get(), DAY).text
    return words.endswith("late"), words == "in time, not certain"


@pytest.mark.parametrize(
    ("days", "heard", "received", "late", "uncertain"),
    [
        (-1, -2, 0, False, False),
        (0, 0, 0, False, False),
        # Her clock says in time, the server heard of it only afterwards.
        (-1, -5, 4, False, True),
        # Her clock says too late, but it may have been in time.
        (3, -1, 4, False, True),
        (3, 1, 4, True, False),
    ],
)
def test_a_completion_is_late_only_if_it_was_on_the_first_day_it_can_have_been(
    course, official, days, heard, received, late, uncertain
):
    Intake().deliver(*made(Phone(official, course), days, heard, received))
    assert judged() == (late, uncertain)
    completion = Completion.objects.get()
    assert (completion.earliest_on, completion.completed_on, completion.latest_on) == tuple(
        DAY + timedelta(days=n) for n in (heard, days, received)
    )


def test_the_last_fact_needed_decides_the_bounds(course, official):
    phone = Phone(official, course)
    lesson, *quiz = made(phone, 0, -3, 1)
    for event in quiz:
        event.earliest_at, event.latest_at = MORNING - timedelta(days=1), MORNING
    Intake().deliver(lesson, *quiz)
    completion = Completion.objects.get()
    assert (completion.earliest_on, completion.latest_on) == (DAY - timedelta(days=1), DAY + timedelta(days=1))


def test_of_two_phones_either_may_have_been_first(course, official):
    intake = Intake()
    here, there = (made(Phone(official, course), 1, heard, received) for heard, received in ((1, 1), (-4, 6)))
    intake.deliver(*here)
    assert judged() == (True, False)
    intake.deliver(*there)
    lesson = LessonProgress.objects.get()
    assert (lesson.earliest_at, lesson.latest_at) == (MORNING - timedelta(days=4), MORNING + timedelta(days=1))
    assert judged() == (False, True)
    before = rows(issue=True)
    intake.replay()
    assert rows(issue=True) == before


def test_which_phone_is_heard_first_changes_no_bound(course, official):
    several = [made(Phone(official, course), 1, heard, received) for heard, received in ((1, 1), (-4, 6))]
    outcomes = []
    for order in (several, several[::-1]):
        intake = Intake()
        for events in order:
            for event in events:
                event.row = None
            intake.deliver(*events)
        outcomes.append(Completion.objects.values("completed_at", "earliest_on", "latest_on").get())
        intake.evidence = []
        intake.replay(order=[])
    assert outcomes[0] == outcomes[1]


def test_a_completion_issued_before_bounds_were_kept_stands_on_its_day(course, official):
    intake = Intake()
    intake.deliver(*made(Phone(official, course), 0, -3, 3))
    (issued,) = [event for event in intake.evidence if event.kind == "completion_issued"]
    del issued.data["earliest_on"], issued.data["latest_on"]
    intake.replay()
    completion = Completion.objects.get()
    assert completion.earliest_on == completion.completed_on == completion.latest_on


def test_a_failed_or_uncounted_attempt_widens_nothing(course, official):
    intake, phone = Intake(), Phone(official, course)
    intake.deliver(*made(phone, 1, 1, 1))
    other = phone.attempt(course.quizzes[0], ALL_RIGHT, earlier=9)
    for event in other:
        event.earliest_at = MORNING - timedelta(days=9)
    intake.deliver(*other)
    assert judged() == (True, False)
