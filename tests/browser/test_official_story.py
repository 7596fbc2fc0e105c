"""S2, the official: download, a week without network, results that arrive exactly once, whatever happens meanwhile."""

import gzip
import json
import random
import time
import urllib.request
import uuid

import pytest

from tests.browser.lossy import LossyLink

COURSE = "/attt-01/"
FIRST = "/attt-01/vi-sao-can-biet/"


def download(phone, path=COURSE):
    """Open the course and make it available offline, waiting as a person would for the words to change."""
    phone.goto(path)
    phone.ready()
    phone.until("document.querySelector('[data-action=download-course]')")
    phone.until("Number(document.querySelector('[data-bytes]')?.dataset.bytes) > 0")
    phone.page.click("[data-action=download-course]")
    phone.until("document.querySelector('main [data-offline=ready]') !== null", 30)


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


def pending(phone) -> int:
    return int(phone.until("document.querySelector('[data-pending]')?.dataset.pending ?? ''"))


def right_answers(site) -> dict[str, list[int]]:
    """What the server knows and no phone may: question version → key."""
    versions = site.rows("select name, content from quizzes_questionversion")
    return {name: json.loads(content)["key"] for name, content in versions}


def take_quiz(phone, path, keys=None, wrong=False) -> None:
    """Answer every question, one screen after another, and submit."""
    phone.goto(path)
    phone.page.click("[data-action=start-quiz]")
    for _ in range(60):
        name = phone.until(
            "[...document.querySelectorAll('[data-question]')].find(q => q.checkVisibility"
            " ? q.checkVisibility() : q.offsetParent)?.dataset.question"
        )
        chosen = [0] if wrong else keys[name]
        for index in chosen:
            phone.page.locator(f"[data-question='{name}'] input[value='{index}']").check(force=True)
        submit = phone.page.locator("[data-action=submit-quiz]:visible")
        phone.page.locator("[data-action=next-question]:visible").click()
        if submit.count():
            break
    phone.page.locator("[data-action=submit-quiz]:visible").click()
    phone.until("document.querySelector('main [data-result]') !== null")


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
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200


def eventually(true, timeout=15.0) -> None:
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.2)


def all_counted(phone, timeout=30.0):
    phone.until("document.querySelector('[data-pending]')?.dataset.pending === '0'", timeout)


def test_a_week_without_network_and_then_everything_counts_once(site, phone):
    phone.sign_in("CB-0001")
    phone.until("document.querySelector('main [data-course]') !== null")
    assert "Khóa học của tôi" in phone.page.inner_text("h1")
    assert "hạn" in phone.page.inner_text("main")
    download(phone)
    assert "Học được khi không có mạng" in phone.page.inner_text("main")
    paths, quiz = lessons(phone), quiz_path(phone)
    assert len(paths) == 8

    phone.cut()
    phone.goto("/me/")
    phone.until("document.querySelector('main [data-course]') !== null")
    for number, path in enumerate(paths, start=1):
        finish_lesson(phone, path)
        assert pending(phone) == number
    take_quiz(phone, quiz, right_answers(site))
    assert pending(phone) == len(paths) + 1
    assert "máy chủ chấm" in phone.page.inner_text("main")

    phone.kill()
    phone.open()
    phone.goto("/me/")
    assert pending(phone) == len(paths) + 1
    phone.goto("/me/results/")
    phone.until("document.querySelectorAll('main [data-result=saved]').length === 9")
    assert events(site) == []

    phone.connect()
    phone.goto("/me/results/")
    all_counted(phone)
    phone.until("document.querySelectorAll('main [data-result=counted]').length === 9")
    told = events(site)
    assert [(kind, verdict) for kind, verdict, _, _ in told] == [("lesson_finished", "accepted")] * 8 + [
        ("quiz_submitted", "accepted")
    ]
    assert site.rows("select count(*) from records_completion") == [(1,)]
    phone.goto("/me/")
    phone.until("document.querySelector('main').innerText.includes('Đã hoàn thành')")
    assert not phone.errors


def test_while_the_course_is_not_complete_she_sees_which_step_remains(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths, quiz = lessons(phone), quiz_path(phone)
    for path in paths:
        finish_lesson(phone, path)
    all_counted(phone)
    phone.goto(COURSE)
    phone.until("document.querySelector('main').innerText.includes('Còn lại')")
    assert "Bài kiểm tra cuối khóa" in phone.page.inner_text("main")
    take_quiz(phone, quiz, wrong=True)
    all_counted(phone)
    phone.goto(COURSE)
    phone.until("document.querySelector('main').innerText.includes('Chưa đạt')")
    assert site.rows("select count(*) from records_completion") == [(0,)]


def test_results_count_although_the_session_expired_and_marks_come_with_the_next_sign_in(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths, quiz = lessons(phone), quiz_path(phone)
    phone.cut()
    finish_lesson(phone, paths[0])
    take_quiz(phone, quiz, right_answers(site))
    phone.context.clear_cookies()
    phone.connect()
    phone.goto("/me/results/")
    all_counted(phone)
    assert [verdict for _, verdict, _, _ in events(site)] == ["accepted", "accepted"]
    phone.sign_in("CB-0001")
    phone.goto("/me/results/")
    phone.until("document.querySelector('main').innerText.includes('100')")


def test_the_reply_lost_after_the_server_committed_leads_to_one_result(site, phone):
    link = LossyLink(site.port)
    site.url = f"http://127.0.0.1:{link.port}"
    phone.sign_in("CB-0001")
    download(phone)
    paths = lessons(phone)
    link.losing.set()
    finish_lesson(phone, paths[0])
    phone.goto("/me/results/")
    phone.page.click("[data-action=send-now]")
    eventually(lambda: len(events(site)) == 1)
    phone.until("document.querySelector('main [data-result=sent]') !== null")
    assert link.lost
    assert pending(phone) == 1
    link.losing.clear()
    phone.page.click("[data-action=send-now]")
    all_counted(phone)
    assert len(events(site)) == 1
    assert site.rows("select count(*) from records_lessonprogress") == [(1,)]
    link.close()


def test_a_server_killed_in_the_middle_of_the_sending_loses_nothing(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths = lessons(phone)
    phone.cut()
    for path in paths[:3]:
        finish_lesson(phone, path)
    site.stop(hard=True)
    phone.connect()
    phone.goto("/me/results/")
    phone.page.click("[data-action=send-now]")
    phone.page.wait_for_timeout(1000)
    assert pending(phone) == 3
    site.start()
    phone.goto("/me/results/")
    phone.page.click("[data-action=send-now]")
    all_counted(phone)
    assert len(events(site)) == 3


def test_results_of_one_go_as_hers_although_another_signed_in_on_the_same_phone(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths = lessons(phone)
    phone.cut()
    finish_lesson(phone, paths[0])
    finish_lesson(phone, paths[1])
    phone.context.route("**/api/sync/", lambda route: route.abort())
    phone.connect()
    phone.goto("/accounts/logout/")
    phone.until("document.querySelector('main').innerText.includes('2 kết quả')")
    phone.page.click("main button[type=submit]")
    phone.page.wait_for_url("**/accounts/login/**")
    phone.sign_in("CB-0002")
    phone.context.unroute("**/api/sync/")
    phone.goto(paths[0])
    finish_lesson(phone, paths[0])
    phone.goto("/me/results/")
    all_counted(phone)
    phone.page.wait_for_timeout(1000)
    assert len(events(site, "CB-0001")) == 2
    assert len(events(site, "CB-0002")) == 1
    assert {verdict for _, verdict, _, _ in events(site, "CB-0001") + events(site, "CB-0002")} == {"accepted"}


def test_each_event_delivered_three_times_in_another_order_counts_once(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths, quiz = lessons(phone), quiz_path(phone)
    bodies = []

    def keep(route):
        bodies.append((route.request.post_data_buffer, route.request.headers.get("content-encoding")))
        route.abort()

    phone.context.route("**/api/sync/", keep)
    for path in paths[:3]:
        finish_lesson(phone, path)
    take_quiz(phone, quiz, right_answers(site))
    phone.page.wait_for_timeout(500)
    signed = set()
    for body, encoding in bodies:
        signed.update(json.loads(gzip.decompress(body) if encoding == "gzip" else body)["events"])
    assert len(signed) >= 5
    for seed in range(3):
        order = sorted(signed)
        random.Random(seed).shuffle(order)
        for half in (order[::2], order[1::2]):
            deliver(site, half)
    phone.context.unroute("**/api/sync/")
    phone.goto("/me/results/")
    phone.page.click("[data-action=send-now]")
    all_counted(phone)
    assert len(events(site)) == 4


@pytest.mark.parametrize("width", [360, 1280])
def test_my_courses_fit_the_screen(site, new_phone, width):
    phone = new_phone("wide", viewport={"width": width, "height": 640})
    phone.sign_in("CB-0001")
    phone.until("document.querySelector('main [data-course]') !== null")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
