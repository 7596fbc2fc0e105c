"""Who writes of an official while a delivery of hers is taken in: neither waits for the other in a circle."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from tests.learning import make_official, make_unit, post
from tests.meanwhile import LIMIT, comes_to_a_halt
from training.officials import staffing
from training.officials.models import Posting, Unit
from training.sync import ledger


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("lock", [lambda official: ledger.lock(official.pk), staffing.lock], ids=["delivery", "move"])
def test_rows_that_refer_to_her_are_written_meanwhile(lock):
    unit = make_unit("than-uyen")
    official = make_official("CB-0001")
    renamed = []

    def take_in():
        with transaction.atomic():
            lock(official)
            renamed.append(Unit.objects.filter(pk=unit.pk).update(name="Than Uyên"))

    def another():
        try:
            take_in()
        except OperationalError:
            # SQLite lets nobody else begin meanwhile, and a database in memory says so at once: it is asked again.
            # On PostgreSQL this is the deadlock.
            if connection.vendor == "sqlite":
                refused.set()
                finished.wait(LIMIT)
                take_in()
        finally:
            connection.close()

    refused, finished = threading.Event(), threading.Event()
    thread = threading.Thread(target=another)
    with transaction.atomic():
        Unit.objects.filter(pk=unit.pk).update(name="Than Uyen")
        thread.start()
        # It has locked the official and waits for the unit.
        comes_to_a_halt(thread, refused)
        post(official, unit, since=unit.valid_from)
    finished.set()
    thread.join(LIMIT)
    assert renamed == [1]
    assert Posting.objects.filter(official=official).exists()
