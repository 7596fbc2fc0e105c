"""HR decides about phones and about what is held: who may, what is asked, what is then on record and on the page."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from tests.learning import ALL_RIGHT, ALL_WRONG, Course
from tests.sync.phone import Phone, codes, digest
from training.records.models import Completion, LessonProgress
from training.reports.models import AccessRecord
from training.sync import devices
from training.sync.models import Device, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db):
    return Course(lessons=2)


@pytest.fixture
def phone(cast, course):
    return Phone(cast.official, course)


@pytest.fixture
def hr(client, cast):
    client.force_login(cast.hr)
    return client


@pytest.fixture
def held(cast, course, phone):
    """She reported the phone lost; then her whole course arrived from it."""
    devices.revoke(phone.device, by=cast.hr, reason="Báo mất ở chợ")
    texts = [phone.finish(lesson) for lesson in course.lessons]
    texts += phone.attempt(course.quizzes[0], ALL_RIGHT)
    assert set(codes(phone.deliver(Client(), *texts))) == {"device_revoked"}
    return texts


def address(name, official, *more):
    return reverse(f"reports_{name}", args=[official.public_id, *more])


def page_of(client, official) -> str:
    return client.get(address("person", official)).content.decode()


def boxes(page) -> list[str]:
    return re.findall(r'name="chosen" value="([^"]+)"', page)


def decide(client, official, decision, chosen, reason="Cán bộ xác nhận"):
    return client.post(address("decide", official), {"decision": decision, "chosen": chosen, "reason": reason})


def test_a_phone_is_shown_with_since_when_last_contact_and_who_revoked_it_when_and_why(hr, cast, phone, held):
    page = page_of(hr, cast.official)
    device = Device.objects.get(kid=phone.kid)
    since = date_format(timezone.localtime(device.registered_at), "SHORT_DATE_FORMAT")
    for shown in ("Chrome, Android", "Báo mất ở chợ", cast.hr.full_name, since):
        assert shown in page, shown
    assert address("trust_device", cast.official, device.pk) in page
    assert address("revoke_device", cast.official, device.pk) not in page


def test_revoking_asks_first_and_wants_a_reason(hr, cast, phone):
    revoke = address("revoke_device", cast.official, phone.device.pk)
    assert hr.get(revoke).status_code == 200
    assert hr.post(revoke, {"reason": "  "}).status_code == 422
    assert Device.objects.get(kid=phone.kid).revoked_at is None
    assert hr.post(revoke, {"reason": "Mất máy"}).status_code == 302
    device = Device.objects.get(kid=phone.kid)
    assert device.revoked_by == cast.hr
    assert Event.objects.get(kind="device_standing").data["reason"] == "Mất máy"
    assert hr.post(revoke, {"reason": "Mất máy"}).status_code == 404, "it is revoked already"


def test_what_is_held_is_listed_in_words_with_a_submitted_quiz_as_one(hr, cast, held):
    page = html.unescape(page_of(hr, cast.official))
    assert page.count("Gửi sau khi điện thoại này đã bị thu hồi.") == 3
    assert boxes(page) == [f"{digest(held[3])} {digest(held[2])}", digest(held[1]), digest(held[0])]


def test_what_she_accepts_counts_and_is_on_record_with_her_name_and_reason(hr, cast, held):
    answer = decide(hr, cast.official, "accept", boxes(page_of(hr, cast.official)))
    assert answer.headers["Location"] == address("person", cast.official)
    assert Completion.objects.filter(official=cast.official).exists()
    decided = Event.objects.get(kind="held_decided")
    assert (decided.data["by"], decided.data["reason"]) == (str(cast.hr.public_id), "Cán bộ xác nhận")
    assert boxes(page_of(hr, cast.official)) == []


def test_what_she_voids_counts_nowhere_is_listed_with_her_reason_and_can_be_accepted_later(hr, cast, held):
    decide(hr, cast.official, "void", [digest(held[0])], "Người khác dùng máy")
    assert not LessonProgress.objects.exists()
    page = page_of(hr, cast.official)
    assert "Người khác dùng máy" in page
    assert digest(held[0]) in boxes(page)
    decide(hr, cast.official, "accept", [digest(held[0])])
    assert LessonProgress.objects.filter(official=cast.official).count() == 1


def test_trusting_the_phone_again_counts_what_was_held(hr, cast, course, phone, held):
    trust = address("trust_device", cast.official, phone.device.pk)
    assert hr.get(trust).status_code == 200
    assert not Completion.objects.exists()
    assert hr.post(trust, {"reason": "Đã tìm thấy máy"}).status_code == 302
    assert Completion.objects.filter(official=cast.official).exists()
    assert Device.objects.get(kid=phone.kid).revoked_at is None
    assert hr.post(trust, {"reason": "nữa"}).status_code == 404


@pytest.mark.parametrize(
    "data",
    [{"decision": "accept", "reason": ""}, {"decision": "void", "reason": "  "}, {"decision": "void", "chosen": []}],
    ids=str,
)
def test_without_a_reason_or_a_choice_nothing_is_decided_and_the_page_says_so(hr, cast, held, data):
    data = {"chosen": [digest(held[0])], "reason": "Cán bộ xác nhận", **data}
    answer = hr.post(address("decide", cast.official), data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Event.objects.filter(kind="held_decided").exists()


def test_an_unknown_verb_is_not_found(hr, cast, held):
    assert decide(hr, cast.official, "delete", [digest(held[0])]).status_code == 404


@pytest.mark.parametrize("decision", ["accept", "void"])
def test_nobody_decides_about_people_of_other_units_or_about_herself(client, cast, phone, held, decision):
    texts = [digest(text) for text in held]
    elsewhere = cast.province_hr
    elsewhere.grants.update(unit=cast.muong_kim)
    for actor, official in ((elsewhere, cast.official), (cast.hr, cast.stranger), (cast.hr, cast.hr)):
        client.force_login(actor)
        assert decide(client, official, decision, texts).status_code == 404
        for name in ("revoke_device", "trust_device"):
            assert client.post(address(name, official, phone.device.pk), {"reason": "x"}).status_code == 404
    client.force_login(cast.hr)
    # Somebody of hers, but the texts are another's.
    decide(client, cast.colleague, decision, texts)
    assert not Event.objects.filter(kind="held_decided").exists()
    assert Device.objects.get(kid=phone.kid).revoked_at is not None


def test_a_decision_without_the_token_of_her_session_is_refused(cast, held):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.hr)
    assert decide(client, cast.official, "accept", [digest(held[0])]).status_code == 403
    assert not Event.objects.filter(kind="held_decided").exists()


def test_everything_that_needs_a_person_is_said_in_words_and_only_what_can_be_decided_has_a_box(
    hr, cast, course, phone
):
    quiz = course.quizzes[0]
    phone.deliver(hr, phone.finish(course.lessons[0]))
    for number in range(4):
        last = phone.attempt(quiz, ALL_WRONG, earlier=number)
        phone.deliver(hr, *last)
    other = dict(phone.event("quiz_submitted", quiz, {}))
    attempt = Event.objects.filter(kind="quiz_started").first()
    other["data"] = {"attempt": str(attempt.event_id), "paper": course.papers[quiz].name, "answers": ALL_RIGHT}
    assert codes(phone.deliver(hr, phone.sign(other))) == ["attempt_answered"]
    phone.deliver(hr, phone.record("lesson_finished", quiz, {"seconds": 1}))
    conflict = phone.finish(course.lessons[1], seq=1)
    assert codes(phone.deliver(hr, conflict)) == ["seq_conflict"]
    page = html.unescape(page_of(hr, cast.official))
    for words in (
        "Ngoài số lượt được làm",
        "Câu trả lời khác cho một lượt đã nộp",
        "không thuộc khóa học",
        "Điện thoại dùng một số thứ tự cho hai kết quả khác nhau",
    ):
        assert words in page, words
    assert len(boxes(page)) == 2
    decide(hr, cast.official, "accept", boxes(page))
    assert LessonProgress.objects.filter(lesson=course.lessons[1]).exists()
    decide(hr, cast.official, "void", boxes(page))
    left = html.unescape(page_of(hr, cast.official))
    assert "Ngoài số lượt được làm" in left
    assert "Câu trả lời khác cho một lượt đã nộp" not in left


def test_where_nothing_can_be_decided_nothing_asks_for_a_decision(hr, cast, course, phone):
    for number in range(4):
        phone.deliver(hr, *phone.attempt(course.quizzes[0], ALL_WRONG, earlier=number))
    page = html.unescape(page_of(hr, cast.official))
    assert "Ngoài số lượt được làm" in page
    assert boxes(page) == []
    assert 'name="decision"' not in page
    phone.deliver(hr, phone.finish(course.lessons[0]), phone.finish(course.lessons[1], seq=1))
    assert 'name="decision"' in page_of(hr, cast.official)


def test_the_list_of_what_waits_names_her_people_only_and_empties(client, cast, held):
    waiting = reverse("reports_waiting")
    client.force_login(cast.hr)
    page = client.get(waiting).content.decode()
    assert cast.official.full_name in page
    decide(client, cast.official, "accept", [digest(text) for text in held])
    assert cast.official.full_name not in client.get(waiting).content.decode()
    devices.revoke(Device.objects.create(kid="x", official=cast.stranger), by=None)
    cast.province_hr.grants.update(unit=cast.muong_kim)
    client.force_login(cast.province_hr)
    assert cast.official.full_name not in client.get(waiting).content.decode()


def test_looking_at_a_record_is_logged_also_when_a_decision_was_refused(hr, cast, held):
    decide(hr, cast.official, "accept", [], "")
    assert AccessRecord.objects.filter(what="person").count() == 1


def test_attempts_that_count_beyond_the_limit_stand_in_the_same_section(hr, cast, course):
    quiz = course.quizzes[0]
    for phone in (Phone(cast.official, course), Phone(cast.official, course)):
        for earlier in range(2):
            assert set(codes(phone.deliver(hr, *phone.attempt(quiz, ALL_WRONG, earlier=earlier)))) == {"counted"}
    page = page_of(hr, cast.official)
    section = page[page.index('id="attention-h"') : page.index('id="courses-h"')]
    assert "Có 4 lượt được tính" in section
    assert "Không có. Không kết quả nào" not in section
