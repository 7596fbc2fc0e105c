"""Signing in and out: who gets in, what is kept of it, and what a refusal gives away (nothing)."""

import datetime
import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.officials.conftest import PASSWORD
from training.officials.models import Official, SignInRecord

What = SignInRecord.What


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_she_signs_in_with_staff_number_and_password(client, official, sign_in):
    answer = sign_in()
    assert answer.status_code == 302
    assert answer.url == "/me/"
    assert signed_in(client)
    record = SignInRecord.objects.get()
    assert (record.official, record.what, record.address) == (official, What.SIGNED_IN, "203.0.113.7")


@pytest.mark.parametrize("typed", ["cb-0001", "  CB-0001 ", "Cb-0001"])
def test_the_number_is_taken_however_it_is_typed(client, official, sign_in, typed):
    assert sign_in(typed).status_code == 302


def test_a_number_with_marks_is_found_in_either_spelling(client, db, sign_in):
    Official.objects.create_user("ĐÀO-01", PASSWORD, full_name="Đào Thị A")
    assert sign_in("đào-01").status_code == 302


def test_english_stays_english(client, official, sign_in):
    assert sign_in(path="/en/accounts/login/").url == "/en/me/"


def test_the_session_gets_a_new_key(client, official, sign_in):
    client.get("/accounts/login/")
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in()
    assert client.session.session_key != before


def test_another_person_signing_in_gets_nothing_of_the_session_before(client, official, colleague, sign_in):
    sign_in()
    session = client.session
    session["hers"] = "yes"
    session.save()
    sign_in("CB-0002")
    assert "hers" not in client.session
    assert client.session["_auth_user_id"] == str(colleague.pk)


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/attt-01/", "/attt-01/"),
        ("https://thief.example/", "/me/"),
        ("//thief.example/", "/me/"),
        ("javascript:alert(1)", "/me/"),
        ("/\\thief.example/", "/me/"),
    ],
)
def test_only_addresses_of_this_site_are_gone_to_afterwards(client, official, sign_in, wanted, reached):
    assert sign_in(next=wanted).url == reached


@pytest.mark.parametrize(
    ("number", "password"),
    [("CB-0001", "wrong"), ("NOBODY", "wrong"), ("NOBODY", PASSWORD), ("a" * 30, "x" * 200)],
)
def test_every_refusal_says_the_same(client, official, sign_in, number, password):
    answer = sign_in(number, password)
    assert answer.status_code == 200
    assert not signed_in(client)
    assert answer.context["form"].non_field_errors() == [answer.context["form"].error_messages["invalid_login"]]
    assert SignInRecord.objects.get().what == What.REFUSED


def test_nothing_but_what_was_typed_tells_a_refusal_of_a_number_that_exists_from_one_that_does_not(
    client, official, sign_in
):
    def bare(answer):
        text = answer.content.decode()
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
        return re.sub(r"CB-000[19]", "", text)

    for _ in range(7):
        one, other = sign_in("CB-0001", "wrong", "192.0.2.1"), sign_in("CB-0009", "wrong", "192.0.2.2")
        assert one.status_code == other.status_code
        assert bare(one) == bare(other)


def test_a_refusal_costs_two_hashes_whether_the_number_exists_or_not(client, official, sign_in, settings):
    from django.contrib.auth.hashers import MD5PasswordHasher

    settings.PASSWORD_HASHERS = ["tests.officials.test_sign_in.CountingHasher"]
    official.set_password(PASSWORD)
    official.save()
    sign_in("WARMING-UP", "wrong", "192.0.2.9")
    counts = []
    for number in ("CB-0001", "CB-0009"):
        CountingHasher.count = 0
        sign_in(number, "wrong", f"192.0.2.{len(counts) + 1}")
        counts.append(CountingHasher.count)
    assert counts[0] == counts[1]
    assert issubclass(CountingHasher, MD5PasswordHasher)


def test_a_deactivated_account_is_refused_like_a_wrong_password(client, official, sign_in):
    official.is_active = False
    official.save()
    answer = sign_in()
    assert not signed_in(client)
    assert answer.context["form"].non_field_errors() == [answer.context["form"].error_messages["invalid_login"]]


def test_an_empty_form_is_no_attempt(client, official, sign_in):
    answer = sign_in("", "")
    assert answer.status_code == 200
    assert not SignInRecord.objects.exists()


def test_a_number_no_database_takes_is_refused_unread(client, official, sign_in):
    assert sign_in("CB-0001\0").status_code == 400
    assert not SignInRecord.objects.exists()


def test_signing_out_asks_first_and_is_recorded(client, official, sign_in):
    sign_in()
    assert client.get("/accounts/logout/").status_code == 200
    assert signed_in(client)
    answer = client.post("/accounts/logout/")
    assert answer.url == "/accounts/login/"
    assert not signed_in(client)
    assert list(SignInRecord.objects.values_list("what", flat=True)) == [What.SIGNED_OUT, What.SIGNED_IN]


def test_signing_out_twice_is_no_error(client, official, sign_in):
    sign_in()
    client.post("/accounts/logout/")
    assert client.post("/accounts/logout/").status_code == 302
    assert SignInRecord.objects.filter(what=What.SIGNED_OUT).count() == 1


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_address_phones_keep_leads_to_the_page_with_the_token(client, official, sign_in, prefix):
    sign_in()
    assert client.get(f"{prefix}/me/sign-out/").url == f"{prefix}/accounts/logout/"
    assert f'href="{prefix}/me/sign-out/"' in client.get(f"{prefix}/me/account/").content.decode()


def test_another_site_cannot_sign_anybody_out(official):
    client = Client(enforce_csrf_checks=True)
    client.force_login(official, backend="training.officials.sign_in.StaffNumberBackend")
    assert client.post("/accounts/logout/").status_code == 403
    assert client.post("/accounts/logout/", {"csrfmiddlewaretoken": "a" * 64}).status_code == 403
    assert signed_in(client)
    page = client.get("/accounts/logout/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert client.post("/accounts/logout/", {"csrfmiddlewaretoken": token}).status_code == 302
    assert not signed_in(client)


def test_records_older_than_a_year_are_purged(official):
    now = timezone.now()
    for days in (10, 365, 367):
        SignInRecord.objects.create(
            staff_number="CB-0001", what=What.SIGNED_IN, at=now - datetime.timedelta(days=days)
        )
    call_command("purge_sign_ins", verbosity=0)
    assert SignInRecord.objects.count() == 2


def test_the_admin_has_no_sign_in_page_of_its_own(client, db):
    answer = client.get("/admin/login/?next=/admin/pages/")
    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/admin/pages/"


def test_a_sign_in_tells_scripts_whose_it_was_until_she_signs_out(client, official, colleague, sign_in):
    assert "official" not in sign_in(password="wrong").cookies
    for number, who in (("CB-0001", official), ("CB-0002", colleague)):
        told = sign_in(number).cookies["official"]
        assert told.value == str(who.public_id)
        assert not told["httponly"]
        assert told["samesite"] == "Lax"
    assert client.post("/accounts/logout/").cookies["official"].value == ""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_signing_out_in_the_admin_tells_the_phone_who_left(client, official, sign_in, language):
    official.language = language
    official.save()
    sign_in()
    answer = client.post("/admin/logout/")
    page = answer.content.decode()
    assert f'data-module="signin" data-left="{official.public_id}"' in page
    assert f'action="{"/en" if language == "en" else ""}/accounts/login/"' in page
    assert answer.cookies["official"].value == ""
    assert "no-store" in answer.headers["Cache-Control"]
    assert not signed_in(client)
    assert SignInRecord.objects.latest("id").what == What.SIGNED_OUT


def test_the_admin_s_sign_out_tells_of_nobody_who_was_not_signed_in(client, official):
    assert "data-left" not in client.post("/admin/logout/").content.decode()


def test_nobody_is_signed_out_of_the_admin_by_a_link_or_from_another_site(official, sign_in, client):
    sign_in()
    assert client.get("/admin/logout/").url == "/accounts/logout/"
    assert signed_in(client)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(official)
    assert strict.post("/admin/logout/").status_code == 403
    assert signed_in(strict)


def _counting():
    from django.contrib.auth.hashers import MD5PasswordHasher

    class Counting(MD5PasswordHasher):
        algorithm = "counting"
        count = 0

        def encode(self, password, salt):
            type(self).count += 1
            return super().encode(password, salt)

    return Counting


CountingHasher = _counting()


def test_who_is_signed_in_already_is_told_so_with_the_way_back(client, official):
    client.force_login(official)
    page = client.get("/accounts/login/").content.decode()
    assert "Anh/chị đang đăng nhập với tên Lò Thị Hương" in page
    assert "dành cho người có vai trò khác" not in page
    assert 'href="/me/"' in page


def test_whom_the_admin_does_not_let_in_is_told_why_she_sees_the_sign_in(client, official):
    client.force_login(official)
    page = client.get("/admin/", follow=True).content.decode()
    assert "Trang vừa mở dành cho người có vai trò khác." in page


def test_nobody_is_told_of_a_sign_in_that_is_not(client, official):
    assert "đang đăng nhập với tên" not in client.get("/accounts/login/?next=/admin/").content.decode()
