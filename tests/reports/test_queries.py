"""The numbers of the report: a slow obvious recount agrees with SQL, whatever the data."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reports.cast import enrol, make_course, make_official, make_phone, make_unit
from training.officials import access
from training.officials.models import Category, Posting, Unit
from training.records.models import Enrolment
from training.reports import queries
from training.sync.models import Device

TODAY = timezone.localdate()


def everything(cast, **choice):
    return selection_of(cast.province_hr, **choice)


def selection_of(actor, **choice):
    return queries.Selection(units=access.units_of(actor), tops=tuple(access.tops_of(actor)), **choice)


def test_a_line_for_each_unit_below_the_top_with_all_below_it(cast):
    enrol(cast.official, cast.course, completed=TODAY)
    enrol(cast.colleague, cast.course)
    enrol(cast.stranger, cast.course, started=timezone.now())
    summary = queries.summarise(everything(cast))
    seen = {line.unit.code: (line.total.assigned, line.total.completed) for line in summary.lines}
    assert seen == {"TU": (2, 1), "MK": (1, 0)}
    assert (summary.persons, summary.women) == (3, 2)


def test_those_posted_at_the_top_itself_have_a_line_of_their_own(cast):
    enrol(cast.trainer, cast.course)
    enrol(cast.official, cast.course)
    lines = queries.summarise(everything(cast)).lines
    assert {(line.unit.code, line.direct) for line in lines} == {("LC", True), ("TU", False)}


def test_an_hr_officer_sees_her_subtree_only(cast):
    enrol(cast.official, cast.course)
    enrol(cast.stranger, cast.course)
    summary = queries.summarise(selection_of(cast.hr))
    assert summary.total.assigned == 1
    assert [row.official for row in queries.persons(selection_of(cast.hr))] == [cast.official]


def test_a_completion_before_the_assignment_counts(cast):
    enrol(cast.official, cast.course, completed=TODAY - timedelta(days=200))
    assert queries.summarise(everything(cast)).total.completed == 1


def test_what_is_studied_without_being_assigned_does_not_count(cast):
    enrol(cast.official, cast.course, assigned=False, completed=TODAY)
    assert queries.summarise(everything(cast)).total.assigned == 0


def test_overdue_begins_the_day_after_the_deadline(cast):
    enrol(cast.official, cast.course, due=TODAY)
    enrol(cast.colleague, cast.course, due=TODAY - timedelta(days=1))
    assert queries.summarise(everything(cast)).total.overdue == 1


def test_a_late_completion_is_not_overdue(cast):
    enrol(cast.official, cast.course, due=TODAY - timedelta(days=9), completed=TODAY)
    assert queries.summarise(everything(cast)).total.overdue == 0


@pytest.mark.parametrize(("days", "silent"), [(0, 0), (6, 0), (8, 1), (None, 1)])
def test_not_heard_from_means_no_phone_spoke_for_seven_days(cast, days, silent):
    enrol(cast.official, cast.course)
    make_phone(cast.official, timezone.now() - timedelta(days=90))
    if days is not None:
        make_phone(cast.official, timezone.now() - timedelta(days=days))
    assert queries.summarise(everything(cast)).total.silent == silent


def test_the_number_of_days_is_a_setting(cast, settings):
    settings.REPORTS_SILENT_DAYS = 30
    enrol(cast.official, cast.course)
    make_phone(cast.official, timezone.now() - timedelta(days=20))
    assert queries.summarise(everything(cast)).total.silent == 0


def test_the_server_witnessing_for_her_is_not_her_phone(cast):
    enrol(cast.official, cast.course)
    make_phone(cast.official, kind=Device.Kind.SERVER)
    assert queries.summarise(everything(cast)).total.silent == 1


def test_a_plain_form_of_hers_is(cast):
    enrol(cast.official, cast.course)
    make_phone(cast.official, timezone.now(), kind=Device.Kind.SERVER)
    assert queries.summarise(everything(cast)).total.silent == 0
    assert cast.official.pk in queries.last_contacts([cast.official.pk])


def test_who_has_completed_is_never_not_heard_from(cast):
    enrol(cast.official, cast.course, completed=TODAY)
    assert queries.summarise(everything(cast)).total.silent == 0


def test_the_period_goes_by_the_completion_date_and_leaves_the_states_alone(cast):
    enrol(cast.official, cast.course, completed=date(2026, 9, 30))
    enrol(cast.colleague, cast.course, completed=date(2026, 10, 1))
    enrol(cast.stranger, cast.course)
    choice = everything(cast, start=date(2026, 10, 1), end=date(2026, 12, 31))
    total = queries.summarise(choice).total
    assert (total.assigned, total.completed, total.completed_in_period) == (3, 2, 1)
    assert [row.official for row in queries.persons(choice, "in_period")] == [cast.colleague]


def test_a_moved_official_counts_where_she_is_posted_today(cast):
    enrol(cast.official, cast.course)
    cast.official.postings.update(valid_to=TODAY - timedelta(days=1))
    Posting.objects.create(official=cast.official, unit=cast.muong_kim, category=Category.CADRE, valid_from=TODAY)
    assert [line.unit.code for line in queries.summarise(everything(cast)).lines] == ["MK"]
    assert queries.summarise(selection_of(cast.hr)).total.assigned == 0


def test_a_second_posting_beside_the_main_one_counts_nobody_twice(cast):
    enrol(cast.official, cast.course)
    Posting.objects.create(
        official=cast.official, unit=cast.muong_kim, category=Category.CADRE, valid_from=TODAY, is_main=False
    )
    assert queries.summarise(everything(cast)).total.assigned == 1


def test_category_and_course_narrow_the_numbers(cast):
    cast.colleague.postings.update(category=Category.CONTRACT)
    for person in (cast.official, cast.colleague):
        enrol(person, cast.course)
        enrol(person, cast.other_course)
    assert queries.summarise(everything(cast, course=cast.course)).total.assigned == 2
    assert queries.summarise(everything(cast, category=Category.CONTRACT)).total.assigned == 2


def test_persons_come_by_given_name_as_vietnamese_sorts(cast):
    names = ["Lò Thị Đào", "Giàng A Dung", "Vàng Văn Ân", "Nguyễn Thị Ánh", "Trần An", "Mùa A Ăn"]
    for number, name in enumerate(names):
        enrol(make_official(f"CB-9{number}", name, cast.than_uyen), cast.course)
    rows = queries.persons(everything(cast))
    assert [row.official.full_name.split()[-1] for row in rows] == ["An", "Ánh", "Ăn", "Ân", "Dung", "Đào"]


@pytest.mark.parametrize("typed", ["dao", "Đào", "đào", "lo thi", "dao lo", "cb-0001"])
def test_a_person_is_found_without_marks(cast, typed):
    for person in (cast.official, cast.colleague, cast.stranger):
        enrol(person, cast.course)
    assert [row.official for row in queries.persons(everything(cast), search=typed)] == [cast.official]


def test_hoa_is_found_however_its_mark_is_placed(cast):
    person = make_official("CB-0300", "Lù Thị Hòa", cast.than_uyen)
    enrol(person, cast.course)
    assert queries.persons(everything(cast), search="hoà").count() == 1


def test_the_summary_takes_five_queries_however_many_rows(cast, django_assert_num_queries):
    enrol(cast.official, cast.course)
    choice = everything(cast)
    with django_assert_num_queries(5):
        queries.summarise(choice)
    for number in range(20):
        person = make_official(f"CB-8{number:03}", unit=cast.muong_kim if number % 2 else cast.section)
        enrol(person, cast.course)
        enrol(person, cast.other_course)
    with django_assert_num_queries(5):
        queries.summarise(choice)


def recount(selection):
    """The same numbers the slow way: every row looked at one by one."""
    numbers = {}
    allowed = set(selection.units.values_list("pk", flat=True))
    for row in Enrolment.objects.select_related("official"):
        for posting in row.official.postings.all():
            on = posting.valid_from <= TODAY and (posting.valid_to is None or posting.valid_to >= TODAY)
            if posting.is_main and on:
                break
        else:
            continue
        if not row.is_assigned or posting.unit_id not in allowed:
            continue
        if selection.course and row.course_id != selection.course.pk:
            continue
        if selection.category and posting.category != selection.category:
            continue
        cell = numbers.setdefault((posting.unit_id, row.course_id), queries.Cell())
        cell.assigned += 1
        cell.first_due = min(filter(None, [cell.first_due, row.due_on]))
        cell.last_due = max(filter(None, [cell.last_due, row.due_on]))
        contacts = [d.last_contact_at for d in row.official.devices.all() if d.last_contact_at]
        if row.completed_on:
            cell.completed += 1
            after = selection.start is None or row.completed_on >= selection.start
            before = selection.end is None or row.completed_on <= selection.end
            cell.completed_in_period += after and before
            continue
        if row.started_at:
            cell.in_progress += 1
        else:
            cell.not_started += 1
        cell.overdue += row.due_on is not None and row.due_on < TODAY
        cell.silent += not any(contact >= selection.heard_since for contact in contacts)
    return numbers


days = st.integers(-20, 20).map(lambda n: TODAY + timedelta(days=n))
past = st.one_of(st.none(), st.integers(0, 20).map(lambda n: timezone.now() - timedelta(days=n, minutes=1)))
row = st.fixed_dictionaries(
    {
        "person": st.integers(0, 7),
        "course": st.integers(0, 2),
        "assigned": st.booleans(),
        "due": days,
        "started": past,
        "completed": st.one_of(st.none(), st.integers(0, 40).map(lambda n: TODAY - timedelta(days=n))),
    }
)
person = st.fixed_dictionaries(
    {
        "unit": st.integers(0, 4),
        "category": st.sampled_from(Category.values),
        "sex": st.sampled_from("fm"),
        "moved": st.one_of(st.none(), st.tuples(st.integers(0, 4), st.integers(-5, 5))),
        "phones": st.lists(st.tuples(past, st.sampled_from(["phone", "server"])), max_size=2),
    }
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(person, min_size=8, max_size=8),
    rows=st.lists(row, max_size=16, unique_by=lambda each: (each["person"], each["course"])),
    top=st.integers(0, 4),
    course=st.one_of(st.none(), st.integers(0, 2)),
    category=st.sampled_from(["", *Category.values]),
    start=st.one_of(st.none(), days),
    end=st.one_of(st.none(), days),
)
def test_sql_agrees_with_a_recount(transactional_example, people, rows, top, course, category, start, end):
    with transactional_example():
        units = [make_unit("P", "Tỉnh", "province")]
        units += [make_unit(f"U{n}", f"Xã {n}", parent=units[0]) for n in range(2)]
        units += [make_unit(f"S{n}", f"Phòng {n}", "section", parent=units[1]) for n in range(2)]
        courses = [make_course(f"K-{n}") for n in range(3)]
        officials = []
        for number, each in enumerate(people):
            official = make_official(
                f"CB-{number}", unit=units[each["unit"]], category=each["category"], sex=each["sex"]
            )
            if each["moved"]:
                target, days_from_now = each["moved"]
                day = TODAY + timedelta(days=days_from_now)
                official.postings.update(valid_to=day - timedelta(days=1))
                Posting.objects.create(official=official, unit=units[target], category=each["category"], valid_from=day)
            for heard, kind in each["phones"]:
                make_phone(official, heard, kind=kind)
            officials.append(official)
        for each in rows:
            each = dict(each)
            enrol(officials[each.pop("person")], courses[each.pop("course")], **each)
        selection = queries.Selection(
            units=access.subtree(units[top]),
            tops=(units[top],),
            course=None if course is None else courses[course],
            category=category,
            start=start,
            end=end,
        )
        expected = recount(selection)
        assert queries.cells(selection) == expected
        summary = queries.summarise(selection)
        whole = queries.Cell()
        for cell in expected.values():
            whole.add(cell)
            assert cell.assigned == cell.completed + cell.in_progress + cell.not_started
        assert summary.total == whole
        assert queries.persons(selection).count() == whole.assigned
        for state, number in [
            ("completed", whole.completed),
            ("in_period", whole.completed_in_period),
            ("in_progress", whole.in_progress),
            ("not_started", whole.not_started),
            ("unfinished", whole.unfinished),
            ("overdue", whole.overdue),
            ("silent", whole.silent),
        ]:
            assert queries.persons(selection, state).count() == number
        assert Unit.objects.count() == 5
