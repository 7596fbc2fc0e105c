"""The demo, loaded once for each module inside a transaction that is rolled back after it."""

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, TestCase, override_settings

PASSWORD = "hoc-khong-can-mang"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    # Tests sign in often, and hash quickly: tests/conftest.py.
    quickly = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            # Packs are made on commit; this transaction never commits, so the callbacks are run here.
            with TestCase.captureOnCommitCallbacks(execute=True), quickly:
                call_command("load_demo", force=True, without_history=True, verbosity=0)
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def world(demo, db):
    """The demo, as one test may change it."""


def signed_in(staff_number: str) -> Client:
    """A browser of its own, signed in through the real form."""
    client = Client(enforce_csrf_checks=False)
    answer = client.post("/accounts/login/", {"username": staff_number, "password": PASSWORD})
    assert answer.status_code == 302, answer.content[:2000]
    return client


@pytest.fixture
def official(world) -> Client:
    return signed_in("CB-0001")


@pytest.fixture
def neighbour(world) -> Client:
    return signed_in("CB-0101")


@pytest.fixture
def trainer(world) -> Client:
    return signed_in("GV-0001")


@pytest.fixture
def hr(world) -> Client:
    return signed_in("TC-0001")


@pytest.fixture
def province(world) -> Client:
    return signed_in("TC-0000")
