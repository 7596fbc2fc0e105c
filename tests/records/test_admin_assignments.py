"""HR assigns a course to a unit subtree, changes the deadline, withdraws; for units of her scope only."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from courses.models import Activity, Fragment
from tests.meanwhile import meanwhile
from tests.reports.cast import Cast, enrol, make_assignment, make_course
from training.records import enrolments
from training.records.models import Assignment, Enrolment, LessonProgress

TODAY = timezone.localdate()
DUE = TODAY + timedelta(days=30)


def publish(course):
    """The fragment that a published course has; its page does not matter here."""
    from wagtail.models import Page

    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    page = root.add_child(instance=Page(title=course.title, slug=course.code.lower()))
    Fragment.objects.create(
        page=page,
        path=f"/{course.code.lower()}/",
        language="vi",
        content_language="vi",
        kind=Fragment.Kind.COURSE,
        activity=course,
        course=course,
        title=course.title,
        html="",
        hash="0" * 64,
    )


@pytest.fixture
def cast(db):
    cast = Cast()
    publish(cast.course)
    return cast


@pytest.fixture
def hr(client, cast):
    client.force_login(cast.hr)
    return client


def choice(cast, **changes):
    return {"course": str(cast.course.pk), "unit": "TU", "due_on": DUE.isoformat(), "confirmed": "1", **changes}


def test_she_sees_whom_it_reaches_before_it_is_saved(hr, cast):
    enrol(cast.colleague, cast.course, assigned=False, completed=TODAY)
    data = choice(cast)
    del data["confirmed"]
    answer = hr.post(reverse("hr_assign"), data)
    # Official, colleague and the HR officer herself.
    assert (answer.context["reached"], answer.context["done"]) == (3, 1)
    assert 'data-reached="3"' in answer.content.decode()


def test_looking_saves_nothing(hr, cast):
    data = choice(cast)
    del data["confirmed"]
    hr.post(reverse("hr_assign"), data)
    hr.post(reverse("hr_assign"), {**data, "change": "1"})
    assert not Assignment.objects.exists()


def test_confirmed_it_is_owed_by_the_whole_subtree_and_logged(hr, cast):
    assert hr.post(reverse("hr_assign"), choice(cast)).status_code == 302
    assignment = Assignment.objects.get()
    assert (assignment.unit, assignment.due_on, assignment.assigned_by) == (cast.than_uyen, DUE, cast.hr)
    owed = Enrolment.objects.filter(is_assigned=True, due_on=DUE)
    assert {row.official for row in owed} == {cast.official, cast.colleague, cast.hr}
    assert ModelLogEntry.objects.get().action == "records.assign"


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "MK"},
        {"unit": "LC"},
        {"unit": "x"},
        {"unit": ""},
        {"course": "x"},
        {"course": ""},
        {"due_on": (TODAY - timedelta(days=1)).isoformat()},
        {"due_on": "soon"},
        {"due_on": "2099-01-01"},
    ],
)
def test_what_is_wrong_or_not_hers_is_refused(hr, cast, changes):
    answer = hr.post(reverse("hr_assign"), choice(cast, **changes))
    assert answer.status_code == 422
    assert not Assignment.objects.exists()


def test_a_course_that_has_no_key_at_all_is_refused_in_the_words_of_any_other(hr, cast):
    answers = [hr.post(reverse("hr_assign"), choice(cast, course=key)) for key in ("x", str(uuid.uuid4()))]
    wrong, unknown = ([form.errors["course"] for form in answer.context["forms"]] for answer in answers)
    assert wrong == unknown


def test_an_unpublished_course_is_neither_offered_nor_taken(hr, cast):
    draft = make_course("NHAP-01", "Bản nháp")
    assert str(draft.pk) not in hr.get(reverse("hr_assign")).content.decode()
    assert hr.post(reverse("hr_assign"), choice(cast, course=str(draft.pk))).status_code == 422


def test_the_same_course_is_not_assigned_to_the_same_unit_twice(hr, cast):
    hr.post(reverse("hr_assign"), choice(cast))
    assert hr.post(reverse("hr_assign"), choice(cast)).status_code == 422
    assert Assignment.objects.count() == 1


def test_the_deadline_moves_for_everyone_it_reaches(hr, cast):
    hr.post(reverse("hr_assign"), choice(cast))
    assignment = Assignment.objects.get()
    later = DUE + timedelta(days=10)
    address = reverse("hr_assignment_deadline", args=[assignment.pk])
    assert hr.post(address, {"due_on": later.isoformat()}).status_code == 302
    assert set(Enrolment.objects.values_list("due_on", flat=True)) == {later}
    assert hr.post(address, {"due_on": "2020-01-01"}).status_code == 422


def test_withdrawn_it_is_owed_no_more_and_nothing_studied_is_lost(hr, cast):
    hr.post(reverse("hr_assign"), choice(cast))
    lesson = Activity.objects.create(key=uuid.uuid4(), kind="lesson", course=cast.course, title="Mật khẩu")
    LessonProgress.objects.create(
        official=cast.official,
        lesson=lesson,
        course=cast.course,
        **dict.fromkeys(("finished_at", "earliest_at", "latest_at"), timezone.now()),
    )
    address = reverse("hr_assignment_withdraw", args=[Assignment.objects.get().pk])
    assert hr.get(address).context["unfinished"] == 3
    assert Assignment.objects.in_force().exists()
    assert hr.post(address).status_code == 302
    assert Assignment.objects.get().withdrawn_by == cast.hr
    assert not Enrolment.objects.filter(is_assigned=True).exists()
    assert Enrolment.objects.get().official == cast.official
    withdrawn_at = Assignment.objects.get().withdrawn_at
    for late in (address, reverse("hr_assignment_deadline", args=[Assignment.objects.get().pk])):
        answer = hr.post(late, {"due_on": DUE.isoformat()}, follow=True)
        assert [message.level_tag for message in answer.context["messages"]][-1:] == ["warning"]
    assert Assignment.objects.get().withdrawn_at == withdrawn_at


def test_an_assignment_from_above_is_seen_but_not_touched(hr, cast):
    above = make_assignment(cast.course, cast.province, by=cast.province_hr)
    beside = make_assignment(cast.course, cast.muong_kim)
    rows = hr.get(reverse("hr_assignments")).context["page"].object_list
    assert above in rows
    assert beside not in rows
    for assignment in (above, beside):
        for name in ("hr_assignment_deadline", "hr_assignment_withdraw"):
            address = reverse(name, args=[assignment.pk])
            assert hr.get(address).status_code == 404
            assert hr.post(address, {"due_on": DUE.isoformat()}).status_code == 404
    assert Assignment.objects.in_force().count() == 2


def test_the_province_assigns_to_everyone(client, cast):
    client.force_login(cast.province_hr)
    client.post(reverse("hr_assign"), choice(cast, unit="LC"))
    assert Enrolment.objects.filter(is_assigned=True).count() == 6


def test_who_assigns_the_same_at_the_same_time_is_told_that_it_is_assigned(hr, cast):
    with meanwhile('FROM "records_assignment"', lambda: make_assignment(cast.course, cast.than_uyen)):
        answer = hr.post(reverse("hr_assign"), choice(cast))
    assert answer.status_code == 422
    assert Assignment.objects.count() == 1


def test_who_withdraws_the_same_at_the_same_time_does_nothing_more(hr, cast):
    assignment = make_assignment(cast.course, cast.than_uyen)
    same = Assignment.objects.get()
    with meanwhile('FROM "records_assignment"', lambda: enrolments.withdraw(same, by=cast.colleague)):
        answer = hr.post(reverse("hr_assignment_withdraw", args=[assignment.pk]))
    assert answer.status_code == 302
    assert Assignment.objects.get().withdrawn_by == cast.colleague
    assert not ModelLogEntry.objects.exists()


def test_who_changes_the_deadline_of_what_is_withdrawn_at_the_same_time_is_told(hr, cast):
    assignment = make_assignment(cast.course, cast.than_uyen, due=DUE)
    same, later = Assignment.objects.get(), DUE + timedelta(days=10)
    address = reverse("hr_assignment_deadline", args=[assignment.pk])
    with meanwhile('FROM "records_assignment"', lambda: enrolments.withdraw(same, by=cast.colleague)):
        answer = hr.post(address, {"due_on": later.isoformat()}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert Assignment.objects.get().due_on == DUE
    assert not ModelLogEntry.objects.exists()
