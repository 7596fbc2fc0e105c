"""The same promises, kept through the real way in: signed events, deliveries, the ledger, a rebuild."""

import random
from contextlib import contextmanager

import pytest
from django.db import transaction

from tests.learning import ALL_RIGHT, ALL_WRONG, Course, make_official, make_unit, rows
from tests.sync.phone import Phone, codes
from training.records.models import Completion, Enrolment
from training.sync import judging
from training.sync.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key_of_its_own(settings, tmp_path):
    settings.SYNC_SIGNING_KEY = str(tmp_path / "signing_key.pem")


@pytest.fixture
def course():
    return Course(lessons=3, allowed=2)


@pytest.fixture
def phones(course):
    """Two phones of one official, and one of a colleague."""
    unit = make_unit("than-uyen")
    official, colleague = make_official("CB-0001", unit), make_official("CB-0002", unit)
    return Phone(official, course), Phone(official, course), Phone(colleague, course)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def facts() -> dict:
    """Without when things arrived and which event issued them: that differs from one delivery to another."""
    arrived = {"received_at", "latest_at"}
    return {
        model: [{name: value for name, value in row.items() if name not in arrived} for row in found]
        for model, found in rows().items()
    }


def study(phones, course) -> list[tuple[Phone, str]]:
    here, there, colleague = phones
    quiz = course.quizzes[0]
    events = [(here, here.download())]
    events += [(here, here.finish(lesson)) for lesson in course.lessons[:2]]
    events += [(there, there.finish(lesson)) for lesson in course.lessons[1:]]
    events += [(here, text) for text in here.attempt(quiz, ALL_WRONG)]
    events += [(there, text) for text in there.attempt(quiz, ALL_RIGHT)]
    events += [(colleague, colleague.finish(lesson)) for lesson in course.lessons]
    events += [(colleague, text) for text in colleague.attempt(quiz, ALL_RIGHT, earlier=2)]
    return events


def send(client, portion) -> list[str]:
    carrier = portion[0][0]
    return codes(carrier.deliver(client, *[text for _, text in portion]))


def test_a_course_studied_on_two_phones_completes_once_and_a_colleague_stays_beyond_her_limit(client, phones, course):
    answered = send(client, study(phones, course))
    assert sorted(set(answered)) == ["counted", "over_limit"]
    completion = Completion.objects.get()
    assert completion.official == phones[0].official
    assert Event.objects.filter(kind="completion_issued").count() == 1
    assert Enrolment.objects.exclude(started_at=None).count() == 2


@pytest.mark.parametrize("seed", range(8))
def test_any_order_portions_and_repetition_of_deliveries_give_the_same_facts(client, phones, course, seed):
    events = study(phones, course)
    with undone():
        send(client, events)
        at_once = facts()
    chance = random.Random(seed)
    stream = [*events, *chance.sample(events, 6)]
    chance.shuffle(stream)
    while stream:
        size = chance.randint(1, 5)
        send(client, stream[:size])
        stream = stream[size:]
    assert facts() == at_once


def test_rebuilding_from_the_ledger_gives_identical_rows_and_writes_no_evidence(client, phones, course):
    send(client, study(phones, course))
    before, evidence = rows(issue=True), list(Event.objects.order_by("pk").values())
    changed = judging.replay([phone.official.pk for phone in phones])
    assert rows(issue=True) == before
    assert list(Event.objects.order_by("pk").values()) == evidence
    assert changed == []
