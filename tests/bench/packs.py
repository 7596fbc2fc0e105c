"""What a course costs to download, to update and to ask about; and what a result costs to send. Bytes at the socket."""

import json
import shutil
from collections.abc import Callable

import brotli

from tests.bench import sites
from tests.bench.row import Row, Work
from tests.bench.signing import HEADERS, Signer
from tests.bench.wire import Visitor
from tests.browser.conftest import Site

LESSONS, QUESTIONS = 10, 20
KB = 1_000


def measure(work: Work) -> list[Row]:
    var = work.place / "packs"
    shutil.rmtree(var, ignore_errors=True)
    shutil.copytree(sites.demo(work).var, var)
    site = Site(var)
    made = sites.inside(site, "tests.bench.ten_lessons", lessons=LESSONS)
    with sites.running(site):
        return asked(site, made, lambda: sites.inside(site, "tests.bench.ten_lessons", edit=True))


def asked(site: Site, made: dict, edit: Callable[[], dict]) -> list[Row]:
    """Of a running site with the course that ``ten_lessons`` made; ``edit`` changes a paragraph of it."""
    assert made["lessons"] == LESSONS, made
    path = f"/api/courses/{made['course']}/pack/?lang=vi"
    visitor = Visitor(site).sign_in()
    whole = visitor.ask("GET", path)
    before = json.loads(brotli.decompress(whole.body))
    unchanged = visitor.ask("GET", path, headers={"If-None-Match": whole.headers["etag"]})
    assert (whole.status, unchanged.status) == (200, 304)
    key = edit()["lesson"]
    delta = visitor.ask("GET", f"{path}&have={before['pack']}")
    after = json.loads(brotli.decompress(delta.body))
    assert [item["key"] for item in after["items"]] == [key], [item["path"] for item in after["items"]]
    result = send_result(visitor, before)
    lesson = json.dumps(after["items"][0], ensure_ascii=False).encode()
    alone = len(brotli.compress(lesson, mode=brotli.MODE_TEXT, quality=9))
    return [
        Row(f"Text of a course of {LESSONS} lessons, one request", len(whole.body) / KB, "KB", 40, sizes(before)),
        Row("… one paragraph edited", len(delta.body), "bytes", alone + 1_000, f"that lesson alone: {alone}"),
        Row("… unchanged, headers included", unchanged.received, "bytes", 500),
        Row(f"Result of {QUESTIONS} questions, one request, headers included", result, "bytes", 3_000),
    ]


def sizes(pack: dict) -> str:
    plain = len(json.dumps(pack, ensure_ascii=False).encode())
    return f"{len(pack['items'])} items, {plain / KB:.0f} KB before compression"


def send_result(visitor: Visitor, pack: dict) -> int:
    """Start and submission of a quiz in one delivery, as a phone sends them. The answers needn't be right, or even
    fit: what counts here is how long they are."""
    state = json.loads(visitor.ask("GET", "/api/me/", headers={"Accept-Encoding": "identity"}).body)
    phone = Signer(state["official"])
    quiz = next(item for item in pack["items"] if item["kind"] == "quiz")
    begun = phone.record("quiz_started", quiz["key"], pack["edition"], {"earlier": 0})
    answers = [[number % 4] if number % 3 else [number % 2, 3] for number in range(QUESTIONS)]
    data = {"attempt": begun, "paper": quiz["data"]["paper"], "answers": answers}
    phone.record("quiz_submitted", quiz["key"], pack["edition"], data)
    chromium = {
        **HEADERS,
        "Connection": "keep-alive",
        "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
        "Mobile Safari/537.36",
        "Accept": "*/*",
        "Origin": visitor.site.url,
        "Referer": f"{visitor.site.url}{quiz['path']}",
        "Accept-Language": "vi-VN,vi;q=0.9",
    }
    answer = visitor.ask("POST", "/api/sync/", phone.delivery(), chromium)
    assert answer.status == 200, answer.body[:300]
    return answer.sent
