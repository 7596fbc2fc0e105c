"""S2 over HTTP: what an official does, with a phone that signs and with no script at all."""

import base64
import json
import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import gettext, override
from wagtail.models import Page

from courses.editions import current_edition, steps
from courses.models import Activity, CoursePage, Fragment
from quizzes.models import Attempt, Paper, QuestionVersion
from training.officials.models import Official
from training.records.models import Completion, Enrolment, LessonProgress
from training.reports.queries import last_contacts
from training.starter.history import Phone
from training.sync import jose, keys
from training.sync.jose import verify
from training.sync.models import Device, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(world):
    return Activity.objects.get(kind="course", code="ATTT-01")


@pytest.fixture
def she(world):
    return Official.objects.get(staff_number="CB-0001")


def register(client, official) -> Phone:
    phone = Phone(official, timezone.now() - timedelta(days=3))
    answer = client.post(
        "/api/devices/", json.dumps({"jwk": phone.jwk, "name": "Chrome, Android"}), content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["official"] == str(official.public_id)
    return phone


def send(client, phone, events=None) -> dict:
    """Deliver what waits; returns the reply, its signature checked with the server's key."""
    body = {
        "delivery": str(uuid.uuid4()),
        "sent_at": "2026-11-22T02:54:07.120Z",
        "devices": {phone.kid: {"highest_seq": phone.seq, "pending": 0}},
        "events": events if events is not None else [jws for _, jws in phone.waiting],
    }
    answer = client.post("/api/sync/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/jose"
    reply = json.loads(verify(answer.content.decode(), jose.public_key(keys.server_jwk())))
    assert reply["delivery"] == body["delivery"]
    return reply


def payload(jws: str) -> bytes:
    part = jws.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def study(phone, course, right=True) -> None:
    """Every lesson, then the quiz."""
    edition = current_edition(course.key)
    at = timezone.now() - timedelta(days=1)
    for number, step in enumerate(steps(edition)):
        when = at + timedelta(minutes=10 * number)
        if step["kind"] == "lesson":
            phone.record("lesson_finished", step["activity"], edition.name, when, {"seconds": 200})
        else:
            begun = phone.record("quiz_started", step["activity"], edition.name, when, {"earlier": 0})
            paper = Paper.objects.get(name=step["papers"]["vi"])
            versions = QuestionVersion.objects.in_bulk(paper.versions)
            answers = [versions[name].content["key"] if right else [] for name in paper.versions]
            data = {"attempt": begun, "paper": paper.name, "answers": answers}
            phone.record("quiz_submitted", step["activity"], edition.name, when + timedelta(minutes=5), data)


def test_lessons_and_quiz_complete_the_course(official, she, course):
    phone = register(official, she)
    study(phone, course)
    reply = send(official, phone)
    assert {result["verdict"] for result in reply["results"]} == {"accepted"}
    assert reply["devices"][phone.kid]["received_through"] == phone.seq
    completion = Completion.objects.get(official=she)
    assert completion.course == course
    assert completion.score == 10_000
    assert completion.unit.code == "03595-VHXH"
    state = official.get("/api/me/").json()
    [entry] = [entry for entry in state["courses"] if entry["course"] == str(course.key)]
    assert entry["completed_on"] == completion.completed_on.isoformat()
    assert all(step["done"] for step in entry["steps"])


def test_results_go_without_a_session_and_whoever_carries_them(official, neighbour, she, course):
    phone = register(official, she)
    study(phone, course)
    reply = send(neighbour, phone)
    assert {result["verdict"] for result in reply["results"]} == {"accepted"}
    assert Completion.objects.get().official == she
    assert not LessonProgress.objects.exclude(official=she).exists()


def test_the_same_delivery_three_times_counts_once(official, she, course):
    phone = register(official, she)
    study(phone, course)
    first = send(official, phone)
    for _ in range(2):
        again = send(official, phone, list(reversed([jws for _, jws in phone.waiting])))
        assert all(result["again"] for result in again["results"])
    assert {r["verdict"] for r in first["results"]} == {"accepted"}
    assert Event.objects.filter(official=she).exclude(kind="completion_issued").count() == phone.seq
    assert Completion.objects.count() == 1


def test_a_quiz_not_passed_leaves_the_step_open_and_says_so(official, she, course):
    phone = register(official, she)
    study(phone, course, right=False)
    send(official, phone)
    assert not Completion.objects.exists()
    attempt = Attempt.objects.get()
    assert not attempt.passed
    page = official.get("/me/").content.decode()
    assert "Bài kiểm tra cuối khóa" in page


def confirm(client, answer):
    """Press the button of the confirming page."""
    page = answer.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return client.post("/study/confirm/", fields)


def test_reading_and_finishing_a_lesson_works_with_plain_forms(official, she, course):
    began = timezone.now()
    page = official.get("/attt-01/vi-sao-can-biet/")
    assert page.status_code == 200
    text = page.content.decode()
    key = re.search(r'<main[^>]*data-lesson="([^"]+)"', text).group(1)
    assert 'action="/study/finish/"' in text
    answer = official.post("/study/finish/", {"activity": key})
    assert answer.status_code == 200
    assert not LessonProgress.objects.exists(), "nothing may be written before she confirms"
    assert confirm(official, answer).status_code == 302
    assert str(LessonProgress.objects.get(official=she).lesson_id) == key
    assert Event.objects.get(official=she).device.kind == Device.Kind.SERVER
    assert Enrolment.objects.get(official=she, course=course).started_at is not None
    assert last_contacts([she.pk])[she.pk] >= began, "HR has heard from her"


def test_when_the_step_she_lacked_leaves_the_course_she_is_told_what_completes_it(official, she, course):
    phone = register(official, she)
    study(phone, course)
    lacking = next(step["activity"] for step in steps(current_edition(course.key)) if step["kind"] == "lesson")
    texts = [jws for _, jws in phone.waiting if json.loads(payload(jws))["activity"] != lacking]
    send(official, phone, texts)
    for page in Page.objects.filter(translation_key=lacking):
        page.specific.unpublish()
    assert not Completion.objects.filter(official=she).exists(), "nothing of hers names the edition of today"
    mine = official.get("/me/").content.decode()
    assert "Khóa học đã thay đổi" in mine
    for page in CoursePage.objects.filter(translation_key=course.pk):
        page.unpublish()
    assert "Khóa học đã thay đổi" not in official.get("/me/").content.decode(), "there is nothing to finish"
    for page in CoursePage.objects.filter(translation_key=course.pk):
        page.save_revision().publish()
    again = re.search(r'<a href="([^"]+)"', mine[mine.index("Khóa học đã thay đổi") :]).group(1)
    key = re.search(r'data-lesson="([^"]+)"', official.get(again).content.decode()).group(1)
    confirm(official, official.post("/study/finish/", {"activity": key}))
    assert Completion.objects.get(official=she).course_id == course.pk
    assert "Khóa học đã thay đổi" not in official.get("/me/").content.decode()


def test_a_quiz_by_plain_form_is_marked_like_any_other(official, she):
    text = official.get("/attt-01/bai-kiem-tra/").content.decode()
    fields = {
        "activity": re.search(r'name="activity" value="([^"]+)"', text).group(1),
        "paper": re.search(r'name="paper" value="([^"]+)"', text).group(1),
    }
    versions = QuestionVersion.objects.in_bulk(Paper.objects.get(name=fields["paper"]).versions)
    for number, name in enumerate(Paper.objects.get(name=fields["paper"]).versions):
        fields[f"q{number}"] = [str(index) for index in versions[name].content["key"]]
    answer = official.post("/study/submit/", fields)
    assert answer.status_code == 200
    page = answer.content.decode()
    hidden: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
        hidden.setdefault(name, []).append(value)
    assert official.post("/study/confirm/", hidden).status_code == 302
    attempt = Attempt.objects.get(official=she)
    assert attempt.passed
    assert attempt.earned == attempt.possible


def test_the_key_of_an_assessed_quiz_reaches_no_phone(official, course):
    page = official.get("/attt-01/bai-kiem-tra/").content.decode()
    pack = official.get(f"/api/courses/{course.key}/pack/?lang=vi", headers={"accept-encoding": "identity"})
    state = official.get("/api/me/").content.decode()
    edition = current_edition(course.key)
    for text in (page, state, json.dumps(edition.content, ensure_ascii=False)):
        assert '"key": [' not in text
        assert '"key":[' not in text
    for version in QuestionVersion.objects.filter(name__in=Paper.objects.first().versions):
        explanation = version.content["explanation"]
        assert explanation
        assert explanation not in page
        assert explanation not in state
    assert pack.status_code == 200


def test_a_person_who_is_not_signed_in_reads_nothing(world, client, course):
    for path in ("/attt-01/", "/attt-01/vi-sao-can-biet/", "/me/", "/me/results/", "/me/account/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "/accounts/login/" in answer.headers["Location"]
    assert client.get("/api/me/").status_code == 401
    assert client.get(f"/api/courses/{course.key}/pack/?lang=vi").status_code in (401, 404)


def test_every_lesson_of_the_demo_shows_a_picture_asks_once_says_what_it_rests_on_and_that_it_is_a_draft(world):
    lessons = Fragment.objects.filter(kind=Fragment.Kind.LESSON)
    assert set(lessons.values_list("course__code", flat=True)) == {"ATTT-01", "KNS-01", "CKS-01"}
    for lesson in lessons:
        with override(lesson.language):
            mark = gettext("Draft, awaiting appraisal by the competent agency")
        law = lesson.html.partition('<section class="law">')[2].partition("</section>")[0]
        assert mark in lesson.html, lesson.path
        assert "<li>" in law, lesson.path
        assert re.search(r"\d\d?/\d\d?/20\d\d", law), lesson.path
        assert lesson.html.count("data-check") == 1, lesson.path
        assert lesson.media.filter(role="picture").exists(), lesson.path


def test_the_english_course_is_the_same_course_so_that_it_is_completed_in_either_language(world):
    pages = Fragment.objects.filter(course__code="ATTT-01").order_by("position")
    keys = [list(pages.filter(language=language).values_list("activity", flat=True)) for language in ("vi", "en")]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 10
    assert set(pages.filter(language="en").values_list("content_language", flat=True)) == {"en"}
