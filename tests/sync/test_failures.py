"""When something breaks in the middle: nothing acknowledged is lost, and what failed is tried again."""

import uuid

import pytest

from tests.learning import ALL_RIGHT
from tests.sync import clumsy
from tests.sync.phone import Phone, codes
from training.records.models import Completion, LessonProgress
from training.sync import ledger
from training.sync.models import Delivery, Device, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def clumsy_handlers(settings):
    settings.SYNC_EVENT_HANDLERS = ["quizzes.events", "tests.sync.clumsy"]
    return settings


def finish(phone, lesson, seconds):
    return phone.record("lesson_finished", lesson, {"seconds": seconds})


@pytest.mark.parametrize("how", [clumsy.FAILS, clumsy.LEAVES_NO_VERDICT, clumsy.CANNOT_CONCLUDE])
def test_one_event_that_fails_is_held_and_its_neighbours_count(client, phone, course, clumsy_handlers, how):
    good = [finish(phone, course.lessons[0], 240), *phone.attempt(course.quizzes[0], ALL_RIGHT)]
    bad = finish(phone, course.lessons[1], how)
    reply = phone.deliver(client, good[0], bad, *good[1:])
    assert codes(reply) == ["counted", "failed", "counted", "counted"]
    assert LessonProgress.objects.get().lesson_id == course.lessons[0]
    assert not Completion.objects.exists()
    assert reply["devices"][phone.kid]["received_through"] == 4

    clumsy_handlers.SYNC_EVENT_HANDLERS = ["quizzes.events", "training.records.events"]
    assert codes(phone.deliver(client, bad)) == ["counted"]
    assert Completion.objects.count() == Event.objects.filter(kind="completion_issued").count() == 1


def test_what_failed_is_tried_again_when_anything_new_comes(client, phone, course, clumsy_handlers):
    phone.deliver(client, finish(phone, course.lessons[0], clumsy.FAILS))
    clumsy_handlers.SYNC_EVENT_HANDLERS = ["quizzes.events", "training.records.events"]
    phone.deliver(client, finish(phone, course.lessons[1], 240))
    assert LessonProgress.objects.count() == 2
    assert set(Event.objects.values_list("code", flat=True)) == {"counted"}


def test_a_lost_database_is_no_fault_of_the_event(client, phone, course, clumsy_handlers):
    texts = [finish(phone, course.lessons[0], 240), finish(phone, course.lessons[1], clumsy.LOSES_THE_DATABASE)]
    answer = phone.post(client, *texts)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "busy", "30")
    assert not Event.objects.exists()
    assert not LessonProgress.objects.exists()
    clumsy_handlers.SYNC_EVENT_HANDLERS = ["quizzes.events", "training.records.events"]
    reply = phone.deliver(client, *texts)
    assert codes(reply) == ["counted", "counted"]
    assert not any(result.get("again") for result in reply["results"])


def test_a_server_killed_in_the_middle_has_kept_all_or_nothing(client, phone, course, clumsy_handlers):
    texts = [finish(phone, course.lessons[0], 240), finish(phone, course.lessons[1], clumsy.IS_KILLED)]
    with pytest.raises(clumsy.Killed):
        phone.post(client, *texts)
    assert not Event.objects.exists()
    assert not LessonProgress.objects.exists()
    assert not Delivery.objects.exists()
    assert Device.objects.get().received_through == 0
    clumsy_handlers.SYNC_EVENT_HANDLERS = ["quizzes.events", "training.records.events"]
    reply = phone.deliver(client, *texts)
    assert codes(reply) == ["counted", "counted"]
    assert reply["devices"][phone.kid]["received_through"] == 2


def test_what_was_committed_for_one_official_stands_when_the_next_ones_fails(
    client, phone, colleague, course, clumsy_handlers
):
    other = Phone(colleague, course)
    mine, hers = finish(phone, course.lessons[0], 240), finish(other, course.lessons[0], clumsy.LOSES_THE_DATABASE)
    assert phone.post(client, mine, hers).status_code == 503
    assert Event.objects.get().official == phone.official
    clumsy_handlers.SYNC_EVENT_HANDLERS = ["quizzes.events", "training.records.events"]
    reply = phone.deliver(client, mine, hers)
    assert [result.get("again", False) for result in reply["results"]] == [True, False]
    assert codes(reply) == ["counted", "counted"]
    assert LessonProgress.objects.count() == 2


def test_of_more_than_are_judged_at_once_the_one_a_phone_asks_about_is_judged(client, phone, course, monkeypatch):
    monkeypatch.setattr(ledger, "REJUDGED_AT_ONCE", 2)
    name = uuid.uuid4().hex * 2
    waiting = [phone.finish(course.lessons[0], edition="0" * 64) for _ in range(3)]
    texts = [*waiting, *(phone.finish(lesson, edition=name) for lesson in course.lessons)]
    assert set(codes(phone.deliver(client, *texts))) == {"edition_unknown"}
    edition = course.edition
    edition.pk, edition.number = name, 9
    edition.save(force_insert=True)
    assert codes(phone.deliver(client, texts[-1])) == ["counted"]
    assert codes(phone.deliver(client, texts[-2])) == ["counted"]
    assert Event.objects.filter(code="edition_unknown").count() == 3
