"""S2, the official: download, a week without network, results that arrive exactly once, whatever happens meanwhile."""

import base64
import gzip
import json
import random

import pytest

from tests.browser.study import (
    COURSE,
    all_counted,
    deliver,
    download,
    events,
    finish_lesson,
    lessons,
    pending,
    quiz_path,
    right_answers,
    send_now,
    take_quiz,
)


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
        pending(phone, number)
    take_quiz(phone, quiz, right_answers(site))
    pending(phone, len(paths) + 1)
    assert "máy chủ chấm" in phone.page.inner_text("main")

    phone.kill()
    phone.open()
    phone.goto("/me/")
    pending(phone, len(paths) + 1)
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
    phone.goto(COURSE)
    all_counted(phone)
    phone.until("document.querySelector('main').innerText.includes('Còn lại')")
    assert "Bài kiểm tra cuối khóa" in phone.page.inner_text("main")
    take_quiz(phone, quiz)
    phone.goto(COURSE)
    all_counted(phone)
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


def test_the_reply_lost_after_the_server_committed_leads_to_one_result(site, link, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths = lessons(phone)
    link.losing = True
    finish_lesson(phone, paths[0])
    phone.goto("/me/results/")
    assert "không kết nối được với máy chủ" in send_now(phone)
    phone.eventually(lambda: link.lost)
    assert len(events(site)) == 1
    phone.until("document.querySelector('main [data-result=sent]') !== null")
    pending(phone, 1)
    link.losing = False
    send_now(phone)
    all_counted(phone)
    assert len(events(site)) == 1
    assert site.rows("select count(*) from records_lessonprogress") == [(1,)]


def test_a_server_killed_in_the_middle_of_the_sending_loses_nothing(site, link, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths = lessons(phone)
    phone.cut()
    for path in paths[:3]:
        finish_lesson(phone, path)
    # Before it could do anything with them, in the middle of it, or after it did and before it said so.
    link.on_delivery = lambda: site.stop(hard=True)
    phone.connect()
    phone.goto("/me/results/")
    send_now(phone)
    phone.eventually(lambda: site.process is None)
    assert "không kết nối được với máy chủ" in send_now(phone)
    pending(phone, 3)
    site.start()
    phone.goto("/me/results/")
    send_now(phone)
    all_counted(phone)
    assert len(events(site)) == 3
    assert site.rows("select count(*) from records_lessonprogress") == [(3,)]


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
    phone.arrive("/accounts/login/")
    phone.sign_in("CB-0002")
    phone.context.unroute("**/api/sync/")
    finish_lesson(phone, paths[0])
    phone.goto("/me/results/")
    # Hers alone are told of here; those of the one before go with them.
    all_counted(phone)
    phone.eventually(lambda: len(events(site, "CB-0001")) >= 2)
    assert len(events(site, "CB-0001")) == 2
    assert len(events(site, "CB-0002")) == 1
    assert {verdict for _, verdict, _, _ in events(site, "CB-0001") + events(site, "CB-0002")} == {"accepted"}


def kind_of(signed: str) -> str:
    body = signed.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["kind"]


def test_each_event_delivered_three_times_in_another_order_counts_once(site, phone):
    phone.sign_in("CB-0001")
    download(phone)
    paths, quiz = lessons(phone), quiz_path(phone)
    signed = set()

    def keep(route):
        body, encoding = route.request.post_data_buffer, route.request.headers.get("content-encoding")
        signed.update(json.loads(gzip.decompress(body) if encoding == "gzip" else body)["events"])
        route.abort()

    phone.context.route("**/api/sync/", keep)
    for path in paths[:3]:
        finish_lesson(phone, path)
    take_quiz(phone, quiz, right_answers(site))
    made = ["lesson_finished"] * 3 + ["quiz_started", "quiz_submitted"]
    phone.eventually(lambda: sorted(kind for kind in map(kind_of, signed) if kind in made) == made)
    for seed in range(3):
        order = sorted(signed)
        random.Random(seed).shuffle(order)
        for half in (order[::2], order[1::2]):
            deliver(site, half)
    phone.context.unroute("**/api/sync/")
    phone.goto("/me/results/")
    send_now(phone)
    all_counted(phone)
    assert len(events(site)) == 4


@pytest.mark.parametrize("width", [360, 1280])
def test_my_courses_fit_the_screen(site, new_phone, width):
    phone = new_phone("wide", viewport={"width": width, "height": 640})
    phone.sign_in("CB-0001")
    phone.until("document.querySelector('main [data-course]') !== null")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_home_screen_is_offered_in_one_place_and_asked_for_once(site, phone):
    phone.sign_in("CB-0001")
    # What Chromium sends where the app can be installed; here it never does by itself.
    offer = (
        "Object.assign(new Event('beforeinstallprompt', { cancelable: true }),"
        " { prompt: () => (window.asked = (window.asked || 0) + 1) })"
    )
    # Kept from showing its own bar over the page.
    phone.until(f"!window.dispatchEvent({offer})")
    assert "màn hình chính" in phone.page.inner_text("main [data-notes]")
    phone.page.click("main [data-notes] button")
    phone.until("window.asked === 1")
    assert phone.page.inner_text("main [data-notes]") == ""
