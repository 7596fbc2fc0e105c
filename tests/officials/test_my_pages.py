"""The pages of the person signed in, whole without JavaScript, hers alone; and the shell, which is nobody's."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from training.sync.models import Device

PAGES = ["/me/", "/me/results/", "/me/storage/", "/me/account/"]
SKELETONS = ["app/me.html", "app/results.html", "app/storage.html", "app/offline.html"]


@pytest.mark.parametrize("path", PAGES + ["/en" + path for path in PAGES])
def test_each_page_is_hers_and_kept_by_no_cache(client, official, path):
    client.force_login(official)
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Lò Thị Hương" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_signs_in_first(client, db, path):
    assert client.get(path).url == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("template", [*SKELETONS, "shell.html"])
def test_what_a_phone_keeps_has_no_name_and_no_token(db, template, language):
    with translation.override(language):
        html = render_to_string(template, {})
    assert "csrfmiddlewaretoken" not in html
    assert f'<html lang="{language}">' in html
    assert html.count("<main") == (0 if template == "shell.html" else 1)
    assert "<script>" not in html
    assert not re.search(r' (?:on[a-z]+|style)="', html)


def test_the_shell_holds_each_marker_once(db):
    html = render_to_string("shell.html", {"kind": "lesson"})
    for marker in ("TITLE", "DESCRIPTION", "MAIN", "ALTERNATE"):
        assert html.count("{{SHELL_" + marker + "}}") == 1
    assert 'rel="modulepreload" href="/static/js/pages/lesson.js"' in html


def test_the_first_style_is_small_and_allowed_by_its_hash(client, db):
    from training.headers import critical_css, learner_policy

    assert len(critical_css().encode()) <= 1536
    html = client.get("/accounts/login/").content.decode()
    assert f"<style>{critical_css()}</style>" in html
    assert "'unsafe-inline'" not in learner_policy()


def phone(official, kid="kid-1", **fields):
    return Device.objects.create(official=official, kid=kid, name="Chrome, Android", **fields)


def test_she_sees_her_devices_and_revokes_one(client, official):
    hers = phone(official, pending_results=2)
    client.force_login(official)
    assert "Chrome, Android" in client.get("/me/account/").content.decode()
    assert client.post("/me/account/revoke/", {"device": "kid-1"}).status_code == 302
    hers.refresh_from_db()
    assert hers.revoked_by == official
    first = hers.revoked_at
    client.post("/me/account/revoke/", {"device": "kid-1"})
    hers.refresh_from_db()
    assert hers.revoked_at == first


@pytest.mark.parametrize("device", ["kid-2", "nothing", "", "x" * 500])
def test_she_can_revoke_nobody_elses(client, official, colleague, device):
    theirs = phone(colleague, "kid-2")
    client.force_login(official)
    assert client.post("/me/account/revoke/", {"device": device}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_a_link_revokes_nothing(client, official):
    phone(official)
    client.force_login(official)
    assert client.get("/me/account/revoke/").status_code == 405


def test_the_language_she_saves_is_kept_and_used(client, official):
    client.force_login(official)
    assert client.post("/me/account/language/", {"language": "en"}).url == "/en/me/account/"
    official.refresh_from_db()
    assert official.language == "en"
    assert client.post("/me/account/language/", {"language": "xx"}).status_code == 404


def test_a_code_is_drawn_for_a_page_of_ours(client, db):
    answer = client.get("/qr.svg", {"path": "/attt-01/"})
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")


@pytest.mark.parametrize("address", ["/qr.svg", "/open/"])
@pytest.mark.parametrize(
    "path", ["", "https://thief.example/", "//thief.example/", "/\\thief.example/", "attt-01/", "/" + "x" * 400]
)
def test_for_nothing_else(client, db, address, path):
    assert client.get(address, {"path": path}).status_code == 404


def test_the_way_out_of_zalo_names_the_page_and_goes_back_to_it(client, db):
    html = client.get("/open/", {"path": "/attt-01/?a=<b>"}).content.decode()
    assert "http://testserver/attt-01/?a=%3Cb%3E" in html
    assert "intent://testserver/attt-01/" in html
    assert "a=<b>" not in html


def test_an_address_that_leads_nowhere_gets_a_page_that_leads_back(client, db):
    answer = client.get("/accounts/nothing/")
    assert answer.status_code == 404
    assert 'href="/me/"' in answer.content.decode()


@pytest.mark.parametrize("template", ["403.html", "403_csrf.html", "500.html"])
def test_pages_for_faults_need_nothing(db, template):
    assert "<h1>" in render_to_string(template)
