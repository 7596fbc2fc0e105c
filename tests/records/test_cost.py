"""A delivery costs the same number of queries however long it is."""

import pytest

from tests.learning import ALL_RIGHT, ALL_WRONG, Course, Intake, Phone, make_official, make_unit
from training.records.models import Completion

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("events", [20, 200])
def test_a_delivery_that_completes_a_course_costs_the_same_with_20_events_and_200(events, django_assert_num_queries):
    course = Course(lessons=events // 2, quizzes=1, allowed=0)
    phone, intake = Phone(make_official("CB-0001", make_unit("than-uyen")), course), Intake()
    intake.deliver(*phone.attempt(course.quizzes[0], ALL_WRONG))
    delivery = [phone.finish(lesson, at=n) for n, lesson in enumerate(course.lessons)]
    while len(delivery) < events:
        delivery += phone.attempt(course.quizzes[0], ALL_RIGHT, at=len(delivery))
    with django_assert_num_queries(20):
        intake.deliver(*delivery)
    assert Completion.objects.count() == 1


@pytest.mark.parametrize("officials", [2, 20])
def test_conclusions_about_many_officials_cost_the_same_as_about_two(officials, django_assert_num_queries):
    course, unit, intake = Course(), make_unit("than-uyen"), Intake()
    delivery = [
        event for n in range(officials) for event in Phone(make_official(f"CB-{n:04}", unit), course).whole_course()
    ]
    Intake().deliver(*Phone(make_official("CB-9999"), course).whole_course())
    with django_assert_num_queries(20):
        intake.deliver(*delivery)
    assert Completion.objects.count() == officials + 1
