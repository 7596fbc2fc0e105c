"""CSV and Excel files of the report, written to a temporary file first: a slow download then holds no query open.

Called by the report's views, which log each file with its filters and number of rows. CSV is UTF-8 with a byte order
mark (Excel guesses another encoding without it). Text is safe to open: what a spreadsheet would run as a formula
gets an apostrophe before it in CSV, and in Excel files is written as a string cell. Numbers and dates stay numbers
and dates; staff numbers stay text.
"""

import codecs
import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache

import xlsxwriter
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.http import FileResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from training.officials.models import Category, Unit, say_whose_sections
from training.records.models import Completion
from training.reports import queries
from training.reports.models import AccessRecord
from training.reports.people import lies_between

#: What makes a spreadsheet take a text for a formula, the full-width forms some of them fold included.
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
FORMATS = (AccessRecord.What.EXPORT_CSV, AccessRecord.What.EXPORT_XLSX)

#: Values of a file whose spelling is kept while it is written: twice a province's names, numbers and times.
REMEMBERED = 65_536

Row = tuple
Sheet = tuple[str, list[str], Iterable[Row]]


def safe(value):
    """A CSV cell: numbers bare, everything else quoted text; days and (local) times as ISO; never a formula."""
    if isinstance(value, str):
        return "'" + value if value[:1] in _FORMULA_STARTS else value
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def write_csv(file, headings: list[str], rows: Iterable[Row]) -> int:
    # The mark by hand: the codec that writes it is Python's own, called for every row, and slow.
    file.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    out = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    # Most of a hundred thousand rows says again what another row said. By type too, or True would be said like 1.
    said = lru_cache(maxsize=REMEMBERED, typed=True)(safe)
    out.writerow(map(said, headings))
    count = 0
    for row in rows:
        out.writerow(map(said, row))
        count += 1
    text.flush()
    text.detach()
    return count


def write_xlsx(file, title: str, headings: list[str], rows: Iterable[Row]) -> int:
    """One sheet: heading row frozen, filters on, cells typed."""
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, min(max(len(heading), 12), 30))
    sheet.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(count, column, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(count, column, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(count, column, value, day)
            elif value is not None:
                sheet.write_number(count, column, value)
    sheet.autofilter(0, 0, max(count, 1), len(headings) - 1)
    book.close()
    return count


def summary_sheet(selection: queries.Selection) -> Sheet:
    """One row for each unit of the table and course."""
    headings = [
        _("Unit code"),
        _("Unit"),
        _("Course code"),
        _("Course"),
        _("Assigned"),
        _("Completed"),
        _("Studying"),
        _("Not begun"),
        _("Of which overdue"),
        _("Of which not heard from"),
    ]
    if selection.has_period:
        headings.append(_("Completed in the period"))
    return _("Completion"), headings, _summary_rows(selection)


def _summary_rows(selection) -> Iterator[Row]:
    for line in queries.summarise(selection).lines:
        for course, cell in line.courses.items():
            numbers = (
                cell.assigned,
                cell.completed,
                cell.in_progress,
                cell.not_started,
                cell.overdue,
                cell.silent,
            )
            last = (cell.completed_in_period,) if selection.has_period else ()
            yield (line.unit.code, line.name, course.code, course.title, *numbers, *last)


def persons_sheet(selection: queries.Selection, state: str = "", search: str = "") -> Sheet:
    """One row for each person and course. Five queries, whatever the number of rows."""
    headings = [
        _("Staff number"),
        _("Full name"),
        _("Sex"),
        _("Unit"),
        _("Personnel category"),
        _("Course code"),
        _("Course"),
        _("State"),
        _("Assigned on"),
        _("Deadline"),
        _("Completed on"),
        _("By the deadline"),
        _("Days late"),
        _("Overdue"),
        _("Not heard from"),
        _("Last contact"),
    ]
    return _("Persons and courses"), headings, _person_rows(selection, state, search)


def _person_rows(selection, state, search) -> Iterator[Row]:
    # Local time once for each person, not once for each cell: that alone would be a third of the file's time.
    heard = queries.last_contacts(queries.enrolments(selection).values("official"))
    contacts = {pk: (at, timezone.make_naive(at)) for pk, at in heard.items()}
    listed = list(Unit.objects.filter(pk__in=selection.units))
    say_whose_sections(listed)
    units = {unit.pk: unit.full_name for unit in listed}
    categories = {key: str(words) for key, words in Category.choices}
    sexes = {"f": _("Female"), "m": _("Male")}
    completed, in_progress, not_started = _("Completed"), _("Studying"), _("Not begun")
    in_time, not_certain, was_late = _("in time"), _("in time, not certain"), _("late")
    intervals = _intervals(selection)
    yes, today, heard_since = _("yes"), selection.today, selection.heard_since
    rows = (
        queries.persons(selection, state, search)
        .annotate(
            number=F("official__staff_number"),
            name=F("official__full_name"),
            sex=F("official__sex"),
            code=F("course__code"),
            title=F("course__title"),
            # Whether, not when: making times of it is a tenth of the file's time.
            started=ExpressionWrapper(Q(started_at__isnull=False), BooleanField()),
        )
        .values_list(
            "official", "course", "number", "name", "sex", "unit", "category", "code", "title",
            "assigned_on", "due_on", "started", "completed_on",
        )
    )  # fmt: skip
    for pk, course, number, name, sex, unit, category, code, title, assigned, due, started, done in rows.iterator(5000):
        heard_at, contact = contacts.get(pk, (None, None))
        standing = completed if done else in_progress if started else not_started
        kept, days_late = "", None
        if done and due is not None:
            earliest, latest = intervals.get((pk, course), (done, done))
            kept = not_certain if lies_between(due, earliest, latest) else in_time
            if earliest > due:
                kept, days_late = was_late, (earliest - due).days
        overdue = yes if not done and due is not None and due < today else ""
        silent = yes if not done and (heard_at is None or heard_at < heard_since) else ""
        yield (
            number, name, sexes.get(sex, ""), units[unit], categories[category], code, title, standing,
            assigned, due, done, kept, days_late, overdue, silent, contact,
        )  # fmt: skip


def _intervals(selection) -> dict[tuple, tuple[date, date]]:
    """Between which days these persons completed these courses, where that is not one day: as the screen judges."""
    completions = Completion.objects.filter(
        official__in=queries.enrolments(selection).values("official"), earliest_on__lt=F("latest_on")
    )
    if selection.course is not None:
        completions = completions.filter(course=selection.course)
    rows = completions.order_by().values_list("official", "course", "earliest_on", "latest_on")
    return {(official, course): days for official, course, *days in rows}


def export(actor, kind: str, report: str, filters: dict, make_sheet: Callable[[], Sheet]) -> FileResponse:
    """The file as an answer, and its line in the access log. No file leaves without the line."""
    title, headings, rows = make_sheet()
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    if kind == AccessRecord.What.EXPORT_XLSX:
        count = write_xlsx(file, title, headings, rows)
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        count = write_csv(file, headings, rows)
        content_type = "text/csv; charset=utf-8"
    AccessRecord.objects.create(official=actor, what=kind, report=report, filters=filters, rows=count)
    file.seek(0)
    stem = slugify(title.replace("đ", "d").replace("Đ", "D"))
    name = f"{stem}-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
