"""Fills the site of VAR_DIR and DATABASE_URL with what browsers are shown: units, accounts and courses.

Called by conftest.py, and by .ci/test beforehand, as a process of its own: ``python -m tests.browser.demo``.
"""

import os

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection


def fill() -> None:
    call_command("migrate", verbosity=0)
    # .ci/test has collected them already.
    if not settings.STATIC_ROOT.exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("compile_texts")
    call_command("load_demo", force=True, without_history=True, verbosity=0)
    with connection.cursor() as cursor:
        # One file to copy, with nothing left in the write-ahead log; or tables looked at, as within a minute they are.
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)" if connection.vendor == "sqlite" else "ANALYZE")
    connection.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "training.settings")
    django.setup()
    fill()
