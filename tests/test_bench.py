"""The table of the benches, and the bulk data they measure: it is what the records themselves would have made."""

import pytest
from django.core.management import call_command
from django.db import transaction

from courses.models import Edition
from tests.bench import __main__ as bench
from tests.bench import reports
from tests.bench.row import Row
from training.records.models import Enrolment

OFFICIALS, COURSES = 20, 3
pytestmark = pytest.mark.usefixtures("kept_connection")


@pytest.fixture(scope="module")
def bulk(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_scale", officials=OFFICIALS, courses=COURSES, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def province(bulk, db):
    """The bulk data, as one test may change it."""


def test_the_table_says_what_was_missed():
    rows = [Row("a page", 41.25, "KB", 40), Row("an answer", 3, "ms", 4), Row("told only", 1200, "bytes")]
    assert [row.verdict for row in rows] == ["missed", "met", ""]
    assert "| a page | ≤ 40 KB | 41.2 KB | missed |  |" in bench.markdown_table(rows)
    assert bench.text_table(rows).splitlines()[3].split() == ["told", "only", "1,200", "bytes"]


def test_bulk_data_agrees_with_what_the_records_would_make_of_it(province):
    """Enrolments written in bulk are those that assignments, lessons and completions give."""
    columns = ("official", "course", "is_assigned", "assigned_on", "due_on", "started_at", "completed_on")
    rows = Enrolment.objects.order_by("official", "course").values_list(*columns)
    before = list(rows)
    call_command("refresh_enrolments", verbosity=0)
    assert list(rows.all()) == before
    assert len(before) == OFFICIALS * COURSES
    assert len({row[4:] for row in before}) > COURSES
    assert Edition.objects.first().content["steps"]


def test_the_bench_of_reports_measures_the_whole_province(province):
    found = reports.main(times=1)
    assert (found["officials"], found["courses"], found["rows"]) == (OFFICIALS, COURSES, OFFICIALS * COURSES)
    screen, file = reports.told(found, "SQLite")
    assert "20 officials × 3 courses" in screen.metric
    assert screen.measured > 0
    assert file.measured > 0
