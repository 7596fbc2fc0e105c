"""An official, a colleague, a course, and their phones."""

import pytest

from tests.learning import Course, make_official, make_unit
from tests.sync.phone import Phone

BACKEND = "training.officials.sign_in.StaffNumberBackend"


@pytest.fixture(autouse=True)
def _key_of_its_own(settings, tmp_path):
    settings.SYNC_SIGNING_KEY = str(tmp_path / "signing_key.pem")


@pytest.fixture
def commune(db):
    return make_unit("than-uyen", make_unit("lai-chau", kind="province"))


@pytest.fixture
def course(db):
    return Course()


@pytest.fixture
def official(commune):
    return make_official("CB-0001", commune)


@pytest.fixture
def colleague(commune):
    return make_official("CB-0002", commune)


@pytest.fixture
def phone(official, course):
    return Phone(official, course)


@pytest.fixture
def signed_in(client, official):
    client.force_login(official, backend=BACKEND)
    return client
