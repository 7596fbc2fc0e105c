"""The personal state, as /api/me/ tells it."""

import json
from datetime import date, timedelta

import brotli
import pytest
from django.test import Client
from django.utils import timezone, translation

from courses.editions import steps
from courses.models import Fragment
from tests.learning import ALL_RIGHT, ALL_WRONG, Course
from tests.sync.conftest import BACKEND
from tests.sync.phone import Phone, now
from training.officials.models import Unit
from training.records import enrolments
from training.records.models import Assignment
from training.reports import queries
from training.sync import devices
from training.sync.models import CoursePack, Device

pytestmark = pytest.mark.django_db


def publish(course, slug="attt-01", languages=("vi",), title="An toàn"):
    """Fragments and packs of a course that exists as an edition only, as if it were in sight."""
    from wagtail.models import Page

    page = Page.get_first_root_node()
    for language in languages:
        prefix = "" if language == "vi" else f"/{language}"
        parts = [(course.activity.pk, "course"), *((key, "lesson") for key in course.lessons)]
        parts += [(key, "quiz") for key in course.quizzes]
        for place, (key, kind) in enumerate(parts):
            Fragment.objects.create(
                page=page.add_child(instance=Page(title=f"{slug} {place} {language}")),
                path=f"{prefix}/{slug}/" if place == 0 else f"{prefix}/{slug}/{place}/",
                language=language,
                content_language=language,
                kind=kind,
                activity_id=key,
                course=course.activity,
                position=place,
                title=f"{title} {place}",
                minutes=5,
                html="<main></main>",
                hash=f"{place}",
            )
        CoursePack.objects.create(
            course=course.activity,
            language=language,
            hash="a" * 64,
            edition=course.edition.name,
            manifest={},
            body_br=b"",
            body_gzip=b"",
            bytes_br=41_200,
            bytes_gzip=50_000,
            media_bytes=51_000,
        )


def assign(course, unit, due=date(2026, 11, 30)):
    assignment = Assignment.objects.create(
        course=course.activity, unit=unit, due_on=due, assigned_on=date(2026, 11, 1)
    )
    enrolments.assign(assignment)


def me(client, **headers):
    return client.get("/api/me/", headers={"Accept-Encoding": "gzip, br", **headers})


def state_of(client):
    return read(me(client))


def read(answer):
    packed = answer.headers.get("Content-Encoding") == "br"
    return json.loads(brotli.decompress(answer.content) if packed else answer.content)


def test_it_says_who_she_is_and_what_stands_with_her_phones(signed_in, official, commune, phone, course):
    phone.deliver(signed_in, phone.finish(course.lessons[0]))
    lost = Phone(official, course)
    devices.revoke(lost.device, by=official)
    # Her sessions ended with it.
    signed_in.force_login(official, BACKEND)
    answer = me(signed_in)
    assert answer["Cache-Control"] == "private, no-cache"
    state = read(answer)
    with translation.override("vi"):
        unit = commune.full_name
    assert (state["official"], state["name"], state["unit"], state["language"]) == (
        str(official.public_id),
        "Official CB-0001",
        unit,
        "vi",
    )
    assert state["device"] == {
        phone.kid: {"received_through": 1, "revoked": False},
        lost.kid: {"received_through": 0, "revoked": True},
    }
    assert state["server_time"].endswith("Z")
    assert len(state["csrf"]) == 64


def test_a_course_is_told_with_its_steps_as_the_specification_has_it(signed_in, official, commune, course, phone):
    publish(course, languages=("vi", "en"))
    assign(course, commune)
    phone.deliver(signed_in, phone.finish(course.lessons[0]))
    (told,) = state_of(signed_in)["courses"]
    steps = told.pop("steps")
    pack = {"hash": "a" * 64, "bytes": 41_200, "media_bytes": 51_000}
    assert told == {
        "course": str(course.activity.pk),
        "title": {"vi": "An toàn 0", "en": "An toàn 0"},
        "path": {"vi": "/attt-01/", "en": "/en/attt-01/"},
        "assigned": True,
        "due_on": "2026-11-30",
        "started": True,
        "completed_on": None,
        "edition": course.edition.name,
        "packs": {"vi": pack, "en": pack},
    }
    assert steps[0] == {
        "activity": str(course.lessons[0]),
        "kind": "lesson",
        "title": {"vi": "An toàn 1", "en": "An toàn 1"},
        "path": {"vi": "/attt-01/1/", "en": "/en/attt-01/1/"},
        "minutes": 5,
        "required": True,
        "done": True,
    }
    assert [step["done"] for step in steps] == [True, False, False]
    assert {key: steps[2][key] for key in ("kind", "mode", "pass_mark", "allowed", "attempts")} == {
        "kind": "quiz",
        "mode": "assessed",
        "pass_mark": 75,
        "allowed": 3,
        "attempts": [],
    }


def test_marks_come_with_the_state_and_explanations_after_passing(signed_in, course, phone):
    publish(course)
    quiz = course.quizzes[0]
    phone.deliver(signed_in, *phone.attempt(quiz, ALL_WRONG))
    attempts = state_of(signed_in)["courses"][0]["steps"][2]["attempts"]
    assert [(one["score"], one["passed"], one["counted"], one["explanations"]) for one in attempts] == [
        (0, False, True, False)
    ]
    phone.deliver(signed_in, *phone.attempt(quiz, ALL_RIGHT, earlier=1))
    step = state_of(signed_in)["courses"][0]["steps"][2]
    assert step["done"] is True
    assert [(one["score"], one["passed"], one["explanations"]) for one in step["attempts"]] == [
        (0, False, True),
        (10_000, True, True),
    ]


def test_explanations_come_after_the_last_attempt_too(signed_in, course, phone):
    publish(course)
    for earlier in range(3):
        phone.deliver(signed_in, *phone.attempt(course.quizzes[0], ALL_WRONG, earlier=earlier))
        step = state_of(signed_in)["courses"][0]["steps"][2]
        assert {one["explanations"] for one in step["attempts"]} == {earlier == 2}
    assert step["done"] is False


def test_an_attempt_that_is_not_submitted_yet_is_not_told(signed_in, course, phone):
    publish(course)
    start, _ = phone.attempt(course.quizzes[0], ALL_RIGHT)
    phone.deliver(signed_in, start)
    assert state_of(signed_in)["courses"][0]["steps"][2]["attempts"] == []


def test_a_completed_course_says_when(signed_in, course, phone):
    publish(course)
    texts = [phone.finish(lesson) for lesson in course.lessons]
    phone.deliver(signed_in, *texts, *phone.attempt(course.quizzes[0], ALL_RIGHT))
    told = state_of(signed_in)["courses"][0]
    assert told["completed_on"] == timezone.localdate(phone.heard).isoformat()
    assert all(step["done"] for step in told["steps"])


def test_a_course_out_of_sight_stays_with_who_owes_it_and_cannot_be_downloaded(signed_in, commune, course):
    assign(course, commune)
    (told,) = state_of(signed_in)["courses"]
    assert (told["title"], told["path"], told["packs"]) == (
        {"vi": "An toàn khi làm việc", "en": "Safe at work"},
        {},
        {},
    )
    assert told["steps"][0]["title"] == {"vi": "Bài"}


def test_what_is_urgent_comes_first_and_what_she_may_begin_last(signed_in, commune, course, phone):
    others = [Course() for _ in range(3)]
    for number, each in enumerate([course, *others]):
        publish(each, slug=f"c-{number}", title=f"Khóa {number}")
    assign(others[0], commune, due=date(2026, 12, 30))
    assign(others[1], commune, due=date(2026, 12, 1))
    texts = [phone.finish(lesson) for lesson in course.lessons]
    phone.deliver(signed_in, *texts, *phone.attempt(course.quizzes[0], ALL_RIGHT))
    told = state_of(signed_in)["courses"]
    assert [one["title"]["vi"] for one in told] == ["Khóa 2 0", "Khóa 1 0", "Khóa 3 0", "Khóa 0 0"]
    assert [(one["assigned"], one["started"]) for one in told][2] == (False, False)


def test_nothing_of_another_official_is_told(signed_in, colleague, course):
    publish(course)
    other = Phone(colleague, course)
    other.deliver(signed_in, other.finish(course.lessons[0]))
    state = state_of(signed_in)
    assert state["device"] == {}
    assert not any(step["done"] for step in state["courses"][0]["steps"])


def test_without_a_session_it_says_so_and_does_not_redirect(client, db):
    answer = me(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert answer["Cache-Control"] == "no-store"
    assert client.post("/api/me/").status_code == 405


def test_it_travels_compressed(signed_in, course):
    publish(course, languages=("vi", "en"))
    answer = me(signed_in)
    assert answer["Content-Encoding"] == "br"
    assert read(answer)["courses"]
    assert read(signed_in.get("/api/me/"))["courses"]


def test_unchanged_is_a_304_until_something_changes(signed_in, course, phone):
    publish(course)
    first = me(signed_in)
    unchanged = me(signed_in, **{"If-None-Match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert not unchanged.cookies
    phone.deliver(signed_in, phone.finish(course.lessons[0]))
    changed = me(signed_in, **{"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_registering_a_phone_is_no_change_until_it_delivers_or_is_revoked(signed_in, course, official, phone):
    publish(course)
    first = me(signed_in)
    Device.objects.create(
        official=official, kid="another", public_jwk={}, kind=Device.Kind.PHONE, registered_at=now()
    )
    assert "another" in state_of(signed_in)["device"]
    assert me(signed_in, **{"If-None-Match": first["ETag"]}).status_code == 304
    Device.objects.filter(kid="another").update(revoked_at=now())
    assert me(signed_in, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_new_sign_in_is_a_change_because_the_token_is_another(signed_in, official):
    first = me(signed_in)
    signed_in.post("/accounts/logout/")
    fresh = Client()
    fresh.force_login(official, backend=BACKEND)
    assert me(fresh, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_ten_courses_cost_as_many_queries_as_one(signed_in, commune, course, phone, django_assert_num_queries):
    publish(course)
    assign(course, commune)
    phone.deliver(signed_in, *phone.attempt(course.quizzes[0], ALL_RIGHT))
    me(signed_in)
    # Session, person, posting, phones, enrolments, fragments, packs, courses, editions, lessons, attempts.
    count = 11
    with django_assert_num_queries(count):
        me(signed_in)
    for number in range(9):
        another = Course()
        publish(another, slug=f"c-{number}", languages=("vi", "en"))
        assign(another, commune)
        phone.course = another
        phone.deliver(signed_in, *phone.attempt(another.quizzes[0], ALL_RIGHT))
    me(signed_in)
    with django_assert_num_queries(count):
        assert len(state_of(signed_in)["courses"]) == 10


def test_a_quiz_that_has_left_its_course_keeps_its_results_in_sight(
    signed_in, course, phone, django_assert_num_queries
):
    publish(course)
    quiz = course.quizzes[0]
    phone.deliver(signed_in, *phone.attempt(quiz, ALL_WRONG), *phone.attempt(quiz, ALL_RIGHT, earlier=1))
    (told,) = state_of(signed_in)["courses"]
    assert "past" not in told
    attempts = told["steps"][2]["attempts"]
    course.mint(quizzes=[])
    (told,) = state_of(signed_in)["courses"]
    assert quiz not in [step["activity"] for step in told["steps"]]
    assert [(one["activity"], one["title"], one["path"], one["attempts"]) for one in told["past"]] == [
        (str(quiz), {"vi": "Kiểm tra"}, {}, attempts)
    ]
    with django_assert_num_queries(12):
        me(signed_in)
    page = signed_in.get("/me/results/").content.decode()
    assert page.count("Kiểm tra</h3>") == 2
    assert [page.count(f"/me/results/{one['attempt']}/") for one in attempts] == [1, 1]
    assert signed_in.get(f"/me/results/{attempts[1]['attempt']}/").status_code == 200


def test_a_course_taken_down_whole_keeps_the_results_of_its_quiz(signed_in, course, phone):
    publish(course)
    phone.deliver(signed_in, *phone.attempt(course.quizzes[0], ALL_RIGHT))
    Fragment.objects.all().delete()
    type(course.activity).objects.filter(pk=course.activity.pk).update(edition=None)
    (told,) = state_of(signed_in)["courses"]
    assert (told["steps"], len(told["past"][0]["attempts"])) == ([], 1)


def test_a_lesson_that_has_left_the_course_keeps_its_place_among_the_results(
    signed_in, course, phone, django_assert_num_queries
):
    publish(course)
    gone, stays = course.lessons[:2]
    phone.deliver(signed_in, phone.finish(gone), phone.finish(stays))
    (told,) = state_of(signed_in)["courses"]
    assert "past" not in told
    title = next(step["titles"] for step in steps(course.edition) if step["activity"] == str(gone))
    Fragment.objects.filter(activity=gone).delete()
    course.mint(lessons=course.lessons[1:])
    (told,) = state_of(signed_in)["courses"]
    assert str(gone) not in [step["activity"] for step in told["steps"]]
    assert told["past"] == [
        {
            **{"activity": str(gone), "kind": "lesson", "title": title, "path": {}, "minutes": 0},
            **{"required": False, "done": True},
        }
    ]
    with django_assert_num_queries(12):
        me(signed_in)
    page = signed_in.get("/me/results/").content.decode()
    assert page.count(f"{title['vi']}</h3>") == 1
    assert page.count('<li data-result="counted"') == 2


def test_lessons_of_a_course_taken_down_whole_are_results_still(signed_in, course, phone):
    publish(course)
    phone.deliver(signed_in, phone.finish(course.lessons[0]))
    Fragment.objects.all().delete()
    type(course.activity).objects.filter(pk=course.activity.pk).update(edition=None)
    (told,) = state_of(signed_in)["courses"]
    assert [one["activity"] for one in told["past"]] == [str(course.lessons[0])]


def test_a_lesson_moved_to_another_course_is_a_result_once(signed_in, course, phone):
    publish(course)
    moved = course.lessons[0]
    phone.deliver(signed_in, phone.finish(moved))
    course.mint(lessons=course.lessons[1:])
    other = Course()
    other.mint(lessons=[moved, *other.lessons])
    publish(other, "kns-01")
    told = state_of(signed_in)["courses"]
    assert [step["done"] for one in told for step in [*one["steps"], *one.get("past", [])]].count(True) == 1


# --- contact -------------------------------------------------------------------------------------------------------


def contact(phone):
    phone.device.refresh_from_db()
    return phone.device.last_contact_at


def test_a_phone_with_nothing_to_send_is_heard_from_when_it_asks_for_the_state(signed_in, phone):
    assert contact(phone) is None
    me(signed_in)
    assert contact(phone) is None
    signed_in.get(f"/api/me/?device={phone.kid}")
    assert contact(phone) > now() - timedelta(minutes=1)
    # Unchanged is a contact, too.
    Device.objects.update(last_contact_at=now() - timedelta(days=8))
    known = signed_in.get(f"/api/me/?device={phone.kid}")
    Device.objects.update(last_contact_at=now() - timedelta(days=8))
    again = signed_in.get(f"/api/me/?device={phone.kid}", headers={"If-None-Match": known["ETag"]})
    assert again.status_code == 304
    assert contact(phone) > now() - timedelta(minutes=1)


def test_contacts_within_the_hour_are_written_once(signed_in, phone):
    earlier = now() - timedelta(minutes=59)
    Device.objects.update(last_contact_at=earlier)
    signed_in.get(f"/api/me/?device={phone.kid}")
    assert contact(phone) == earlier


def test_nobody_claims_a_contact_of_anothers_phone_nor_without_a_session(signed_in, colleague, course):
    hers = Phone(colleague, course)
    assert signed_in.get(f"/api/me/?device={hers.kid}").status_code == 200
    assert Client().get(f"/api/me/?device={hers.kid}").status_code == 401
    assert signed_in.get("/api/me/?device=" + "x" * 900).status_code == 200
    assert contact(hers) is None


def test_hr_reads_not_heard_from_by_what_verified_phones_and_sessions_say(signed_in, phone, commune, course):
    publish(course)
    assign(course, commune)
    Device.objects.update(last_contact_at=now() - timedelta(days=30))

    def silent() -> int:
        return queries.summarise(queries.Selection(units=Unit.objects.all(), tops=(commune,))).total.silent

    assert silent() == 1
    phone.deliver(Client(), devices={phone.kid: {"highest_seq": 3, "pending": 0}})
    assert silent() == 1
    signed_in.get(f"/api/me/?device={phone.kid}")
    assert silent() == 0
    Device.objects.update(last_contact_at=now() - timedelta(days=30))
    phone.deliver(Client(), phone.download())
    assert silent() == 0
