"""HR's report over a province: 10,000 officials × 10 courses on the screen, and 100,000 rows of it as CSV. Wall time.

``measure`` starts this module inside the province's settings, on SQLite and, where a database is given, on PostgreSQL.
"""

import json
import os
import sys
import time
from statistics import median

from tests import postgresql
from tests.bench import sites
from tests.bench.row import Row, Work
from tests.bench.server import Caller, session_of

REPORT = "/admin/reports/training/completion/"
PERSONS = "/admin/reports/training/completion/persons/?export=csv"


def measure(work: Work) -> list[Row]:
    times = work.times(7)
    rows = told(sites.inside(sites.province(work), "tests.bench.reports", times=times), "SQLite")
    if work.database_url:
        # Beside the demo: bulk data refuses a database with other officials.
        database_url = postgresql.make(work.database_url, "training_bench_province")
        site = sites.province(work, "province-postgresql", database_url)
        rows += told(sites.inside(site, "tests.bench.reports", times=times), "PostgreSQL")
    return rows


def told(found: dict, database: str) -> list[Row]:
    size = f"{found['officials']:,} officials × {found['courses']} courses"
    return [
        Row(f"HR's report, {size}, {database}", found["report"], "ms", 500),
        Row(f"… persons as CSV, {found['rows']:,} rows", found["csv"], "s", 3),
    ]


# --- inside the site ---------------------------------------------------------------------------------------------


def main(times: int) -> dict:
    from training.officials import groups
    from training.officials.models import Grant, Official, Role, Unit
    from training.records.models import Enrolment

    officer, made = Official.objects.get_or_create(staff_number="BENCH-HR", defaults={"full_name": "Lường Thị Ánh"})
    if made:
        Grant.objects.create(official=officer, role=Role.HR, unit=Unit.objects.get(code="12"))
        groups.settle([officer])
    caller = Caller(session_of(officer))
    screens, files, lines = [], [], 0
    for _ in range(times + 1):
        began = time.perf_counter()
        status, _, body, *_ = caller.call("GET", REPORT)
        screens.append(time.perf_counter() - began)
        assert status == 200, body[:500]
    for _ in range(min(times, 3)):
        began = time.perf_counter()
        status, _, body, *_ = caller.call("GET", PERSONS)
        files.append(time.perf_counter() - began)
        lines = body.count(b"\n") - 1
    rows = Enrolment.objects.count()
    assert (status, lines) == (200, rows), (status, lines, rows, body[:500])
    return {
        "officials": Enrolment.objects.values("official").distinct().count(),
        "courses": Enrolment.objects.values("course").distinct().count(),
        "rows": lines,
        # The first one compiles the templates.
        "report": median(screens[1:]) * 1000,
        "csv": median(files),
    }


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "training.settings")
    django.setup()
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
