"""Shared by all tests: a place of their own for whatever is not code."""

import gc
import os
import tempfile
from pathlib import Path

# Before Django reads its settings: tests never touch the database, keys or uploads of a running site.
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="training-tests-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """What tests write is never committed, so PostgreSQL's housekeeping notes every table as empty; planning for one
    row in each, HR's lists took it minutes. Without that note it goes by the size of the tables, which is right.
    """
    from django.db import connection

    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)')
    # What is in memory by now stays there: looking through it for garbage again and again cost a tenth of the run.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def _no_static_files(tmp_path_factory):
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def _settings_for_tests(settings, _no_static_files):
    # Hashed names need collectstatic; only the browser tests, which run a server of their own, have done it.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Every test client sets the site up anew and would look at each of the collected files.
    settings.STATIC_ROOT = _no_static_files
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def _empty_caches():
    from django.core.cache import caches

    for name in ("default", "content"):
        caches[name].clear()


@pytest.fixture
def kept_connection(monkeypatch):
    """For tests that call the WSGI application or the worker itself: both let Django close old connections, and it
    takes one whose transaction is open, as every test's is, for broken. (Its own test client keeps it too; SQLite's
    database in memory cannot be closed and shows nothing.)
    """
    from django.db.backends.base.base import BaseDatabaseWrapper

    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete
    monkeypatch.setattr(
        BaseDatabaseWrapper,
        "close_if_unusable_or_obsolete",
        lambda connection: None if connection.in_atomic_block else close(connection),
    )
