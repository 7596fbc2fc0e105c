"""What an official does on her phone, and what the server then knows: for every test of the learner's half.

Whatever is asked here is waited for: a phone with much else to do shows late what it kept long ago.
"""

import json
import urllib.request
import uuid

from tests.browser.conftest import LIMIT, until

COURSE = "/attt-01/"
FIRST = "/attt-01/vi-sao-can-biet/"
#: The worker has what only phones with a course need; the page does not wait for it for ever.
LATER_STORED = """(async () => {
  const urls = [];
  for (const name of (await caches.keys()).filter((one) => one.startsWith('app-'))) {
    urls.push(...(await (await caches.open(name)).keys()).map((request) => request.url));
  }
  return ['storage', 'quiz-review'].every((part) => urls.some((url) => url.includes(`/pages/${part}.`)));
})()"""


# --- the course --------------------------------------------------------------------------------------------------


def download(phone, path=COURSE) -> None:
    """Open the course and make it available offline, waiting as a person would for the words to change."""
    phone.goto(path)
    phone.ready()
    phone.until("document.querySelector('[data-action=download-course]')")
    phone.until("Number(document.querySelector('[data-bytes]')?.dataset.bytes) > 0")
    phone.page.click("[data-action=download-course]")
    phone.until("document.querySelector('main [data-offline=ready]') !== null")
    phone.until(LATER_STORED)


def lessons(phone) -> list[str]:
    return phone.page.eval_on_selector_all(
        "main [data-lesson] a", "links => links.map(link => new URL(link.href).pathname)"
    )


def quiz_path(phone) -> str:
    return phone.page.eval_on_selector("main [data-quiz] a", "link => new URL(link.href).pathname")


def finish_lesson(phone, path) -> None:
    phone.goto(path)
    phone.page.click("[data-action=finish-lesson]")
    phone.until("document.querySelector('main [data-result]') !== null")


# --- a quiz, in a page: there may be two of one phone's ------------------------------------------------------------


def begin_quiz(page, url: str) -> None:
    """From the first page of the quiz, or from the result of the attempt before, to a question."""
    page.goto(url)
    # What it shows is decided when the questions are put away: a button that goes again takes the press with it.
    until(page, "document.querySelector('main [data-question]')?.hidden")
    begin(page)


def begin(page) -> None:
    page.click("[data-action=start-quiz]")
    page.locator("[data-question]:visible").wait_for()


def choose(page, indexes) -> None:
    """Answer the question that is shown."""
    for index in indexes:
        page.locator(f"[data-question]:visible input[value='{index}']").check(force=True)


def go_on(page) -> None:
    page.locator("[data-action=next-question]:visible").click()


def answer_all(page, keys=None) -> None:
    """Answer what is left, one screen after another, up to the look back: by the keys, or always the first."""
    while page.locator("[data-action=next-question]:visible").count():
        name = page.locator("[data-question]:visible").get_attribute("data-question")
        choose(page, keys[name] if keys else [0])
        go_on(page)
        page.locator(f"[data-question='{name}']").wait_for(state="hidden")


def submit_quiz(page) -> None:
    page.locator("[data-action=submit-quiz]:visible").click()
    page.locator("main [data-result]").first.wait_for()


def take_quiz(phone, path, keys=None) -> None:
    """From beginning to submission; without the keys it is not passed."""
    begin_quiz(phone.page, phone.site.url + path)
    answer_all(phone.page, keys)
    submit_quiz(phone.page)


def send_now(phone) -> str:
    """Press, and hear what came of it: nothing while a page is sending by itself."""
    while True:
        phone.page.click("[data-action=send-now]")
        said = phone.until(
            "document.querySelector('[data-action=send-now]:not([aria-disabled])')"
            " && document.querySelector('[data-sent]').innerText"
        )
        if "Một trang khác" not in said:
            return said


# --- what came of it -----------------------------------------------------------------------------------------------


def pending(phone, count: int) -> None:
    """So many results wait on this phone, and it says so."""
    phone.until(f"document.querySelector('[data-pending]')?.dataset.pending === '{count}'")


def all_counted(phone) -> None:
    """On a page that was opened after the last result: one that is older may not have heard of it yet."""
    pending(phone, 0)


def right_answers(site) -> dict[str, list[int]]:
    """What the server knows and no phone may: question version → key."""
    versions = site.rows("select name, content from quizzes_questionversion")
    return {name: json.loads(content)["key"] for name, content in versions}


def events(site, staff_number="CB-0001", kinds=("lesson_finished", "quiz_submitted")):
    marks = ",".join("?" * len(kinds))
    return site.rows(
        "select e.kind, e.verdict, e.code, e.activity from sync_event e"
        " join officials_official o on o.id = e.official_id"
        f" where o.staff_number = ? and e.kind in ({marks}) order by e.seq",
        staff_number,
        *kinds,
    )


def deliver(site, signed: list[str]) -> None:
    """Carry signed events to the server as anyone may: no cookie, no token."""
    body = {"delivery": str(uuid.uuid4()), "sent_at": "2026-11-22T02:54:07.120Z", "devices": {}, "events": signed}
    request = urllib.request.Request(
        site.url + "/api/sync/", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=LIMIT) as answer:
        assert answer.status == 200
