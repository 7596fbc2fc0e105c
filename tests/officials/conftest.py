"""The cast of sign-in: an official, her colleague, and somebody who is nobody here."""

import datetime

import pytest

from tests.reports.cast import Cast
from training.officials.models import Category, Official, Posting, Unit
from training.officials.models.unit import UnitKind

PASSWORD = "hoc-khong-can-mang"


@pytest.fixture
def unit(db):
    return Unit.objects.create(
        code="TU", name="Than Uyên", kind=UnitKind.COMMUNE, valid_from=datetime.date(2025, 7, 1)
    )


@pytest.fixture
def official(unit):
    official = Official.objects.create_user("CB-0001", PASSWORD, full_name="Lò Thị Hương")
    Posting.objects.create(official=official, unit=unit, category=Category.CIVIL_SERVANT)
    return official


@pytest.fixture
def colleague(unit):
    return Official.objects.create_user("CB-0002", PASSWORD, full_name="Giàng A Páo")


@pytest.fixture
def sign_in(client):
    """Send the form; ``address`` is where it comes from."""

    def send(number="CB-0001", password=PASSWORD, address="203.0.113.7", path="/accounts/login/", **fields):
        return client.post(path, {"username": number, "password": password, **fields}, REMOTE_ADDR=address)

    return send


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.admin)
    return client
