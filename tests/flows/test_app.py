"""The site as an app: worker, shells, skeletons, offline page, manifest, health."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from training.one_file import without_comments

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    return Client()


def build_of(response) -> dict:
    return json.loads(re.search(r"^self\.BUILD = (\{.*\});$", response.content.decode(), re.MULTILINE)[1])


def test_the_worker_is_a_classic_ascii_script_that_may_serve_the_whole_site(visitor):
    response = visitor.get("/serviceworker.js")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    assert response["Service-Worker-Allowed"] == "/"
    text = response.content.decode("ascii")
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)


def test_the_worker_is_a_304_for_who_has_it(visitor):
    etag = visitor.get("/serviceworker.js")["ETag"]
    assert visitor.get("/serviceworker.js", headers={"if-none-match": etag}).status_code == 304


def test_everything_the_worker_stores_is_to_be_had(visitor):
    build = build_of(visitor.get("/serviceworker.js"))
    own = [path for path in build["files"] if not path.startswith("/static/")]
    assert own == ["/shell/vi/"]
    for path in build["shells"].values():
        assert hashlib.sha256(visitor.get(path).content).hexdigest() == build["digests"][path]
    names = [path.removeprefix("/static/") for path in build["files"] + build["later"] if path.startswith("/static/")]
    for name in names:
        assert (ROOT / "static" / name).is_file(), name
    assert {"css/app.css", "js/app.js", "js/store.js", "js/outbox.js", "js/pages/lesson.js"} <= set(names)
    assert "js/pages/storage.js" in names
    assert not [name for name in names if "worker" in name or "admin" in name or "signin" in name]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_shell_has_its_markers_and_nobody_in_it(visitor, language):
    text = visitor.get(f"/shell/{language}/").content.decode()
    for marker in ("TITLE", "DESCRIPTION", "MAIN", "ALTERNATE"):
        assert f"{{{{SHELL_{marker}}}}}" in text
    assert "csrf" not in text.lower()


def test_a_shell_of_another_language_is_not_to_be_had(visitor):
    assert visitor.get("/shell/fr/").status_code == 404


@pytest.mark.parametrize(("language", "prefix"), [("vi", ""), ("en", "/en")])
def test_the_pages_of_the_app_come_without_a_person(visitor, language, prefix, django_user_model):
    official = django_user_model.objects.create(staff_number="CB-7777", full_name="Vàng Thị Pà")
    visitor.force_login(official)
    response = visitor.get(f"/shell/{language}/")
    assert "Vàng Thị Pà" not in response.content.decode()
    pages = json.loads(response.content.decode().partition("{{SHELL_PAGES}}")[2])
    own = ("/me/", "/me/results/", "/me/storage/", "/me/sign-out/", "/offline/")
    assert set(pages) == {f"{prefix}{path}" for path in own}
    assert "csrf" not in response.content.decode().lower()
    for path, page in pages.items():
        assert page["main"].startswith("<main")
        assert page["main"].endswith("</main>")
        assert page["title"]
        assert page["lang"] == language
        assert page["alternate"] != path
        assert "csrf" not in page["main"].lower()
        json.loads(page["words"])


def test_shells_travel_compressed(visitor):
    plain = visitor.get("/shell/vi/")
    for encoding in ("br", "gzip"):
        response = visitor.get("/shell/vi/", headers={"accept-encoding": encoding})
        assert response["Content-Encoding"] == encoding
        assert len(response.content) < len(plain.content) / 2
        assert "Accept-Encoding" in response["Vary"]


@pytest.mark.parametrize(("accepted", "encoding"), [("br;q=0, gzip", "gzip"), ("br;q=0, gzip;q=0", None), ("", None)])
def test_what_a_browser_refuses_it_does_not_get(visitor, accepted, encoding):
    response = visitor.get("/serviceworker.js", headers={"accept-encoding": accepted})
    assert response.get("Content-Encoding") == encoding


@pytest.mark.parametrize("path", ["/offline/", "/en/offline/"])
def test_the_offline_page_opens_for_anyone(visitor, path):
    response = visitor.get(path)
    assert response.status_code == 200
    assert 'data-module="offline"' in response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_the_manifest_has_an_id_and_icons_of_ours(visitor):
    manifest = visitor.get("/manifest.json").json()
    assert manifest["id"] == "/me/"
    assert manifest["start_url"] == "/me/"
    assert manifest["short_name"] != manifest["name"]
    assert manifest["lang"] == "vi"
    assert all(icon["src"].startswith("/static/icons/") for icon in manifest["icons"])


def test_the_manifest_is_asked_for_once_a_day(visitor):
    response = visitor.get("/manifest.json")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert visitor.get("/manifest.json", headers={"if-none-match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/manifest.json", "/icons.svg", "/serviceworker.js"])
def test_only_what_is_a_page_carries_the_policy_of_pages(visitor, path):
    assert visitor.get(path)["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in visitor.get(path)["Content-Security-Policy"]
    assert "script-src 'self'" in visitor.get("/shell/vi/")["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "is_page"), [("/offline/", True), ("/shell/vi/", True), ("/serviceworker.js", False)])
def test_pages_alone_say_who_may_open_them_and_learn_where_one_came_from(visitor, path, is_page):
    response = visitor.get(path)
    for name in ("Cross-Origin-Opener-Policy", "Referrer-Policy"):
        assert (response.headers.get(name) == "same-origin") is is_page
    assert response["X-Content-Type-Options"] == "nosniff"


def test_icons_have_an_address_that_stays(visitor):
    response = visitor.get("/icons.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert visitor.get("/icons.svg", headers={"if-none-match": response["ETag"]}).status_code == 304


def test_every_icon_that_learners_pages_or_modules_name_is_in_their_pages(visitor):
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons" / "icons.svg").read_text()))
    inside = set(re.findall(r'<symbol id="i-([\w-]+)"', visitor.get("/offline/").content.decode()))
    assert inside < drawn
    admin = ("reports", "records", "wagtailadmin")
    templates = [path for path in (ROOT / "templates").rglob("*.html") if path.parts[-2] not in (*admin, "admin")]
    named = {name for path in templates for name in re.findall(r'\{% icon "([\w-]+)" %\}', path.read_text())}
    modules = [path for path in (ROOT / "static" / "js").rglob("*.js") if path.parent.name not in ("admin", "worker")]
    quoted = {name for path in modules for name in re.findall(r"'([\w-]+)'", path.read_text())}
    assert {"back", "flag", "send"} <= named
    assert {"nonet", "bin", "half"} <= quoted
    assert (named | quoted & drawn) <= inside


def test_health_asks_the_database(visitor, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert visitor.get("/health/").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/serviceworker.js", "/shell/vi/", "/offline/", "/health/"])
def test_they_are_only_read(visitor, path):
    assert visitor.post(path).status_code == 405


def test_modules_without_their_comments_are_still_modules(tmp_path):
    assert shutil.which("node")
    modules = sorted(path for path in (ROOT / "static" / "js").rglob("*.js"))
    for number, path in enumerate(modules):
        text = path.read_text(encoding="utf-8")
        lean = without_comments(text)
        assert len(lean) < len(text)
        (tmp_path / f"{number}.mjs").write_text(lean, encoding="utf-8")
    names = " ".join(f"{number}.mjs" for number in range(len(modules)))
    checked = subprocess.run(
        ["sh", "-c", f"for file in {names}; do node --check $file || exit 1; done"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
