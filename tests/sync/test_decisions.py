"""What a person decides about a phone and what is held from it: counted or void, and on record."""

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from quizzes.models import Attempt
from tests.learning import ALL_RIGHT
from tests.sync.phone import codes, digest, outcomes
from training.records.models import Completion, LessonProgress
from training.sync import decisions, devices, jose, keys
from training.sync.models import Conflict, Device, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(client, phone, course, colleague):
    """One lesson counted, then the phone is revoked; the rest of the course arrives after that."""
    phone.deliver(client, phone.finish(course.lessons[0]))
    devices.revoke(phone.device, by=colleague, reason="lost at the market")
    late = [phone.finish(course.lessons[1]), *phone.attempt(course.quizzes[0], ALL_RIGHT)]
    assert set(outcomes(phone.deliver(client, *late))) == {("held", "device_revoked")}
    return late


def rebuild():
    said = StringIO()
    call_command("rebuild_records", stdout=said)
    return said.getvalue()


def test_a_revocation_is_on_record_with_who_and_why(phone, colleague):
    devices.revoke(phone.device, by=colleague, reason="lost at the market")
    event = Event.objects.get(kind="device_standing")
    assert (event.device.kid, event.verdict) == (f"server:{phone.official.public_id}", "accepted")
    assert event.data == {
        "device": phone.kid,
        "revoked": True,
        "reason": "lost at the market",
        "by": str(colleague.public_id),
    }
    assert jose.verify(event.jws, jose.public_key(keys.server_jwk()))
    device = Device.objects.get(kid=phone.kid)
    assert (device.revoked_at, device.revoked_by) == (event.happened_at, colleague)
    devices.revoke(device, by=phone.official)
    assert Event.objects.count() == 1, "revoked once"


def test_a_device_stands_as_the_last_event_about_it_says_also_after_a_rebuild(phone, colleague):
    devices.revoke(phone.device, by=colleague)
    devices.trust_again(Device.objects.get(kid=phone.kid), by=colleague, reason="found again")
    assert Device.objects.get(kid=phone.kid).revoked_at is None
    devices.revoke(Device.objects.get(kid=phone.kid), by=phone.official)
    was = Device.objects.filter(kid=phone.kid).values("revoked_at", "revoked_by").get()
    Device.objects.filter(kid=phone.kid).update(revoked_at=None, revoked_by=None)
    rebuild()
    assert Device.objects.filter(kid=phone.kid).values("revoked_at", "revoked_by").get() == was


def test_what_is_accepted_counts_and_completes_the_course_while_the_phone_stays_revoked(
    client, held, phone, official, colleague, course
):
    assert decisions.accept(official, [digest(text) for text in held], colleague, "she showed me the phone") == 3
    assert LessonProgress.objects.filter(official=official).count() == 2
    assert Attempt.objects.get(official=official).passed
    assert Completion.objects.filter(official=official).exists()
    assert set(codes(phone.deliver(client, *held))) == {"counted"}
    decided = Event.objects.get(kind="held_decided")
    assert decided.data["by"] == str(colleague.public_id)
    assert decided.data["reason"] == "she showed me the phone"
    assert decided.data["texts"] == sorted(digest(text) for text in held)
    assert Device.objects.get(kid=phone.kid).revoked_at is not None
    assert codes(phone.deliver(client, phone.finish(course.lessons[0]))) == ["device_revoked"]


def test_only_what_was_chosen_is_accepted(client, held, phone, official, colleague):
    decisions.accept(official, [digest(held[0])], colleague, "known to me")
    assert codes(phone.deliver(client, *held)) == ["counted", "device_revoked", "device_revoked"]
    assert not Attempt.objects.exists()


def test_a_submission_accepted_without_its_start_waits_for_it(client, held, phone, official, colleague):
    decisions.accept(official, [digest(held[2])], colleague, "known to me")
    assert codes(phone.deliver(client, held[2])) == ["attempt_unknown"]
    decisions.accept(official, [digest(held[1])], colleague, "known to me")
    assert set(codes(phone.deliver(client, *held[1:]))) == {"counted"}


def test_what_is_voided_counts_nowhere_even_when_the_phone_is_trusted_again(client, held, phone, official, colleague):
    assert decisions.void(official, [digest(text) for text in held], colleague, "somebody else had it") == 3
    assert outcomes(phone.deliver(client, *held)) == [("rejected", "voided")] * 3
    devices.trust_again(Device.objects.get(kid=phone.kid), by=colleague)
    rebuild()
    assert outcomes(phone.deliver(client, *held)) == [("rejected", "voided")] * 3
    assert LessonProgress.objects.filter(official=official).count() == 1
    assert not Attempt.objects.exists()


def test_what_was_voided_can_be_accepted_after_all_and_what_was_accepted_never_voided(
    client, held, phone, official, colleague
):
    texts = [digest(text) for text in held]
    decisions.void(official, texts, colleague, "a mistake")
    assert decisions.accept(official, texts, colleague, "it was hers") == 3
    assert decisions.void(official, texts, colleague, "too late") == 0
    assert decisions.accept(official, texts, colleague, "again") == 0
    assert set(codes(phone.deliver(client, *held))) == {"counted"}
    assert Event.objects.filter(kind="held_decided").count() == 2


def test_rebuilding_finds_what_was_accepted_in_the_evidence(held, official, colleague):
    texts = [digest(text) for text in held]
    decisions.accept(official, texts, colleague, "hers")
    before = list(LessonProgress.objects.values("lesson", "finished_at")), list(Completion.objects.values())
    assert "0 officials with records that differed, 0 verdicts" in rebuild()
    # Even where only the evidence is left, as it came in.
    Event.objects.filter(digest__in=texts).update(verdict="held", code="device_revoked")
    LessonProgress.objects.all().delete()
    rebuild()
    after = list(LessonProgress.objects.values("lesson", "finished_at")), list(Completion.objects.values())
    assert sorted(map(str, after[0])) == sorted(map(str, before[0]))
    assert [row["issued_seq"] for row in after[1]] == [row["issued_seq"] for row in before[1]]
    assert set(Event.objects.filter(digest__in=texts).values_list("code", flat=True)) == {"counted"}


def test_nobody_decides_about_the_texts_of_another(held, colleague, official):
    texts = [digest(text) for text in held]
    assert decisions.accept(colleague, texts, official, "") == 0
    assert decisions.void(colleague, texts, official, "") == 0
    assert not Event.objects.filter(kind="held_decided").exists()


@pytest.fixture
def conflict(client, phone, course):
    """A phone restored from a copy: it used seq 1 again, for another lesson."""
    phone.deliver(client, phone.finish(course.lessons[0]))
    phone.seq = 0
    text = phone.finish(course.lessons[1])
    assert outcomes(phone.deliver(client, text)) == [("held", "seq_conflict")]
    return text


def test_an_accepted_conflict_is_witnessed_by_the_server_and_its_phone_hears_so(
    client, conflict, phone, official, colleague, course
):
    assert decisions.accept(official, [digest(conflict)], colleague, "both are hers") == 1
    assert LessonProgress.objects.filter(official=official, lesson=course.lessons[1]).exists()
    copy = Event.objects.get(activity=course.lessons[1])
    assert copy.device.kind == Device.Kind.SERVER
    assert copy.data["by"] == str(colleague.public_id)
    assert outcomes(phone.deliver(client, conflict)) == [("accepted", "counted")]
    assert "0 officials with records that differed, 0 verdicts" in rebuild()
    assert decisions.accept(official, [digest(conflict)], colleague, "again") == 0


@pytest.fixture
def one_id(client, phone, course):
    """Three more texts under the id of one that counts: for two other lessons, the second of them twice."""
    first, *others = [course.lessons[0], course.add_lesson(), course.add_lesson()]
    course.mint()
    name, at = str(uuid.uuid4()), phone.heard + timedelta(hours=1)
    phone.deliver(client, phone.finish(first, id=name))
    texts = [phone.finish(lesson, at, id=name) for lesson in (*others, others[1])]
    assert set(codes(phone.deliver(client, *texts))) == {"id_conflict"}
    return texts


@pytest.mark.parametrize("at_once", [True, False])
def test_of_several_texts_under_one_id_each_that_is_accepted_is_there(
    client, one_id, phone, official, colleague, at_once
):
    texts = list(map(digest, one_id))
    for chosen in [texts] if at_once else [[text] for text in texts]:
        assert decisions.accept(official, chosen, colleague, "all are hers") == len(chosen)
    assert set(codes(phone.deliver(client, *one_id))) == {"counted"}
    assert LessonProgress.objects.count() == 3
    copies = Event.objects.filter(kind="lesson_finished", device__kind=Device.Kind.SERVER)
    assert copies.count() == 2
    assert "0 officials with records that differed, 0 verdicts" in rebuild()
    assert decisions.accept(official, texts, colleague, "again") == 0


def test_a_voided_conflict_is_settled_for_its_phone(client, conflict, phone, official, colleague, course):
    assert decisions.void(official, [digest(conflict)], colleague, "a copy") == 1
    assert outcomes(phone.deliver(client, conflict)) == [("rejected", "voided")]
    assert Conflict.objects.get().code == "voided"
    assert not LessonProgress.objects.filter(lesson=course.lessons[1]).exists()


def test_a_conflict_that_says_nothing_that_can_count_can_only_be_voided(client, phone, official, colleague, course):
    phone.deliver(client, phone.finish(course.lessons[0]))
    phone.seq = 0
    text = phone.finish(course.lessons[1], official=str(colleague.public_id))
    phone.deliver(client, text)
    assert decisions.accept(official, [digest(text)], colleague, "") == 0
    assert not LessonProgress.objects.filter(official=colleague).exists()
    assert decisions.void(official, [digest(text)], colleague, "not hers") == 1


def test_a_phone_can_not_decide_for_itself(client, phone, official):
    for kind, data in (
        ("device_standing", {"device": phone.kid, "revoked": False, "reason": "", "by": None}),
        ("held_decided", {"verdict": "accepted", "texts": ["0" * 64], "reason": "", "by": None}),
    ):
        text = phone.record(kind, official.public_id, data)
        assert outcomes(phone.deliver(client, text)) == [("rejected", "kind_unknown")]
