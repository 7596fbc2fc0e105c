"""The words HR's lists share."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from quizzes.attempts import attempts_of, beyond_limit, explanations_allowed, has_passed
from tests.learning import ALL_RIGHT, ALL_WRONG, THREE_RIGHT, Course, Intake, Phone, make_official, make_unit
from training.records import enrolments
from training.records.models import Assignment, Enrolment
from training.records.standing import (
    IS_COMPLETED,
    IS_IN_PROGRESS,
    IS_NOT_STARTED,
    completed_between,
    is_overdue,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return Course()


@pytest.fixture
def intake():
    return Intake()


@pytest.fixture
def cast(course, intake):
    """One who completed, one who began, one who did neither; the deadline was yesterday."""
    unit = make_unit("than-uyen")
    done, begun, idle = (make_official(f"CB-000{n}", unit) for n in (1, 2, 3))
    yesterday = timezone.localdate() - timedelta(days=1)
    enrolments.assign(Assignment(course=course.activity, unit=unit, due_on=yesterday))
    intake.deliver(*Phone(done, course).whole_course())
    intake.deliver(Phone(begun, course).finish(course.lessons[0]))
    return done, begun, idle


def who(condition):
    return set(Enrolment.objects.filter(condition).values_list("official__staff_number", flat=True))


def test_each_person_is_in_exactly_one_state(cast):
    assert [who(state) for state in (IS_COMPLETED, IS_IN_PROGRESS, IS_NOT_STARTED)] == [
        {"CB-0001"},
        {"CB-0002"},
        {"CB-0003"},
    ]


def test_on_the_day_of_the_deadline_nobody_is_overdue(cast):
    today = timezone.localdate()
    assert who(is_overdue(today - timedelta(days=1))) == set()
    assert who(is_overdue(today)) == who(is_overdue()) == {"CB-0002", "CB-0003"}


def test_the_period_is_of_the_completion_date_with_both_days(cast):
    day = date(2026, 11, 20)
    found = [
        Enrolment.objects.filter(completed_between(start, end)).count()
        for start, end in [
            (None, None),
            (day, day),
            (day + timedelta(days=1), None),
            (None, day - timedelta(days=1)),
            (date(2026, 1, 1), None),
        ]
    ]
    assert found == [1, 1, 0, 0, 1]


# --- attempts --------------------------------------------------------------------------------------------------


def test_any_pass_that_counts_is_a_pass_and_none_beyond_the_limit_goes_unseen(cast, course, intake):
    quiz, phone = course.quizzes[0], Phone(cast[2], course)
    for earlier, answers in enumerate([ALL_WRONG, THREE_RIGHT, ALL_WRONG, ALL_RIGHT]):
        intake.deliver(*phone.attempt(quiz, answers, at=10 * earlier, earlier=earlier))
    attempts = attempts_of(cast[2])[quiz]
    assert [attempt.score for attempt in attempts] == [0, 7500, 0, 10_000]
    assert has_passed(attempts)
    assert (beyond_limit(attempts, 3), beyond_limit(attempts, 2)) == (0, 1)


def test_explanations_come_after_passing_or_after_the_last_attempt(cast, course, intake):
    quiz, phone, official = course.quizzes[0], Phone(cast[2], course), cast[2]
    step = {"mode": "assessed", "attempts": 2}

    def allowed(step=step):
        return explanations_allowed(attempts_of(official)[quiz], step)

    assert not allowed()
    assert allowed({"mode": "practice", "attempts": 2})
    intake.deliver(*phone.attempt(quiz, ALL_WRONG))
    assert not allowed()
    start = phone.start(quiz, earlier=1, at=5)
    intake.deliver(start)
    assert not allowed()
    intake.deliver(phone.submit(start, ALL_WRONG, at=6))
    assert allowed()
    assert not allowed({"mode": "assessed", "attempts": 0})
    intake.deliver(*phone.attempt(quiz, ALL_RIGHT, earlier=2, at=9))
    assert allowed({"mode": "assessed", "attempts": 0})
