"""The report as HR uses it: filters, drilling down, searching, a person's record, the access log."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.reports.cast import enrol, make_official, make_phone, make_unit
from training.officials.models import Category
from training.reports.models import AccessRecord

TODAY = timezone.localdate()


@pytest.fixture
def report(client, cast):
    """Than Uyên's HR officer, with one overdue, one completed, and a stranger's row she must not see."""
    enrol(cast.official, cast.course, due=TODAY - timedelta(days=7), started=timezone.now())
    enrol(cast.colleague, cast.course, completed=date(2026, 10, 5))
    enrol(cast.stranger, cast.course)
    client.force_login(cast.hr)
    return client


def get(client, name="reports_completion", **data):
    return client.get(reverse(name), data)


def test_the_table_shows_numbers_that_sum_and_a_bar_with_the_same_numbers(report, cast):
    answer = get(report)
    total = answer.context["summary"].total
    assert (total.assigned, total.completed, total.in_progress, total.not_started) == (2, 1, 1, 0)
    page = answer.content.decode()
    assert page.count('<rect class="c1"') == 1 + len(answer.context["bars"])
    assert "50,0%" in page


def test_a_line_opens_to_courses_and_a_course_to_persons_without_script(report, cast):
    page = get(report).content.decode()
    assert f'aria-expanded="false" data-part="u-{cast.than_uyen.pk}' in page
    page = get(report, open="TU!", open_course=str(cast.course.pk)).content.decode()
    page += get(report, open="TU-VH", open_course=str(cast.course.pk)).content.decode()
    assert "Lò Thị Đào" in page
    assert 'aria-expanded="true"' in page


def test_the_script_gets_the_line_alone(report, cast):
    answer = get(report, open="TU!", open_course=str(cast.course.pk), part=f"{cast.than_uyen.pk}d")
    page = answer.content.decode()
    assert page.strip().startswith("<tbody")
    assert "<html" not in page
    assert "Lò Thị Đào" in page
    assert get(report, part="999").status_code == 404


@pytest.mark.parametrize("name", ["reports_completion", "reports_persons"])
@pytest.mark.parametrize("export", ["", "csv", "xlsx"])
def test_a_unit_or_course_outside_her_scope_is_not_found(report, cast, name, export):
    enrol(cast.stranger, cast.other_course)
    for choice in (
        {"unit": "MK"},
        {"unit": "LC"},
        {"unit": "nowhere"},
        {"course": str(cast.other_course.pk)},
        {"course": "x"},
        {"category": "x"},
    ):
        assert get(report, name, **choice, export=export).status_code == 404, choice
    assert not AccessRecord.objects.exists()


def test_filters_narrow_to_unit_category_and_course(report, cast):
    cast.colleague.postings.update(category=Category.CONTRACT)
    assert get(report, unit="TU-VH").context["summary"].total.assigned == 1
    assert get(report, category=Category.CONTRACT).context["summary"].total.assigned == 1
    assert get(report, course=str(cast.course.pk)).context["summary"].total.assigned == 2


@pytest.mark.parametrize("name", ["reports_completion", "reports_persons"])
def test_posted_there_directly_holds_for_the_unit_it_was_said_of_only(report, cast, name):
    def chosen(**data):
        answer = get(report, name, **data)
        form = answer.context["form"]
        return form.selection().units.count(), form["direct"].value()

    assert chosen(unit="TU", direct="TU") == (1, "TU")
    assert chosen(unit="TU-VH", direct="TU") == (1, None)
    whole = chosen(unit="TU")
    assert whole[0] > 1
    assert chosen(unit="TU", direct="TU-VH") == whole
    assert "direct=TU&amp;" in get(report, unit="TU").content.decode()


def test_a_period_has_its_own_column_and_list(report, cast):
    page = get(report, period="2026-Q4")
    total = page.context["summary"].total
    assert (total.assigned, total.completed, total.completed_in_period) == (2, 1, 1)
    assert get(report, period="2026-Q3").context["summary"].total.completed_in_period == 0
    rows = get(report, "reports_persons", period="custom", start="2026-10-05", end="2026-10-05", state="in_period")
    assert [line.official for line in rows.context["lines"]] == [cast.colleague]


def test_a_wrong_period_is_said_and_shows_no_data(report):
    for choice in ({"period": "2026-Q9"}, {"start": "2026-10-05", "end": "2026-10-04"}, {"start": "yesterday"}):
        answer = get(report, **choice)
        assert answer.context["form"].errors
        assert "summary" not in answer.context


def test_a_name_is_searched_by_post_and_stands_in_no_address(report, cast):
    answer = report.post(reverse("reports_persons"), {"q": "dao"})
    assert [line.official for line in answer.context["lines"]] == [cast.official]
    page = answer.content.decode()
    assert "?q=" not in page
    assert "&q=" not in page
    assert [line.official for line in get(report, "reports_persons", q="dao").context["lines"]] != [cast.official]


def test_what_was_searched_for_is_exported_and_logged(report, cast):
    answer = report.post(reverse("reports_persons"), {"q": "dao", "export": "csv"})
    assert "Đào" in b"".join(answer.streaming_content).decode("utf-8-sig")
    record = AccessRecord.objects.get()
    assert (record.official, record.what, record.rows, record.filters) == (cast.hr, "csv", 1, {"search": "dao"})


def test_a_person_shows_state_deadline_and_last_contact_in_words(report, cast):
    make_phone(cast.official, timezone.now() - timedelta(days=44))
    line = get(report, "reports_persons", state="unfinished").context["lines"][0]
    assert line.state.icon == "half"
    assert (line.due.tone, "7" in line.due.text) == ("bad", True)
    assert (line.contact.tone, "44" in line.contact.text) == ("warn", True)


def test_pages_of_fifty_keep_the_filter(report, cast):
    for number in range(60):
        enrol(make_official(f"CB-7{number:03}", unit=cast.than_uyen), cast.course)
    first = get(report, "reports_persons", state="not_started")
    assert len(first.context["lines"]) == 50
    assert "state=not_started&amp;p=2" in first.content.decode()
    assert len(get(report, "reports_persons", state="not_started", p=2).context["lines"]) == 10


def test_reading_a_record_is_logged(report, cast):
    answer = get_person(report, cast.official)
    assert answer.status_code == 200
    record = AccessRecord.objects.get()
    assert (record.what, record.filters) == ("person", {"official": str(cast.official.public_id)})


def get_person(client, official):
    return client.get(reverse("reports_person", args=[official.public_id]))


def test_a_record_of_another_unit_is_not_found_and_not_logged(report, cast):
    assert get_person(report, cast.stranger).status_code == 404
    assert not AccessRecord.objects.exists()


def test_the_access_log_names_person_report_and_filters(client, cast):
    enrol(cast.official, cast.course)
    client.force_login(cast.hr)
    get(client, export="csv", unit="TU", course=str(cast.course.pk))
    get_person(client, cast.official)
    client.force_login(cast.province_hr)
    page = get(client, "reports_access_log").content.decode()
    for words in (cast.hr.full_name, "Than Uyên", "ATTT-01", "Lò Thị Đào"):
        assert words in page


def test_an_empty_report_says_so(client, cast):
    client.force_login(cast.hr)
    assert get(client).status_code == 200
    assert get(client, "reports_persons").status_code == 200


def test_a_name_is_never_taken_for_markup(client, cast):
    person = make_official("CB-0666", "<b>Lò</b> Văn Á", cast.than_uyen)
    enrol(person, cast.course)
    client.force_login(cast.hr)
    assert "<b>Lò</b>" not in get(client, "reports_persons").content.decode()


@pytest.mark.parametrize("name", ["reports_completion", "reports_persons"])
def test_the_number_of_queries_does_not_grow_with_the_rows(client, cast, name, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.province_hr)
    enrol(cast.official, cast.course)
    get(client, name)
    with CaptureQueriesContext(connection) as few:
        get(client, name)
    for number in range(15):
        unit = make_unit(f"N{number}", f"Xã {number}", parent=cast.province)
        enrol(make_official(f"CB-6{number:03}", unit=unit), cast.course)
        enrol(cast.official if number == 0 else make_official(f"CB-5{number:03}", unit=unit), cast.other_course)
    with django_assert_num_queries(len(few)):
        get(client, name)
    # Of these, the report's own are five; the rest is session, grants, choosers and Wagtail's menu.
    assert len(few) <= 45


def test_her_first_page_in_the_admin_leads_to_her_work_and_a_trainers_does_not(client, cast):
    work = [reverse(name) for name in ("reports_completion", "reports_waiting", "hr_officials", "hr_assignments")]
    client.force_login(cast.hr)
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert all(f' href="{address}">' in page for address in work)
    assert "whats-new" not in page
    client.force_login(cast.trainer)
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert not any(f' href="{address}">' in page for address in work)
