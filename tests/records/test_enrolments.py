"""Who owes what: assignments, joins, moves and leavers, and what stays of it."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.learning import ALL_RIGHT, Course, Intake, Phone, after, make_official, make_unit, post
from training.officials.models import Official, Posting
from training.records import enrolments
from training.records.models import Assignment, Enrolment

pytestmark = pytest.mark.django_db


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def province():
    return make_unit("lai-chau", kind="province")


@pytest.fixture
def commune(province):
    return make_unit("than-uyen", province)


@pytest.fixture
def elsewhere(province):
    return make_unit("muong-kim", province)


@pytest.fixture
def official(commune):
    return make_official("CB-0001", commune)


@pytest.fixture
def course():
    return Course()


def assign(course, unit, due_on=None) -> Assignment:
    assignment = Assignment(course=course.activity, unit=unit, due_on=due_on or in_days(30))
    enrolments.assign(assignment)
    return assignment


def of(official) -> tuple | None:
    return Enrolment.objects.filter(official=official).values_list("is_assigned", "due_on").first()


def test_an_assignment_reaches_everyone_below_the_unit_and_nobody_else(province, commune, elsewhere, official, course):
    hamlet = make_official("CB-0002", make_unit("section", commune, kind="section"))
    stranger, unposted = make_official("CB-0101", elsewhere), make_official("CB-0999")
    assign(course, commune)
    owing = set(Enrolment.objects.assigned().values_list("official__staff_number", flat=True))
    assert owing == {official.staff_number, hamlet.staff_number}
    assign(Course(), province)
    assert of(stranger) == (True, in_days(30))
    assert of(unposted) is None


def test_the_earliest_deadline_of_those_that_reach_her_holds(province, commune, official, course):
    wide = assign(course, province, in_days(10))
    near = assign(course, commune, in_days(20))
    assert of(official) == (True, in_days(10))
    enrolments.change_deadline(wide, in_days(40))
    assert of(official) == (True, in_days(20))
    enrolments.withdraw(near, by=official)
    assert of(official) == (True, in_days(40))


def test_withdrawing_leaves_no_row_of_who_had_not_begun(commune, official, course):
    assignment = assign(course, commune)
    enrolments.withdraw(assignment, by=official)
    assert of(official) is None
    assignment.refresh_from_db()
    assert (assignment.withdrawn_by, assignment.withdrawn_at is not None) == (official, True)


def test_withdrawing_keeps_what_was_begun_or_completed(commune, official, course):
    finisher = make_official("CB-0002", commune)
    assignment = assign(course, commune)
    intake = Intake()
    intake.deliver(Phone(official, course).finish(course.lessons[0], at=3))
    intake.deliver(*Phone(finisher, course).whole_course())
    enrolments.withdraw(assignment, by=official)
    begun, done = Enrolment.objects.get(official=official), Enrolment.objects.get(official=finisher)
    assert (begun.is_assigned, begun.due_on, begun.started_at) == (False, None, after(3))
    assert (done.is_assigned, done.completed_on) == (False, date(2026, 11, 20))


def test_completing_before_the_assignment_counts(commune, official, course):
    Intake().deliver(*Phone(official, course).whole_course())
    assert of(official) == (False, None)
    assign(course, commune)
    row = Enrolment.objects.get()
    assert (row.is_assigned, row.completed_on, row.started_at) == (True, date(2026, 11, 20), after(0))


def test_studying_without_being_assigned_makes_a_row_that_is_not_owed(official, course):
    Intake().deliver(Phone(official, course).start(course.quizzes[0], at=7))
    row = Enrolment.objects.get()
    assert (row.is_assigned, row.started_at, row.completed_on) == (False, after(7), None)


def test_events_leave_deadlines_alone(commune, official, course):
    assign(course, commune)
    Intake().deliver(*Phone(official, course).whole_course())
    row = Enrolment.objects.get()
    assert (row.is_assigned, row.due_on, row.assigned_on) == (True, in_days(30), in_days(0))


def test_evidence_that_comes_late_moves_the_beginning_earlier_never_later(official, course):
    phone, intake = Phone(official, course), Intake()
    intake.deliver(phone.finish(course.lessons[0], at=50))
    intake.deliver(phone.finish(course.lessons[1], at=2))
    intake.deliver(*phone.attempt(course.quizzes[0], ALL_RIGHT, at=90))
    assert Enrolment.objects.get().started_at == after(2)


# --- joining, moving, leaving ----------------------------------------------------------------------------------


def test_who_joins_later_owes_what_her_unit_owes(commune, course):
    assign(course, commune)
    newcomer = make_official("CB-0003", commune)
    assert of(newcomer) is None
    enrolments.follow_postings([newcomer])
    assert of(newcomer) == (True, in_days(30))


def test_who_moves_away_owes_what_is_owed_there(commune, elsewhere, official, course):
    there = Course()
    assign(course, commune)
    assign(there, elsewhere, in_days(5))
    Posting.objects.filter(official=official).update(valid_to=in_days(-1))
    post(official, elsewhere, in_days(0))
    enrolments.follow_postings([official])
    assert list(Enrolment.objects.values_list("course", "is_assigned", "due_on")) == [
        (there.activity.pk, True, in_days(5))
    ]


def test_only_the_main_posting_counts(commune, elsewhere, official, course):
    official = make_official("CB-0004", elsewhere)
    Posting.objects.create(official=official, unit=commune, category="cong_chuc", valid_from=in_days(-9), is_main=False)
    assign(course, commune)
    assert of(official) is None


def test_who_leaves_owes_nothing_and_keeps_what_she_did(commune, official, course):
    leaver = make_official("CB-0005", commune)
    assign(course, commune)
    Intake().deliver(Phone(leaver, course).finish(course.lessons[0]))
    Official.objects.filter(pk__in=[leaver.pk, official.pk]).update(is_active=False)
    enrolments.follow_postings([leaver, official])
    assert of(official) is None
    assert of(leaver) == (False, None)


def test_following_one_person_leaves_others_as_they_were(commune, official, course):
    other = make_official("CB-0006", commune)
    assign(course, commune)
    Official.objects.update(is_active=False)
    enrolments.follow_postings([other])
    assert (of(other), of(official)) == (None, (True, in_days(30)))


def test_a_posting_that_begins_tomorrow_is_followed_tomorrow(commune, elsewhere, course, monkeypatch):
    comer = make_official("CB-0007", elsewhere)
    Posting.objects.filter(official=comer).update(valid_to=in_days(0))
    post(comer, commune, in_days(1))
    assign(course, commune)
    assert of(comer) is None
    tomorrow = in_days(1)
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: tomorrow)
    call_command("refresh_enrolments", verbosity=0)
    assert of(comer)[0] is True


def test_the_daily_command_changes_nothing_that_is_in_step(commune, official, course):
    assign(course, commune)
    Intake().deliver(*Phone(official, course).whole_course())
    before = list(Enrolment.objects.values())
    call_command("refresh_enrolments", verbosity=0)
    assert list(Enrolment.objects.values()) == before


def test_forgetting_and_rebuilding_keeps_what_is_owed(commune, official, course):
    assign(course, commune)
    make_official("CB-0008", commune)
    enrolments.refresh()
    columns = ["official", "course", "is_assigned", "assigned_on", "due_on", "started_at", "completed_on"]
    intake = Intake()
    intake.deliver(*Phone(official, course).whole_course())
    before = list(Enrolment.objects.order_by("official").values_list(*columns))
    intake.replay()
    assert list(Enrolment.objects.order_by("official").values_list(*columns)) == before
    assert len(before) == 2


@pytest.mark.parametrize("count", [1, 30])
def test_queries_do_not_grow_with_the_number_of_officials(commune, course, count, django_assert_num_queries):
    officials = [make_official(f"CB-{n:04}", commune) for n in range(count)]
    with django_assert_num_queries(8):  # of which four are savepoints
        assign(course, commune)
    assert Enrolment.objects.assigned().count() == count
    with django_assert_num_queries(5):
        enrolments.follow_postings(officials)
    with django_assert_num_queries(1):
        enrolments.touch((official.pk, course.activity.pk) for official in officials)
