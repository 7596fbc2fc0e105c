"""What makes the site an app on a phone: service worker, shells, the app's own pages without a person, offline page.

The worker is one classic script, assembled here from static/js/worker with its version and the list of files to store
in front. Its version is made of everything it stores, so that a phone asks for a new one when and only when something
of it changed. Routed by training/app_urls.py.
"""

import gzip
import hashlib
import json
import re
from functools import cache
from html import unescape

import brotli
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from pwa.views import manifest as pwa_manifest

from courses.outline import LANGUAGES, prefix
from courses.shell import shell
from courses.views import best_encoding
from training.headers import API_POLICY
from training.one_file import without_comments

#: The app's own pages that open without a network: path below the language's prefix and template.
APP_PAGES = {
    "/me/": "app/me.html",
    "/me/results/": "app/results.html",
    "/me/storage/": "app/storage.html",
    "/me/sign-out/": "accounts/logout.html",
    "/offline/": "app/offline.html",
}
#: Stored on every phone, as are the modules but these: what only opens with a network, and what only courses need.
ONLINE = {"js/pages/open.js", "js/pages/signin.js"}
LATER = ["js/pages/storage.js", "js/pages/quiz-review.js"]
FILES = ["css/app.css", "icons/app-icon-small.svg"]
#: Stands between the shell and the app's own pages.
PAGES = "{{SHELL_PAGES}}"
WORKER_PARTS = ["js/worker/answers.js", "js/worker/main.js"]
ICONS = "icons/icons.svg"

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)"')
_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
_WORDS = re.compile(r'<script id="words"[^>]*>([^<]*)</script>')
_IMPORT = re.compile(r"^import .*?;\n", re.DOTALL | re.MULTILINE)


def _kept_unless_debugging(made):
    """Once in each process: what it is made of changes with a restart only."""
    kept = cache(made)
    return lambda *arguments: (made if settings.DEBUG else kept)(*arguments)


def _source(path: str) -> str:
    with open(finders.find(path), encoding="utf-8") as file:
        return file.read()


@_kept_unless_debugging
def _compressed(body: bytes) -> tuple[bytes, bytes, str]:
    digest = hashlib.sha256(body).hexdigest()
    return brotli.compress(body, mode=brotli.MODE_TEXT), gzip.compress(body, mtime=0), f'"{digest[:32]}"'


def _answer(request, body: bytes, content_type: str, cache_control: str = "no-cache") -> HttpResponse:
    """The same for everyone, so compressed once; a 304 for who has it. Compression gives away nothing: no secrets."""
    in_brotli, in_gzip, etag = _compressed(body)
    encoding = best_encoding(request)
    response = HttpResponse({"br": in_brotli, "gzip": in_gzip}.get(encoding, body), content_type=content_type)
    if encoding:
        response["Content-Encoding"] = encoding
    response["Vary"] = "Accept-Encoding"
    response["ETag"] = etag
    response["Cache-Control"] = cache_control
    if not content_type.startswith("text/html"):
        # A page's policy means nothing here and weighs as much as the manifest itself.
        response["Content-Security-Policy"] = API_POLICY
    return get_conditional_response(request, etag=etag, response=response)


# --- shells and the app's own pages ------------------------------------------------------------------------------


@require_safe
def shell_page(request, language):
    """The page around every fragment, markers still in it, for the worker to fill; behind it the app's own pages."""
    if language not in LANGUAGES:
        raise Http404
    return _answer(request, _on_the_phone(language), "text/html; charset=utf-8")


@_kept_unless_debugging
def _on_the_phone(language: str) -> bytes:
    """One answer for both: together they compress better than each alone, and are always of one version."""
    return f"{shell(language).text}{PAGES}".encode() + _app_pages(language)


def _app_pages(language: str) -> bytes:
    """What the worker puts into the shell at /me/ and so on: JSON, with nobody in it."""
    pages = {f"{prefix(language)}{path}": _without_person(language, path, name) for path, name in APP_PAGES.items()}
    return json.dumps(pages, ensure_ascii=False, separators=(",", ":")).encode()


def _without_person(language: str, path: str, template: str) -> dict:
    """Title, sentences for scripts and <main> of a whole page: the shell brings the rest."""
    with translation.override(language):
        html = _render(language, path, template)
    other = next(code for code in LANGUAGES if code != language)
    title, description, words = _TITLE.search(html), _DESCRIPTION.search(html), _WORDS.search(html)
    return {
        # The shell adds the name of the site by itself.
        "title": unescape(title[1]).removesuffix(_site_suffix(language)).strip() if title else "",
        "description": unescape(description[1]) if description else "",
        "lang": language,
        "alternate": f"{prefix(other)}{path}",
        "main": _MAIN.search(html)[0],
        **({"words": words[1]} if words else {}),
    }


def _render(language: str, path: str, template: str) -> str:
    request = RequestFactory().get(f"{prefix(language)}{path}")
    request.user = AnonymousUser()
    return render_to_string(template, {"language": language, "skeleton": True, "official": None}, request)


def _site_suffix(language: str) -> str:
    """What the shell writes into <title> behind the marker."""
    title = _TITLE.search(shell(language).text)
    return unescape(title[1].partition("}}")[2]) if title else ""


@require_safe
def offline(request):
    """What a phone shows for a page it does not hold; also the answer to who asks for it online."""
    return render(request, APP_PAGES["/offline/"], {"language": translation.get_language(), "skeleton": True})


# --- the worker --------------------------------------------------------------------------------------------------


@require_safe
def service_worker(request):
    response = _answer(request, _worker(), "text/javascript; charset=us-ascii")
    response["Service-Worker-Allowed"] = "/"
    # What a worker may do: fetch from here. Browsers ask for it at every page, so its headers count.
    response["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return response


def _modules() -> list[str]:
    """Every module a learner's page may load, by its path below static/."""
    found = set()
    for finder in finders.get_finders():
        for path, _storage in finder.list(["admin", "worker"]):
            path = path.replace("\\", "/")
            if re.fullmatch(r"js/(?:pages/)?[\w-]+\.js", path):
                found.add(path)
    return sorted(found)


@_kept_unless_debugging
def _worker() -> bytes:
    shells = {language: f"/shell/{language}/" for language in LANGUAGES}
    # Of pages in two languages most phones use one: the worker fetches the other's at the first visit.
    first = settings.LANGUAGE_CODE
    # Where files are collected, several modules are one file (training/one_file.py).
    modules = [path for path in _modules() if path not in ONLINE and path not in LATER]
    urls = dict.fromkeys(staticfiles_storage.url(path) for path in FILES + modules)
    files = [shells[first], *urls]
    later = [staticfiles_storage.url(path) for path in LATER]
    code = "".join(_classic(_source(part)) for part in WORKER_PARTS)
    made_of = hashlib.sha256("\n".join([*files, *later, code]).encode())
    for language in LANGUAGES:
        made_of.update(_on_the_phone(language))
    # Their addresses say nothing of their release, unlike those of files.
    digests = {url: hashlib.sha256(_on_the_phone(language)).hexdigest() for language, url in shells.items()}
    version = made_of.hexdigest()[:16]
    build = {"version": version, "files": files, "later": later, "shells": shells, "digests": digests}
    return f'"use strict";\nself.BUILD = {json.dumps(build)};\n{code}'.encode("ascii")


def _classic(module: str) -> str:
    """A module of the worker as part of one classic script: no imports, no exports; comments stay at home."""
    return re.sub(r"^export ", "", _IMPORT.sub("", without_comments(module)), flags=re.MULTILINE)


# --- the rest ----------------------------------------------------------------------------------------------------


@require_safe
def icons(request):
    """The sprite at an address that never changes, for icons inside stored fragments."""
    return _answer(request, _icons(), "image/svg+xml", "public, max-age=86400")


@_kept_unless_debugging
def _icons() -> bytes:
    return _source(ICONS).encode()


@require_safe
def manifest(request):
    """django-pwa's, compressed and kept for a day: browsers ask for it at every page that names it."""
    return _answer(request, _manifest(), "application/manifest+json", "public, max-age=86400")


@_kept_unless_debugging
def _manifest() -> bytes:
    with translation.override(settings.LANGUAGE_CODE):
        return pwa_manifest(RequestFactory().get("/manifest.json")).content


@require_safe
def health(request):
    """200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    response = JsonResponse({"status": "ok"})
    response["Cache-Control"] = "no-store"
    return response
