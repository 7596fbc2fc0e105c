"""The benches of the server and of packs run, within this process; nobody waits for a budget to notice one is broken.

Times mean nothing here, bytes do. Those with a browser are tried by running them: `python -m tests.bench --small`.
"""

import threading
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.core.servers.basehttp import WSGIServer
from django.db import connections
from django.test import TestCase
from django.test.testcases import QuietWSGIRequestHandler

from tests.bench import packs, server, ten_lessons
from tests.browser.conftest import Site
from tests.flows.conftest import demo, world  # noqa: F401 - fixtures
from training.officials.models import Official
from training.sync.models import Event
from training.wsgi import application

pytestmark = pytest.mark.usefixtures("kept_connection")


@contextmanager
def listening(site):
    """The application at the site's port, on this test's own connection: one request at a time."""
    web = WSGIServer(("127.0.0.1", site.port), QuietWSGIRequestHandler)
    web.set_app(application)
    ours = connections["default"]

    def serve():
        connections["default"] = ours
        web.serve_forever(poll_interval=0.05)

    ours.inc_thread_sharing()
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield site
    finally:
        web.shutdown()
        thread.join()
        web.server_close()
        ours.dec_thread_sharing()


def settled(work, *arguments):
    """What is to happen on commit happens now, as this test's transaction never commits."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return work(*arguments)


@pytest.mark.usefixtures("world")
def test_the_bench_of_packs_keeps_its_budgets_of_bytes(tmp_path):
    made = settled(ten_lessons.make, packs.LESSONS)
    with listening(Site(tmp_path)) as site:
        rows = packs.asked(site, made, lambda: settled(ten_lessons.edit))
    assert len(rows) == 4
    assert all(row.is_met for row in rows), rows
    assert all(row.measured > 100 for row in rows if row.unit == "bytes"), rows


@pytest.mark.usefixtures("world")
def test_the_bench_of_the_server_completes_a_course_for_each_official():
    rows = server.told_of(server.main(people=2, times=3))
    assert [row.budget for row in rows] == [4, 3, None, 15]
    assert all(row.measured > 0 for row in rows)
    assert Event.objects.filter(kind="completion_issued").count() == 2 + server.WARM


@pytest.mark.usefixtures("world")
def test_bulk_data_is_refused_where_there_are_real_officials():
    before = Official.objects.count()
    with pytest.raises(CommandError, match="not bulk data"):
        call_command("load_scale", officials=5, courses=1, verbosity=0)
    assert Official.objects.count() == before > 0
