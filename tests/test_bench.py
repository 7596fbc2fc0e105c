"""The benches run, at a size at which their figures mean nothing; nobody waits for a budget to notice one is broken."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.bench import __main__ as bench
from tests.bench import sites
from tests.bench.row import Row, Work
from tests.browser.conftest import ROOT, Site


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Work(tmp_path_factory.mktemp("bench"), small=True)


@pytest.mark.parametrize("name", bench.BENCHES)
def test_a_bench_measures_something_at_small_size(work, name):
    rows = bench.run([name], work)
    assert rows
    assert all(row.measured > 0 for row in rows)


def test_the_table_says_what_was_missed():
    rows = [Row("a page", 41.25, "KB", 40), Row("an answer", 3, "ms", 4), Row("told only", 1200, "bytes")]
    assert [row.verdict for row in rows] == ["missed", "met", ""]
    assert "| a page | ≤ 40 KB | 41.2 KB | missed |  |" in bench.markdown_table(rows)
    assert bench.text_table(rows).splitlines()[3].split() == ["told", "only", "1,200", "bytes"]


def test_bulk_data_is_refused_where_there_are_real_officials(work):
    site = sites.demo(work)
    done = subprocess.run(
        [sys.executable, "manage.py", "load_scale", "--officials", "5", "--courses", "1"],
        cwd=ROOT, env=site.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "not bulk data" in done.stderr
    assert site.rows("select count(*) from officials_official where staff_number like 'SCALE-%'") == [(0,)]


def test_bulk_data_agrees_with_what_the_records_would_make_of_it(work):
    """Enrolments written in bulk are those that assignments, lessons and completions give."""
    var = work.place / "agrees"
    shutil.copytree(sites.province(work).var, var)
    site = Site(var)
    columns = "official_id, course_id, is_assigned, assigned_on, due_on, started_at, completed_on"
    rows = f"select {columns} from records_enrolment where official_id in" \
           " (select id from officials_official where staff_number like 'SCALE-%') order by 1, 2"  # fmt: skip
    before = site.rows(rows)
    site.manage("refresh_enrolments", "--verbosity", "0")
    assert site.rows(rows) == before
    assert len(before) == 200 * sites.COURSES
    assert json.loads(site.rows("select content from courses_edition limit 1")[0][0])["steps"]
