"""Guessing is slowed by a delay that rises, ends by itself, and keeps nobody else out."""

import datetime

import pytest
from django.utils import timezone

from tests.officials.conftest import PASSWORD
from training.officials.lockout import standing
from training.officials.models import SignInRecord

HERE, THERE = "203.0.113.7", "198.51.100.4"


def later(**span):
    """Let time pass: everything recorded so far happened that much earlier."""
    for record in SignInRecord.objects.all():
        record.at -= datetime.timedelta(**span)
        record.save()


def fail(sign_in, times, number="CB-0001", address=HERE):
    for _ in range(times):
        answer = sign_in(number, "wrong", address)
    return answer


def test_five_failures_lock_for_a_minute_and_the_page_says_how_long(official, sign_in):
    assert fail(sign_in, 5).status_code == 200
    answer = sign_in(password=PASSWORD)
    assert answer.status_code == 429
    assert 50 <= int(answer["Retry-After"]) <= 60
    assert answer.context["minutes"] == 1
    assert "no-store" in answer["Cache-Control"]


def test_the_lock_ends_by_itself(official, sign_in):
    fail(sign_in, 5)
    later(seconds=61)
    assert sign_in().status_code == 302


@pytest.mark.parametrize(("lots", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 60)])
def test_the_delay_rises_with_each_lot_of_failures(official, sign_in, lots, minutes):
    for _ in range(lots):
        later(minutes=61)
        fail(sign_in, 5)
    assert standing("CB-0001", HERE).seconds == pytest.approx(minutes * 60, abs=5)


def test_tries_during_the_delay_make_it_no_longer_and_are_not_looked_at(official, sign_in):
    fail(sign_in, 5)
    for _ in range(20):
        assert sign_in().status_code == 429
    assert SignInRecord.objects.count() == 5
    later(seconds=61)
    assert sign_in().status_code == 302


def test_a_number_that_does_not_exist_is_locked_the_same(official, sign_in):
    fail(sign_in, 5, "NOBODY-9")
    assert sign_in("NOBODY-9").status_code == 429


def test_however_it_is_typed_it_is_the_same_number(official, sign_in):
    for typed in ("cb-0001", " CB-0001", "Cb-0001 ", "cB-0001", "CB-0001"):
        sign_in(typed, "wrong")
    assert sign_in().status_code == 429


def test_others_behind_the_same_address_go_on(official, colleague, sign_in):
    fail(sign_in, 5)
    assert sign_in("CB-0002").status_code == 302


def test_she_herself_gets_in_from_another_address(official, sign_in):
    fail(sign_in, 5)
    assert sign_in(address=THERE).status_code == 302


def test_guessing_from_many_addresses_locks_the_number(official, sign_in):
    for n in range(25):
        sign_in("CB-0001", "wrong", f"192.0.2.{n}")
    assert sign_in("CB-0001", PASSWORD, "192.0.2.99").status_code == 429


def test_trying_many_numbers_locks_the_address(official, colleague, sign_in):
    for n in range(50):
        sign_in(f"CB-9{n:03}", "wrong")
    assert sign_in("CB-0002").status_code == 429
    assert sign_in("CB-0002", address=THERE).status_code == 302


def test_a_success_clears_what_stood_against_her(official, sign_in):
    fail(sign_in, 4)
    sign_in()
    fail(sign_in, 4)
    assert sign_in().status_code == 302


def test_the_last_tries_are_counted_down_before_the_lock(official, sign_in):
    said = [sign_in(password="wrong").context.get("tries_left") for _ in range(4)]
    assert said == [None, 3, 2, 1]


def test_yesterdays_failures_are_forgotten(official, sign_in):
    fail(sign_in, 4)
    later(hours=25)
    fail(sign_in, 1)
    assert sign_in().status_code == 302


def test_the_locked_page_keeps_where_she_wanted_to_go_but_only_here(client, official, sign_in):
    fail(sign_in, 5)
    assert sign_in(next="/attt-01/").context["next"] == "/attt-01/"
    assert sign_in(next="https://thief.example/").context["next"] == ""


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "address"),
    [
        (False, "10.9.9.9", "203.0.113.7"),
        (True, "10.9.9.9, 198.51.100.4", "198.51.100.4"),
        (True, "", "203.0.113.7"),
    ],
)
def test_the_address_is_what_our_own_proxy_says_and_never_what_the_client_says(
    client, official, settings, behind_proxy, forwarded, address
):
    settings.BEHIND_PROXY, settings.AXES_IPWARE_PROXY_COUNT = behind_proxy, 1
    form = {"username": "CB-0001", "password": "wrong"}
    client.post("/accounts/login/", form, REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert SignInRecord.objects.get().address == address


def test_refusals_are_dated_now(official, sign_in):
    sign_in(password="wrong")
    assert timezone.now() - SignInRecord.objects.get().at < datetime.timedelta(minutes=1)
