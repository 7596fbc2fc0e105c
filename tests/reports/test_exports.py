"""The files: safe to open, typed, in the right encoding, each with its line in the access log."""

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Edition
from tests.reports.cast import enrol, make_official
from training.records.models import Completion
from training.reports.models import AccessRecord

TODAY = timezone.localdate()


@pytest.fixture
def hr(client, cast):
    enrol(cast.official, cast.course, due=TODAY - timedelta(days=7), started=timezone.now())
    enrol(cast.colleague, cast.course, completed=date(2026, 10, 5))
    enrol(cast.stranger, cast.course)
    client.force_login(cast.hr)
    return client


def read_csv(client, name, **data):
    answer = client.get(reverse(name), {**data, "export": "csv"})
    body = b"".join(answer.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def read_xlsx(client, name, **data):
    answer = client.get(reverse(name), {**data, "export": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return book.active


def test_the_summary_has_a_row_for_each_unit_and_course(hr, cast):
    rows = read_csv(hr, "reports_completion")
    assert [row[0] for row in rows[1:]] == ["TU", "TU-VH"]
    assert rows[1][4:] == ["1", "0", "1", "0", "1", "1"]
    assert rows[2][4:] == ["1", "1", "0", "0", "0", "0"]


def test_a_file_holds_her_units_only(hr, cast):
    numbers = [row[0] for row in read_csv(hr, "reports_persons")[1:]]
    assert numbers == ["CB-0001", "CB-0002"]


def test_every_file_is_in_the_access_log_with_filters_and_rows(hr, cast):
    read_csv(hr, "reports_persons", state="overdue", unit="TU")
    read_xlsx(hr, "reports_completion")
    records = list(AccessRecord.objects.order_by("pk"))
    assert [(each.official, each.what, each.report, each.rows) for each in records] == [
        (cast.hr, "csv", "persons", 1),
        (cast.hr, "xlsx", "completion", 2),
    ]
    assert records[0].filters == {"unit": "TU", "state": "overdue"}


@pytest.mark.parametrize("name", ["=1+1", "+84", "-1", "@SUM(A1)", "＝1+1", "=cmd|' /C calc'!A0"])
def test_no_name_becomes_a_formula(hr, cast, name):
    person = make_official("CB-0666", name, cast.than_uyen)
    enrol(person, cast.course)
    cells = [row for row in read_csv(hr, "reports_persons") if row[0] == "CB-0666"][0]
    assert cells[1] == "'" + person.full_name
    cell = next(row[1] for row in read_xlsx(hr, "reports_persons").iter_rows() if row[0].value == "CB-0666")
    assert (cell.data_type, cell.value) == ("s", person.full_name)


def test_a_tab_or_line_break_at_the_start_is_made_safe_too():
    from training.reports.exports import safe

    for text in ("\t=1", "\r=1", "\n=1"):
        assert safe(text) == "'" + text
    assert safe("Lò Thị Đào") == "Lò Thị Đào"
    assert safe(-5) == -5


def test_numbers_are_numbers_and_staff_numbers_text(hr, cast):
    person = make_official("000123", "Lò Văn An", cast.than_uyen)
    enrol(person, cast.course, completed=date(2026, 10, 5))
    sheet = read_xlsx(hr, "reports_completion")
    assert [cell.data_type for cell in sheet[2]] == ["s"] * 4 + ["n"] * 6
    row = next(row for row in read_xlsx(hr, "reports_persons").iter_rows() if row[0].value == "000123")
    assert row[0].data_type == "s"
    assert (row[10].is_date, row[10].value.date()) == (True, date(2026, 10, 5))
    answer = hr.get(reverse("reports_persons"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert '"000123"' in text
    answer = hr.get(reverse("reports_completion"), {"export": "csv"})
    assert ",2,1,1,0,1,1" in b"".join(answer.streaming_content).decode("utf-8-sig")


DUE = TODAY - timedelta(days=30)
UNCERTAIN = ("Đúng hạn, chưa chắc chắn", None, "Đúng hạn, chưa chắc chắn")


@pytest.mark.parametrize(
    ("first", "last", "kept", "late", "on_screen"),
    [
        (DUE, DUE, "Đúng hạn", None, "Đúng hạn"),
        (DUE - timedelta(days=3), DUE + timedelta(days=2), *UNCERTAIN),
        (DUE + timedelta(days=1), DUE + timedelta(days=9), "Trễ", 1, "Trễ 1 ngày"),
        (DUE + timedelta(days=12), DUE + timedelta(days=12), "Trễ", 12, "Trễ 12 ngày"),
    ],
    ids=["on the last day", "between", "surely late", "late to the day"],
)
def test_a_completion_is_late_in_the_file_as_it_is_on_the_screen(client, cast, first, last, kept, late, on_screen):
    enrol(cast.official, cast.course, due=DUE, completed=last)
    enrol(cast.colleague, cast.course, due=DUE)
    Completion.objects.create(
        official=cast.official,
        course=cast.course,
        edition=Edition.objects.create(name="a" * 64, course=cast.course, number=1, content={"steps": []}),
        course_title=cast.course.title,
        completed_at=timezone.now(),
        completed_on=last,
        earliest_on=first,
        latest_on=last,
        recorded_at=timezone.now(),
        issued_seq=1,
    )
    client.force_login(cast.hr)
    heading, *rows = read_xlsx(client, "reports_persons").iter_rows(values_only=True)
    place = heading.index("Ngày hoàn thành") + 1
    assert heading[place : place + 2] == ("So với hạn", "Số ngày trễ")
    by_number = {row[0]: row[place : place + 2] for row in rows}
    assert by_number[cast.official.staff_number] == (kept, late)
    assert by_number[cast.colleague.staff_number] in [("", None), (None, None)]
    assert on_screen in client.get(reverse("reports_persons")).content.decode()


def test_the_excel_sheet_has_a_frozen_heading_and_filters(hr):
    sheet = read_xlsx(hr, "reports_persons")
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:P3"


def test_the_period_adds_its_column(hr):
    assert read_csv(hr, "reports_completion", period="2026-Q4")[2][-1] == "1"


def test_an_unknown_kind_of_file_is_just_the_page(hr):
    assert "text/html" in hr.get(reverse("reports_completion"), {"export": "exe"})["Content-Type"]


def test_persons_take_a_fixed_number_of_queries(cast, django_assert_num_queries):
    from training.officials import access
    from training.reports import exports, queries

    for number in range(30):
        enrol(make_official(f"CB-4{number:03}", unit=cast.than_uyen), cast.course)
    selection = queries.Selection(units=access.units_of(cast.hr))
    with django_assert_num_queries(5):
        _title, _headings, rows = exports.persons_sheet(selection)
        assert len(list(rows)) == 30


def test_a_section_is_named_with_its_commune_because_every_commune_has_one_of_that_name(hr, cast):
    whole = "Phòng Văn hóa – Xã hội, Xã Than Uyên"
    assert whole in [row[3] for row in read_csv(hr, "reports_persons")[1:]]
    assert whole in hr.get(reverse("reports_persons")).content.decode()
    assert whole in hr.get(reverse("reports_person", args=[cast.colleague.public_id])).content.decode()
    assert whole in hr.get(reverse("hr_officials")).content.decode()
