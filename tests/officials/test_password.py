"""Changing the password: with the old one, and other sessions end."""

import pytest
from django.test import Client

from tests.officials.conftest import PASSWORD

NEW = "ba con ngựa ăn cỏ"
FORM = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}


def test_she_changes_it_and_stays_signed_in_here_alone(client, official):
    elsewhere = Client()
    elsewhere.force_login(official)
    client.force_login(official)
    assert client.post("/accounts/password/", FORM).url == "/me/account/?changed=password"
    official.refresh_from_db()
    assert official.check_password(NEW)
    assert client.get("/me/account/?changed=password").status_code == 200
    assert elsewhere.get("/me/account/").status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"old_password": "wrong"},
        {"old_password": ""},
        {"new_password2": "another one entirely"},
        {"new_password1": "short", "new_password2": "short"},
        {"new_password1": "", "new_password2": ""},
        {"new_password1": "CB-0001abc", "new_password2": "CB-0001abc"},
        {"new_password1": "1234567890", "new_password2": "1234567890"},
    ],
)
def test_what_is_not_right_changes_nothing_and_says_so(client, official, changes):
    client.force_login(official)
    answer = client.post("/accounts/password/", {**FORM, **changes})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    official.refresh_from_db()
    assert official.check_password(PASSWORD)


def test_who_is_not_signed_in_signs_in_first(client, db):
    assert client.get("/accounts/password/").url == "/accounts/login/?next=/accounts/password/"


def test_passwords_are_in_no_page(client, official):
    client.force_login(official)
    answer = client.post("/accounts/password/", {**FORM, "old_password": "a-wrong-one"})
    assert "a-wrong-one" not in answer.content.decode()
    assert NEW not in answer.content.decode()
