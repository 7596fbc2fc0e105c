"""The code HR prints: works once, for a while, and leads to setting a password before anything else."""

import datetime

import pytest
from django.utils import timezone

from tests.officials.conftest import PASSWORD
from training.officials import one_time_code
from training.officials.models import Official

NEW = "ba con ngựa ăn cỏ"


@pytest.fixture
def code(official):
    return one_time_code.issue(official)


def test_the_code_lets_her_in_once(client, official, sign_in, code):
    assert sign_in(password=code).status_code == 302
    client.logout()
    assert sign_in(password=code).status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")]
)
def test_it_is_taken_however_it_is_typed(client, official, sign_in, code, typed):
    assert sign_in(password=typed(code)).status_code == 302


def test_two_requests_at_once_use_it_once(official, code):
    first, second = Official.objects.get(pk=official.pk), Official.objects.get(pk=official.pk)
    assert one_time_code.redeem(first, code)
    assert not one_time_code.redeem(second, code)


def test_it_ends_on_its_day(client, official, sign_in, code):
    Official.objects.update(one_time_code_expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert sign_in(password=code).status_code == 200


def test_a_new_code_replaces_the_old_one_and_the_password(client, official, sign_in, code):
    newer = one_time_code.issue(official)
    assert sign_in(password=code).status_code == 200
    assert sign_in(password=PASSWORD).status_code == 200
    assert sign_in(password=newer).status_code == 302


def test_anothers_code_is_worth_nothing(client, colleague, sign_in, code):
    assert sign_in("CB-0002", code).status_code == 200


def test_only_a_hash_is_kept(official, code):
    assert code not in official.one_time_code
    assert code.replace("-", "") not in official.one_time_code


def test_every_page_sends_her_to_set_a_password_until_she_has(client, official, sign_in, code):
    sign_in(password=code)
    for path in ("/me/", "/me/account/", "/admin/", "/en/me/"):
        assert client.get(path).status_code == 302
        assert client.get(path).url.endswith("/accounts/password/")
    assert client.get("/accounts/logout/").status_code == 200
    answer = client.post("/accounts/password/", {"new_password1": NEW, "new_password2": NEW})
    assert answer.url == "/me/"
    assert client.get("/me/account/").status_code == 200
    official.refresh_from_db()
    assert official.check_password(NEW)
    assert not official.must_set_password
    client.logout()
    assert sign_in(password=NEW).status_code == 302
    assert client.get("/me/account/").status_code == 200


def test_signing_out_in_between_changes_nothing(client, official, sign_in, code):
    sign_in(password=code)
    client.post("/accounts/logout/")
    newer = one_time_code.issue(official)
    sign_in(password=newer)
    assert client.get("/me/").url == "/accounts/password/"
