"""The words HR's lists share, and which step remains for a learner."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from quizzes.attempts import attempts_left, attempts_of, best, beyond_limit, explanations_allowed, has_passed
from tests.learning import ALL_RIGHT, ALL_WRONG, THREE_RIGHT, Course, Intake, Phone, make_official, make_unit
from training.records import enrolments
from training.records.models import Assignment, Enrolment
from training.records.standing import (
    State,
    completed_between,
    counts,
    done_activities,
    remaining_steps,
    with_standing,
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


def test_each_person_is_in_exactly_one_state_and_they_sum_to_assigned(cast):
    states = dict(with_standing(Enrolment.objects.assigned()).values_list("official__staff_number", "state"))
    assert states == {"CB-0001": State.COMPLETED, "CB-0002": State.IN_PROGRESS, "CB-0003": State.NOT_STARTED}
    assert Enrolment.objects.assigned().aggregate(**counts()) == {
        "assigned": 3,
        "completed": 1,
        "in_progress": 1,
        "not_started": 1,
        "overdue": 2,
    }


def test_counts_are_taken_by_course_in_one_query(cast, course, django_assert_num_queries):
    with django_assert_num_queries(1):
        table = list(Enrolment.objects.assigned().values("course").annotate(**counts()))
    assert table == [
        {
            "course": course.activity.pk,
            "assigned": 3,
            "completed": 1,
            "in_progress": 1,
            "not_started": 1,
            "overdue": 2,
        }
    ]


def test_on_the_day_of_the_deadline_nobody_is_overdue(cast):
    today = timezone.localdate()
    assert {row.is_overdue for row in with_standing(Enrolment.objects.all(), today - timedelta(days=1))} == {False}
    overdue = with_standing(Enrolment.objects.all(), today).filter(is_overdue=True)
    assert set(overdue.values_list("official__staff_number", flat=True)) == {"CB-0002", "CB-0003"}


def test_completing_after_the_deadline_is_late_not_overdue(cast):
    Enrolment.objects.update(due_on=date(2026, 11, 19))
    row = with_standing(Enrolment.objects.filter(official=cast[0])).get()
    assert (row.is_overdue, row.was_late) == (False, True)


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


# --- what remains for a learner --------------------------------------------------------------------------------


def activities(steps):
    return [step["activity"] for step in steps]


def test_she_sees_which_steps_remain_until_none_does(cast, course, intake):
    _, begun, idle = cast
    lessons, quiz = [str(key) for key in course.lessons], str(course.quizzes[0])
    assert activities(remaining_steps(idle, course.activity)) == [*lessons, quiz]
    assert activities(remaining_steps(begun, course.activity)) == [lessons[1], quiz]
    phone = Phone(begun, course)
    intake.deliver(phone.finish(course.lessons[1]), *phone.attempt(course.quizzes[0], ALL_WRONG))
    assert activities(remaining_steps(begun, course.activity)) == [quiz]
    intake.deliver(*phone.attempt(course.quizzes[0], THREE_RIGHT, earlier=1, at=5))
    assert remaining_steps(begun, course.activity) == []


def test_what_was_added_after_completing_does_not_remain(cast, course):
    course.add_lesson()
    course.mint()
    assert remaining_steps(cast[0], course.activity) == []


def test_the_edition_with_the_fewest_steps_left_says_what_remains(cast, course):
    first = [str(course.lessons[1]), str(course.quizzes[0])]
    course.add_lesson()
    course.mint()
    assert activities(remaining_steps(cast[1], course.activity)) == first
    assert len(remaining_steps(cast[2], course.activity)) == 4


def test_what_remains_costs_a_fixed_number_of_queries(cast, course, django_assert_num_queries):
    remaining_steps(cast[1], course.activity)
    with django_assert_num_queries(4):
        remaining_steps(cast[1], course.activity)


def test_lessons_finished_and_quizzes_passed_are_done(cast, course):
    everything = {*course.lessons, *course.quizzes}
    assert done_activities(cast[0], everything) == everything
    assert done_activities(cast[1], everything) == {course.lessons[0]}


# --- attempts --------------------------------------------------------------------------------------------------


def test_the_score_shown_is_of_the_best_attempt_that_counts(cast, course, intake):
    quiz, phone = course.quizzes[0], Phone(cast[2], course)
    for earlier, answers in enumerate([ALL_WRONG, THREE_RIGHT, ALL_WRONG, ALL_RIGHT]):
        intake.deliver(*phone.attempt(quiz, answers, at=10 * earlier, earlier=earlier))
    attempts = attempts_of(cast[2])[quiz]
    assert [attempt.score for attempt in attempts] == [0, 7500, 0, 10_000]
    assert best(attempts).score == 7500
    assert has_passed(attempts)
    assert (attempts_left(attempts, 3), attempts_left(attempts, 0)) == (0, None)
    assert (beyond_limit(attempts, 3), beyond_limit(attempts, 2)) == (0, 1)
    assert best(attempts_of(cast[2], [course.lessons[0]]).get(quiz, [])) is None


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
