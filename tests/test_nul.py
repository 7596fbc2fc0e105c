"""A NUL character is refused before anything is done with it, on every database."""

import uuid

import pytest
from django.urls import reverse

from tests.learning import make_official

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    client.force_login(make_official("CB-0001"), backend="training.officials.sign_in.StaffNumberBackend")
    return client


@pytest.mark.parametrize("query", ["lang=%00", "lang=vi%00", "lang=vi&have=%00", "%00=x", "lang=vi&x=%%00"])
def test_the_api_says_so_as_it_says_everything(client, query):
    answer = client.get(f"/api/courses/{uuid.uuid4()}/pack/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert (answer.json()["code"], answer["Cache-Control"]) == ("malformed", "no-store")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_percent_sign_before_two_noughts_is_none(client):
    answer = client.get(f"/api/courses/{uuid.uuid4()}/pack/?lang=%2500")
    assert answer.json()["code"] == "signed_out"


@pytest.mark.parametrize("path", ["/a%00b/", "/?x=%00", "/open/?path=/%00", "/accounts/login/?next=%00"])
def test_no_address_with_one_is_looked_up(client, path):
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    "how", [{"path": "/a%00b/"}, {"path": "/?x=%00"}, {"path": "/me/", "HTTP_HOST": "no.such host"}]
)
def test_what_cannot_be_read_is_answered_with_a_page_of_ours(client, how):
    answer = client.get(**how)
    page = answer.content.decode()
    assert (answer.status_code, "Nội dung gửi lên không đọc được" in page) == (400, True)
    assert 'href="/me/"' in page


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/login/", {"username": "\0", "password": "x"}),
        ("/me/account/revoke/", {"device": "\0"}),
        ("/study/submit/", {"activity": str(uuid.uuid4()), "paper": "\0"}),
        ("/study/confirm/", {"activity": str(uuid.uuid4()), "once": "\0", "q\0": "1"}),
    ],
)
def test_no_form_with_one_is_read(signed_in, path, fields):
    assert signed_in.post(path, fields).status_code == 400
    query = "&".join(f"{name}={value}" for name, value in fields.items()).replace("\0", "%00")
    answer = signed_in.post(path, query, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["hr_officials", "reports_persons"])
def test_nobody_is_searched_for_by_one(admin_client, name):
    assert admin_client.post(reverse(name), {"q": "Lò\0"}).status_code == 400


def test_a_report_with_one_is_not_exported(admin_client):
    assert admin_client.get(reverse("reports_completion"), {"export": "csv", "direct": "\0"}).status_code == 400


def test_a_session_named_by_one_is_not_looked_up(client):
    answer = client.get("/api/me/", headers={"Cookie": r'sessionid="\000aaaaaaaaaaaaaaa"'})
    assert answer.json()["code"] == "malformed"
