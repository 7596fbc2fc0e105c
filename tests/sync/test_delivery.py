"""Deliveries over HTTP: what becomes of what a phone sends, and what the signed reply says."""

import uuid
from datetime import timedelta

import pytest

from quizzes.models import Attempt
from tests.learning import ALL_RIGHT, Course, rows
from tests.sync.phone import Phone, codes, digest, now, outcomes
from training.records.models import Completion, LessonProgress
from training.sync.models import Conflict, Delivery, Device, Event, Quarantine

pytestmark = pytest.mark.django_db

COUNTED = ("accepted", "counted")


def whole_course(phone):
    course = phone.course
    texts = [phone.finish(lesson) for lesson in course.lessons]
    for quiz in course.quizzes:
        texts += phone.attempt(quiz, ALL_RIGHT)
    return texts


# --- works -----------------------------------------------------------------------------------------------------


def test_a_signed_event_becomes_evidence_and_a_fact(client, phone, official, course):
    text = phone.finish(course.lessons[0])
    reply = phone.deliver(client, text)
    assert outcomes(reply) == [COUNTED]
    event = Event.objects.get()
    assert (event.jws, event.digest, event.official, event.device) == (text, digest(text), official, phone.device)
    assert (event.kind, event.activity, event.seq, event.data) == (
        "lesson_finished",
        course.lessons[0],
        1,
        {"seconds": 240},
    )
    assert LessonProgress.objects.get().official == official
    assert event.delivery == Delivery.objects.get()


def test_the_reply_names_the_delivery_every_event_in_order_and_the_devices(client, phone, course):
    texts = whole_course(phone)
    delivery = phone.delivery(*texts)
    reply = phone.deliver(client, *texts, delivery=delivery["delivery"])
    assert reply["delivery"] == delivery["delivery"]
    assert [result["digest"] for result in reply["results"]] == [digest(text) for text in texts]
    assert [result["seq"] for result in reply["results"]] == [1, 2, 3, 4]
    assert all(result["kid"] == phone.kid and "again" not in result for result in reply["results"])
    assert reply["devices"] == {phone.kid: {"received_through": 4, "revoked": False}}


def test_a_whole_course_in_one_delivery_completes_it_on_the_servers_word(client, phone, official, course):
    assert set(codes(phone.deliver(client, *whole_course(phone)))) == {"counted"}
    completion = Completion.objects.get()
    assert (completion.official, completion.course) == (official, course.activity)
    issued = Event.objects.get(kind="completion_issued")
    assert issued.device.kid == f"server:{official.public_id}"
    assert (issued.seq, issued.verdict, issued.data["by"]) == (1, "accepted", None)
    assert issued.device.received_through == 1


def test_the_session_does_not_matter_and_is_not_touched(client, phone, course, colleague):
    client.force_login(colleague, backend="training.officials.sign_in.StaffNumberBackend")
    answer = phone.post(client, phone.finish(course.lessons[0]))
    assert answer.status_code == 200
    assert not answer.cookies
    assert LessonProgress.objects.get().official == phone.official


def test_events_of_two_officials_in_one_delivery_go_each_to_her_own(client, phone, colleague, course):
    other = Phone(colleague, course)
    mine, hers = phone.finish(course.lessons[0]), other.finish(course.lessons[1])
    reply = phone.deliver(client, hers, mine)
    assert outcomes(reply) == [COUNTED, COUNTED]
    assert set(reply["devices"]) == {phone.kid, other.kid}
    assert dict(LessonProgress.objects.values_list("official__staff_number", "lesson")) == {
        "CB-0001": course.lessons[0],
        "CB-0002": course.lessons[1],
    }


def said(device) -> tuple:
    device.refresh_from_db()
    return device.last_contact_at, device.highest_seq, device.pending_results


def test_what_a_delivery_without_events_says_of_a_phone_is_not_believed(client, phone):
    before = said(phone.device)
    reply = phone.deliver(client, devices={phone.kid: {"highest_seq": 7, "pending": 2}})
    assert reply["results"] == []
    # It is told how far the server got all the same.
    assert reply["devices"] == {phone.kid: {"received_through": 0, "revoked": False}}
    assert said(phone.device) == before == (None, 0, 0)
    assert not Delivery.objects.exists()


def test_whoever_carries_one_phones_events_says_nothing_about_another(client, phone, colleague, course):
    hers = Phone(colleague, course)
    before = said(hers.device)
    claims = {kid: {"highest_seq": 9, "pending": 4} for kid in (phone.kid, hers.kid)}
    phone.deliver(client, phone.finish(course.lessons[0]), devices=claims)
    assert said(hers.device) == before
    assert said(phone.device)[0] > now() - timedelta(minutes=1)
    assert said(phone.device)[1:] == (9, 3)


@pytest.mark.parametrize("bad", ["signature", "nonsense"])
def test_an_event_that_does_not_verify_vouches_for_nothing(client, phone, course, bad):
    text = phone.finish(course.lessons[0])
    text = f"{text[:-8]}AAAAAAAA" if bad == "signature" else "not.a.jws"
    phone.deliver(client, text, devices={phone.kid: {"highest_seq": 9, "pending": 4}})
    assert said(phone.device) == (None, 0, 0)


def test_a_phone_is_believed_within_reason(client, phone, course):
    claim = {"highest_seq": 9_007_199_254_740_991, "pending": 1_000_000}
    phone.deliver(client, phone.finish(course.lessons[0]), devices={phone.kid: claim})
    assert said(phone.device)[1:] == (10_001, 10_000)
    # What it then says truly brings it back, as far as pending results go.
    phone.deliver(client, phone.finish(course.lessons[1]), devices={phone.kid: {"highest_seq": 2, "pending": 1}})
    assert said(phone.device)[2] == 0


def test_results_that_came_are_no_longer_pending(client, phone, course):
    texts = whole_course(phone)
    phone.deliver(client, *texts, devices={phone.kid: {"highest_seq": 6, "pending": 5}})
    # Two lessons and one submission came; two results of the phone's five did not.
    assert Device.objects.get(pk=phone.device.pk).pending_results == 2


def test_a_delivery_may_come_gzipped(client, phone, course):
    import gzip
    import json

    body = gzip.compress(json.dumps(phone.delivery(phone.finish(course.lessons[0]))).encode())
    answer = client.post("/api/sync/", body, content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 200
    assert LessonProgress.objects.exists()


def test_a_result_of_twenty_questions_goes_in_one_small_request(phone):
    import gzip
    import json

    course = Course(questions=20)
    phone = Phone(phone.official, course)
    texts = phone.attempt(course.quizzes[0], [[1]] * 20)
    assert len(gzip.compress(json.dumps(phone.delivery(*texts)).encode())) < 2_500


# --- again, and in any order -------------------------------------------------------------------------------------


def test_the_same_delivery_again_changes_nothing_and_says_so(client, phone, course):
    texts = whole_course(phone)
    first = phone.deliver(client, *texts)
    before = rows(issue=True), Event.objects.count(), Delivery.objects.count()
    second = phone.deliver(client, *texts)
    assert outcomes(second) == outcomes(first)
    assert all(result["again"] for result in second["results"])
    assert (rows(issue=True), Event.objects.count(), Delivery.objects.count()) == before


def test_each_event_three_times_in_another_order_counts_once(client, phone, course):
    texts = whole_course(phone)
    for shuffled in (texts[::-1], texts[2:] + texts[:2], texts + texts):
        reply = phone.deliver(client, *shuffled)
    assert set(codes(reply)) == {"counted"}
    assert (Event.objects.filter(device=phone.device).count(), Attempt.objects.count()) == (4, 1)
    assert Completion.objects.count() == Event.objects.filter(kind="completion_issued").count() == 1


def test_an_event_twice_in_one_delivery_is_one_event_with_one_verdict(client, phone, course):
    text = phone.finish(course.lessons[0])
    reply = phone.deliver(client, text, text)
    assert outcomes(reply) == [COUNTED, COUNTED]
    assert [result.get("again", False) for result in reply["results"]] == [False, True]


def test_a_reply_that_was_lost_is_asked_for_again_and_nothing_is_doubled(client, phone, course):
    texts = whole_course(phone)
    phone.post(client, *texts)  # committed, and the answer never arrived
    reply = phone.deliver(client, *texts, phone.finish(course.lessons[0]))
    assert set(codes(reply)) == {"counted"}
    assert reply["devices"][phone.kid]["received_through"] == 5
    assert Attempt.objects.count() == 1


def test_a_submission_before_its_start_is_held_and_counts_when_the_start_comes(client, phone, course):
    start, submission = phone.attempt(course.quizzes[0], ALL_RIGHT)
    reply = phone.deliver(client, submission)
    assert outcomes(reply) == [("held", "attempt_unknown")]
    assert reply["devices"][phone.kid]["received_through"] == 0
    reply = phone.deliver(client, start)
    assert reply["devices"][phone.kid]["received_through"] == 2
    assert outcomes(phone.deliver(client, submission)) == [COUNTED]
    assert Attempt.objects.get().passed


def test_a_held_event_is_judged_anew_when_the_phone_asks_again(client, phone, course):
    unknown = uuid.uuid4().hex * 2
    text = phone.finish(course.lessons[0], edition=unknown)
    assert outcomes(phone.deliver(client, text)) == [("held", "edition_unknown")]
    edition = course.edition
    edition.pk = unknown
    edition.number = 9
    edition.save(force_insert=True)
    reply = phone.deliver(client, text)
    assert outcomes(reply) == [COUNTED]
    assert reply["results"][0]["again"]


def test_received_through_stops_at_the_first_gap_and_moves_on_when_it_is_filled(client, phone, course):
    texts = [phone.finish(lesson) for lesson in course.lessons * 3]
    assert phone.deliver(client, texts[0], texts[2], texts[5])["devices"][phone.kid]["received_through"] == 1
    assert phone.deliver(client, texts[1])["devices"][phone.kid]["received_through"] == 3
    assert phone.deliver(client, texts[4], texts[3])["devices"][phone.kid]["received_through"] == 6


# --- one bad event among good ones -------------------------------------------------------------------------------


def test_half_a_delivery_bad_leaves_the_other_half_good(client, phone, course, colleague):
    stranger = Phone(colleague, course, registered=False)
    good = phone.finish(course.lessons[0])
    texts = [
        "not a JWS",
        stranger.finish(course.lessons[0]),
        phone.record("lesson_finished", course.lessons[0], {"seconds": "many"}),
        good,
        phone.record("exam_sat", course.lessons[0], {}),
        phone.finish(course.quizzes[0]),
        phone.finish(course.lessons[1])[:-4] + "AAAA",
    ]
    assert outcomes(phone.deliver(client, *texts)) == [
        ("rejected", "signature_invalid"),
        ("held", "device_unknown"),
        ("rejected", "malformed"),
        COUNTED,
        ("rejected", "kind_unknown"),
        ("rejected", "activity_mismatch"),
        ("rejected", "signature_invalid"),
    ]
    assert LessonProgress.objects.get().lesson_id == course.lessons[0]
    assert set(Quarantine.objects.values_list("reason", flat=True)) == {"signature_invalid", "device_unknown"}


def test_a_key_that_is_registered_later_makes_its_events_count(client, official, course):
    phone = Phone(official, course, registered=False)
    text = phone.finish(course.lessons[0])
    reply = phone.deliver(client, text)
    assert outcomes(reply) == [("held", "device_unknown")]
    assert reply["results"][0].keys() == {"digest", "verdict", "code"}
    assert reply["devices"] == {}
    phone.register(at=phone.heard)
    assert outcomes(phone.deliver(client, text)) == [COUNTED]


def test_a_malformed_event_keeps_its_place_so_that_nothing_waits_for_its_seq(client, phone, course):
    broken = phone.record("lesson_finished", course.lessons[0], {"seconds": -1})
    reply = phone.deliver(client, broken, phone.finish(course.lessons[1]))
    assert codes(reply) == ["malformed", "counted"]
    assert reply["devices"][phone.kid]["received_through"] == 2


# --- wrong person ------------------------------------------------------------------------------------------------


def test_an_official_other_than_the_devices_is_refused(client, phone, colleague, course):
    text = phone.finish(course.lessons[0], official=str(colleague.public_id))
    reply = phone.deliver(client, text)
    assert outcomes(reply) == [("rejected", "other_official")]
    assert reply["devices"][phone.kid]["received_through"] == 1
    assert not LessonProgress.objects.exists()


def test_another_persons_event_under_ones_own_key_is_refused(client, phone, colleague, course):
    hers = phone.event("lesson_finished", course.lessons[0], {"seconds": 1})
    phone.deliver(client, phone.sign(hers))
    thief = Phone(colleague, course)
    assert outcomes(thief.deliver(client, thief.sign(hers))) == [("rejected", "other_official")]
    assert list(LessonProgress.objects.values_list("official", flat=True)) == [phone.official.pk]


def test_another_persons_event_id_under_ones_own_key_takes_nothing_from_her(client, phone, colleague, course):
    hers = phone.event("lesson_finished", course.lessons[0], {"seconds": 1})
    thief = Phone(colleague, course)
    thief.deliver(client, thief.finish(course.lessons[0], id=hers["id"]))
    assert outcomes(phone.deliver(client, phone.sign(hers))) == [COUNTED]
    assert LessonProgress.objects.count() == 2


def test_the_servers_own_device_cannot_be_played(client, phone, official, course):
    phone.deliver(client, *whole_course(phone))
    text = phone.finish(course.lessons[0])
    header, payload, signature = text.split(".")
    from training.sync import jose

    forged = jose.encode(b'{"alg":"ES256","kid":"server:%s"}' % str(official.public_id).encode())
    assert codes(phone.deliver(client, f"{forged}.{payload}.{signature}")) == ["signature_invalid"]


# --- revoked -----------------------------------------------------------------------------------------------------


def test_what_a_revoked_device_sends_is_held_and_judged_when_it_is_trusted_again(client, phone, official, course):
    from training.sync import devices

    before = phone.finish(course.lessons[0])
    assert outcomes(phone.deliver(client, before)) == [COUNTED]
    devices.revoke(phone.device, by=official)
    after = phone.finish(course.lessons[1])
    reply = phone.deliver(client, before, after)
    assert outcomes(reply) == [COUNTED, ("held", "device_revoked")]
    assert reply["devices"][phone.kid] == {"received_through": 2, "revoked": True}
    assert LessonProgress.objects.count() == 1
    devices.trust_again(Device.objects.get(pk=phone.device.pk), by=official)
    assert outcomes(phone.deliver(client, after)) == [COUNTED]
    assert LessonProgress.objects.count() == 2


# --- conflicts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
def test_the_same_id_with_other_content_is_held_for_a_person(client, phone, course, together):
    first = phone.event("lesson_finished", course.lessons[0], {"seconds": 1})
    other = {**first, "seq": 2, "data": {"seconds": 2}}
    texts = [phone.sign(first), phone.sign(other)]
    if together:
        reply = phone.deliver(client, *texts)
    else:
        phone.deliver(client, texts[0])
        reply = phone.deliver(client, *texts)
    assert codes(reply) == ["counted", "id_conflict"]
    assert Event.objects.count() == Conflict.objects.count() == 1


def test_the_same_seq_with_other_content_is_held_for_a_person_each_time_it_comes(client, phone, course):
    first = phone.finish(course.lessons[0])
    phone.deliver(client, first)
    other = phone.finish(course.lessons[1], seq=1)
    reply = phone.deliver(client, other, other)
    assert codes(reply) == ["seq_conflict", "seq_conflict"]
    assert [result.get("again", False) for result in reply["results"]] == [False, True]
    assert phone.deliver(client, other)["results"][0]["again"]
    assert Conflict.objects.count() == 1
    assert reply["devices"][phone.kid]["received_through"] == 1


def test_a_respelled_signature_of_the_same_text_is_the_same_event(client, phone, course):
    from training.sync import jose

    text = phone.finish(course.lessons[0])
    signed, _, signature = text.rpartition(".")
    raw = jose.decode(signature)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    s = order - int.from_bytes(raw[32:], "big")
    respelled = f"{signed}.{jose.encode(raw[:32] + s.to_bytes(32, 'big'))}"
    assert outcomes(phone.deliver(client, respelled)) == [COUNTED]
    reply = phone.deliver(client, text)
    assert outcomes(reply) == [COUNTED]
    assert reply["results"][0]["again"]
    assert not Conflict.objects.exists()
