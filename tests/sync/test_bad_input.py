"""What may come instead of a delivery: a clear answer, and nothing harmed."""

import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings
from django.db import DataError, connection

from tests.sync.phone import Phone, codes, now, outcomes, stamp
from training.records.models import LessonProgress
from training.sync import jose, strict_json
from training.sync.intake import MAX_EVENT, QUARANTINED_AT_ONCE
from training.sync.models import Delivery, Device, Event, Quarantine

pytestmark = pytest.mark.django_db


def post(client, body, **headers):
    return client.post("/api/sync/", body, content_type="application/json", headers=headers)


def refused(answer, status, code):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body["code"] == code
    assert body["detail"]
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()
    return True


# --- the request -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"\xff\xfe", b"[]", b"null", b"{}", b'{"events": []}', b"[" * 100_000, b'{"events": NaN}'],
    ids=["empty", "text", "not UTF-8", "list", "null", "object", "no envelope", "deep", "NaN"],
)
def test_what_is_not_a_delivery_is_malformed(client, db, body):
    assert refused(post(client, body), 400, "malformed")


@pytest.mark.parametrize(
    "change",
    [
        {"delivery": "7"},
        {"delivery": None},
        {"sent_at": "yesterday"},
        {"sent_at": "2026-02-30T00:00:00.000Z"},
        {"sent_at": "2026-11-20T00:00:00.000+07:00"},
        {"devices": []},
        {"devices": {"not a thumbprint": {"highest_seq": 1, "pending": 0}}},
        {"events": "eyJ"},
        {"events": [{"kind": "lesson_finished"}]},
        {"events": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_delivery_of_another_shape_is_malformed_and_stores_nothing(client, phone, course, change):
    delivery = {**phone.delivery(phone.finish(course.lessons[0])), **change}
    assert refused(post(client, json.dumps(delivery)), 400, "malformed")


@pytest.mark.parametrize(
    "said", [{"highest_seq": -1, "pending": 0}, {"highest_seq": 1}, {"highest_seq": 1e300, "pending": 0}]
)
def test_a_device_that_says_nonsense_of_itself_is_malformed(client, phone, said):
    assert refused(phone.post(client, devices={phone.kid: said}), 400, "malformed")


def test_five_thousand_events_are_too_many(client, phone, course):
    text = phone.finish(course.lessons[0])
    assert refused(phone.post(client, *["x"] * 4_999, text), 413, "too_large")


def test_five_hundred_events_are_not(client, phone):
    texts = [phone.finish(phone.course.lessons[0]) for _ in range(500)]
    assert len(set(codes(phone.deliver(client, *texts)))) == 1
    assert Device.objects.get(pk=phone.device.pk).received_through == 500


def test_five_megabytes_are_too_much(client, phone):
    assert refused(phone.post(client, "x" * 5_000_000), 413, "too_large")


def test_a_compressed_bomb_is_too_much_and_is_never_unpacked(client, db):
    bomb = gzip.compress(b'{"events": "' + b"0" * 200_000_000 + b'"}', 9)
    assert len(bomb) < settings.SYNC_MAX_BYTES
    assert refused(post(client, bomb, **{"Content-Encoding": "gzip"}), 413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"not gzip",
        gzip.compress(b"{}")[:-4],
        gzip.compress(b"{}") + b"more",
        gzip.compress(b"{") + gzip.compress(b"}"),
    ],
    ids=["not gzip", "cut off", "followed by more", "two members"],
)
def test_gzip_that_is_none_is_malformed(client, db, body):
    assert refused(post(client, body, **{"Content-Encoding": "gzip"}), 400, "malformed")


def test_another_encoding_is_malformed(client, phone):
    body = zlib.compress(json.dumps(phone.delivery()).encode())
    assert refused(post(client, body, **{"Content-Encoding": "deflate"}), 400, "malformed")


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_delivers(client, db, method):
    answer = getattr(client, method)("/api/sync/")
    assert refused(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/api/", "/api/sync", "/api/me", "/api/nothing/", "/api/courses/7/pack/"])
def test_nothing_under_api_redirects_or_answers_with_a_page(client, db, path):
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
        assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


# --- an event that is none ---------------------------------------------------------------------------------------


def respelled(text, header=None, payload=None, signature=None):
    parts = text.split(".")
    for place, part in enumerate((header, payload, signature)):
        if part is not None:
            parts[place] = part if isinstance(part, str) else jose.encode(part)
    return ".".join(parts)


def signed_raw(phone, payload: bytes, header: bytes | None = None) -> str:
    """Signed as it stands, however it is spelled."""
    header = header or b'{"alg":"ES256","kid":"%s"}' % phone.kid.encode()
    signed = f"{jose.encode(header)}.{jose.encode(payload)}"
    r, s = decode_dss_signature(phone.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{jose.encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


NOT_SIGNED = {
    "nothing": lambda text, phone: "",
    "one part": lambda text, phone: "abc",
    "two parts": lambda text, phone: text.rpartition(".")[0],
    "four parts": lambda text, phone: f"{text}.{text}",
    "alg none": lambda text, phone: respelled(text, b'{"alg":"none","kid":"%s"}' % phone.kid.encode(), None, ""),
    "alg HS256": lambda text, phone: respelled(text, b'{"alg":"HS256","kid":"%s"}' % phone.kid.encode()),
    "more in the header": lambda text, phone: respelled(
        text, b'{"alg":"ES256","kid":"%s","jwk":{}}' % phone.kid.encode()
    ),
    "no kid": lambda text, phone: respelled(text, b'{"alg":"ES256"}'),
    "kid a number": lambda text, phone: respelled(text, b'{"alg":"ES256","kid":7}'),
    "alg twice": lambda text, phone: respelled(text, b'{"alg":"none","alg":"ES256","kid":"%s"}' % phone.kid.encode()),
    "kid twice": lambda text, phone: respelled(
        text, b'{"alg":"ES256","kid":"%s","kid":"%s"}' % (b"A" * 43, phone.kid.encode())
    ),
    "header NaN": lambda text, phone: respelled(text, b'{"alg":"ES256","kid":NaN}'),
    "header deep": lambda text, phone: respelled(text, b'{"alg":"ES256","kid":%s1%s}' % (b"[" * 80, b"]" * 80)),
    "header no JSON": lambda text, phone: respelled(text, b"ES256"),
    "another payload": lambda text, phone: respelled(text, None, b'{"id":"x"}'),
    "no signature": lambda text, phone: respelled(text, None, None, ""),
    "signature of zeros": lambda text, phone: respelled(text, None, None, b"\0" * 64),
    "signature as DER": lambda text, phone: respelled(text, None, None, b"0D" + b"\1" * 68),
    "padded": lambda text, phone: text + "=",
    "broken lines": lambda text, phone: text.replace(".", ".\n"),
    "not ASCII": lambda text, phone: text[:-1] + "ế",
    "NUL": lambda text, phone: text + "\0",
}


@pytest.mark.parametrize("spoil", NOT_SIGNED.values(), ids=NOT_SIGNED.keys())
def test_what_does_not_verify_is_rejected_and_occupies_nothing(client, phone, course, spoil):
    good = phone.finish(course.lessons[0])
    reply = phone.deliver(client, spoil(good, phone))
    assert outcomes(reply) == [("rejected", "signature_invalid")]
    assert reply["results"][0].keys() == {"digest", "verdict", "code"}
    assert not Event.objects.exists()
    kept = Quarantine.objects.get()
    assert kept.reason == "signature_invalid"
    assert kept.detail
    assert codes(phone.deliver(client, good)) == ["counted"]


@pytest.mark.parametrize("member", [b'"alg":"ES256"', b'"kid":"%s"'], ids=["alg", "kid"])
def test_a_header_that_names_a_member_twice_is_rejected_although_its_signature_verifies(
    client, phone, course, member
):
    """Whoever reads the first of two members must not see another signature than who reads the last."""
    event = phone.event("lesson_finished", course.lessons[0], {"seconds": 1})
    twice = member % phone.kid.encode() if b"%" in member else member
    text = signed_raw(phone, json.dumps(event).encode(), b'{%s,"alg":"ES256","kid":"%s"}' % (twice, phone.kid.encode()))
    assert outcomes(phone.deliver(client, text)) == [("rejected", "signature_invalid")]
    assert Quarantine.objects.get().detail == "the header: a member stands twice"
    assert not Event.objects.exists()


def test_a_signature_spelled_in_another_way_of_base64_is_rejected(client, phone, course):
    text = phone.finish(course.lessons[0])
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # The last letter of 64 bytes carries two bits that must be zero.
    other = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]
    assert codes(phone.deliver(client, other)) == ["signature_invalid"]


def test_an_event_too_long_to_be_one_is_rejected_and_not_kept_whole(client, phone, course):
    text = phone.record("lesson_finished", course.lessons[0], {"seconds": 1, "more": "x" * MAX_EVENT})
    assert codes(phone.deliver(client, text)) == ["malformed"]
    assert len(Quarantine.objects.get().text) < MAX_EVENT


def test_no_delivery_fills_the_quarantine(client, phone):
    phone.deliver(client, *[f"x{n}" for n in range(500)])
    assert Quarantine.objects.count() == QUARANTINED_AT_ONCE


def test_the_quarantine_keeps_the_newest(client, phone, monkeypatch):
    monkeypatch.setattr("training.sync.intake.QUARANTINED_IN_ALL", 3)
    for n in range(5):
        phone.deliver(client, f"x{n}")
    assert list(Quarantine.objects.order_by("pk").values_list("text", flat=True)) == ["x2", "x3", "x4"]


MALFORMED = {
    "id no UUID": {"id": "1"},
    "id in capitals": {"id": "6F9619FF-8B86-D011-B42D-00CF4FC964FF"},
    "seq 0": {"seq": 0},
    "seq a text": {"seq": "1"},
    "seq true": {"seq": True},
    "seq a fraction": {"seq": 1.0},
    "seq beyond numbers": {"seq": 2**63},
    "kind empty": {"kind": ""},
    "kind endless": {"kind": "x" * 41},
    "activity a title": {"activity": "Bài 1"},
    "edition short": {"edition": "abc"},
    "no such day": {"occurred_at": "2026-02-30T00:00:00.000Z"},
    "before clocks": {"occurred_at": "0001-01-01T00:00:00.000Z"},
    "after clocks": {"occurred_at": "9999-12-31T23:59:59.999Z"},
    "local time": {"occurred_at": "2026-11-20T07:05:09.000+07:00"},
    "half a clock": {"clock": {"server": "2026-11-20T07:05:09.000Z"}},
    "clock an hour": {"clock": "07:05"},
    "data a list": {"data": []},
    "no data": {"data": {}},
    "more data": {"data": {"seconds": 1, "note": "x"}},
    "seconds a fraction": {"data": {"seconds": 1.5}},
    "seconds 1.0": {"data": {"seconds": 1.0}},
    "seconds endless": {"data": {"seconds": 10**30}},
    "one more field": {"by": "me"},
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_signed_text_that_is_no_event_is_rejected_and_kept(client, phone, course, change):
    event = {**phone.event("lesson_finished", course.lessons[0], {"seconds": 1}), **change}
    text = jose.sign_bytes(json.dumps(event).encode(), phone.key, phone.kid)
    assert outcomes(phone.deliver(client, text)) == [("rejected", "malformed")]
    assert Event.objects.count() + Quarantine.objects.count() == 1
    assert not LessonProgress.objects.exists()


@pytest.mark.parametrize("payload", [b"", b"7", b"[]", b"\xff", b'{"id": NaN}', b"{" * 2_000])
def test_signed_bytes_that_are_no_object_are_rejected(client, phone, payload):
    text = jose.sign_bytes(payload, phone.key, phone.kid)
    assert outcomes(phone.deliver(client, text)) == [("rejected", "malformed")]
    assert not Event.objects.exists()


AMBIGUOUS = {
    "id twice": (b'{"id":', b'{"id":"6f9619ff-8b86-4011-b42d-00cf4fc964ff","id":', "a member stands twice"),
    "seq twice": (b'"seq":', b'"seq":7,"seq":', "a member stands twice"),
    "NaN": (b'"seconds":1', b'"seconds":NaN', "not JSON"),
    "Infinity": (b'"seconds":1', b'"seconds":-Infinity', "not JSON"),
    "deep": (b'"seconds":1', b'"seconds":' + b"[" * 2_000 + b"]" * 2_000, "not JSON"),
}


@pytest.mark.parametrize(("old", "new", "why"), AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_signed_text_that_can_be_read_in_two_ways_is_rejected_occupies_nothing_and_says_why(
    client, phone, course, old, new, why
):
    event = phone.event("lesson_finished", course.lessons[0], {"seconds": 1})
    raw = json.dumps(event, separators=(",", ":")).encode()
    bad = signed_raw(phone, raw.replace(old, new))
    assert raw.count(old) == 1
    assert outcomes(phone.deliver(client, bad)) == [("rejected", "malformed")]
    assert not Event.objects.exists()
    kept = Quarantine.objects.get()
    assert (kept.reason, kept.detail) == ("malformed", why)
    assert codes(phone.deliver(client, signed_raw(phone, raw))) == ["counted"]


@pytest.mark.parametrize(
    "data",
    [b'{"seconds":1,"seconds":2}', b'{"a":%s1%s}' % (b"[" * 300, b"]" * 300), b'{"a":"\\u00e1","b":%s1%s}' % (
        b'{"a":' * 300, b"}" * 300
    )],
    ids=["twice", "deep", "deep and escaped"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["lesson_finished", "of_tomorrow"])
def test_what_is_ambiguous_within_an_event_that_says_which_it_is_keeps_its_seq(client, phone, course, kind, data):
    event = phone.event(kind, course.lessons[0], {"seconds": 1})
    raw = json.dumps(event, separators=(",", ":")).encode()
    text = signed_raw(phone, raw.replace(b'{"seconds":1}', data))
    neighbour = phone.finish(course.lessons[1])
    assert outcomes(phone.deliver(client, text, neighbour)) == [("rejected", "malformed"), ("accepted", "counted")]
    assert Device.objects.get(pk=phone.device.pk).received_through == 2
    assert LessonProgress.objects.count() == 1


@pytest.mark.parametrize("kind", ["lesson_finished", "of_tomorrow"])
@pytest.mark.parametrize("data", [rb'{"a":"b\u0000"}', rb'{"\u0000":1}', rb'{"a":["\\\u0000"]}'])
def test_a_nul_character_is_malformed_and_keeps_nothing_else_of_a_shared_phone_waiting(
    client, phone, colleague, course, kind, data
):
    event = phone.event(kind, course.lessons[0], {"seconds": 1})
    raw = json.dumps(event, separators=(",", ":")).encode().replace(b'{"seconds":1}', data)
    good = Phone(colleague, course).finish(course.lessons[0])
    reply = phone.deliver(client, signed_raw(phone, raw), good)
    assert outcomes(reply) == [("rejected", "malformed"), ("accepted", "counted")]
    assert LessonProgress.objects.get().official == colleague
    assert Device.objects.get(pk=phone.device.pk).received_through == 1


def test_a_backslash_before_the_same_letters_is_none():
    assert strict_json.loads(rb'{"a":"\\u0000"}') == {"a": r"\u0000"}


def test_of_a_kind_that_is_not_known_nothing_but_the_text_is_kept(client, phone, course):
    text = phone.record("of_tomorrow", course.lessons[0], {"big": 2**62, "deep": {"a": ["b"]}})
    assert outcomes(phone.deliver(client, text)) == [("rejected", "kind_unknown")]
    event = Event.objects.get()
    assert (event.kind, event.data, event.jws) == ("of_tomorrow", {}, text)


def test_what_the_database_does_not_store_is_answered_so_that_the_phone_sends_the_rest(client, phone, course):
    def unable(execute, sql, *others):
        if sql.startswith("INSERT") and "sync_event" in sql:
            raise DataError
        return execute(sql, *others)

    with connection.execute_wrapper(unable):
        answer = phone.post(client, phone.finish(course.lessons[0]))
    assert refused(answer, 400, "malformed")


def test_text_that_is_not_nfc_is_malformed(client, phone, course):
    event = phone.event("lesson_finished", course.lessons[0], {"seconds": 1})
    event["kind"] = "be\u0302"
    assert codes(phone.deliver(client, phone.sign(event))) == ["malformed"]


@pytest.mark.parametrize(
    "answers",
    [[[-1]], [[1000]], [[[]]], [["0"]], [[0] * 51], [[]] * 201, "0", None],
    ids=lambda value: str(value)[:20],
)
def test_answers_of_another_shape_are_malformed(client, phone, course, answers):
    start = phone.event("quiz_started", course.quizzes[0], {"earlier": 0})
    data = {"attempt": start["id"], "paper": course.papers[course.quizzes[0]].name, "answers": answers}
    assert codes(phone.deliver(client, phone.record("quiz_submitted", course.quizzes[0], data))) == ["malformed"]


def test_answers_that_do_not_fit_the_paper_are_rejected(client, phone, course):
    texts = phone.attempt(course.quizzes[0], [[0]])
    assert codes(phone.deliver(client, *texts)) == ["counted", "answers_mismatch"]


def test_an_unknown_activity_is_held(client, phone):
    reply = phone.deliver(client, phone.finish("00000000-0000-4000-8000-000000000000"))
    assert outcomes(reply) == [("held", "activity_unknown")]


def test_an_unknown_edition_is_held(client, phone, course):
    reply = phone.deliver(client, phone.finish(course.lessons[0], edition="0" * 64))
    assert outcomes(reply) == [("held", "edition_unknown")]


# --- clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [timedelta(days=-365), timedelta(days=365), timedelta(days=-20_000)], ids=str)
def test_a_clock_far_off_is_put_right_by_what_it_said_when_it_heard_the_server(client, phone, course, off):
    really = phone.heard + timedelta(hours=3)
    clock = {"server": stamp(phone.heard), "device": stamp(phone.heard + off)}
    text = phone.finish(course.lessons[0], occurred_at=stamp(really + off), clock=clock)
    assert codes(phone.deliver(client, text)) == ["counted"]
    event = Event.objects.get()
    assert event.occurred_at == really + off
    assert event.happened_at == really
    assert event.earliest_at == phone.heard
    assert event.latest_at == event.received_at
    assert LessonProgress.objects.get().finished_at == really


def test_a_time_before_the_phone_heard_the_server_or_after_the_server_heard_it_is_kept_and_not_believed(
    client, phone, course
):
    early = phone.finish(course.lessons[0], occurred_at=stamp(phone.heard - timedelta(days=9)))
    late = phone.finish(course.lessons[1], occurred_at=stamp(now() + timedelta(days=9)))
    phone.deliver(client, early, late)
    first, second = Event.objects.order_by("seq")
    assert first.happened_at == phone.heard
    assert second.happened_at == second.received_at


def test_before_it_ever_heard_the_server_a_phone_is_as_old_as_its_registration(client, official, course):
    phone = Phone(official, course, at=datetime(2026, 11, 1, tzinfo=UTC))
    phone.deliver(client, phone.finish(course.lessons[0], clock=None, occurred_at="1970-01-01T00:00:00.000Z"))
    assert Event.objects.get().happened_at == phone.heard


def test_a_clock_that_claims_the_future_harms_nothing(client, phone, course):
    clock = {"server": "2099-12-31T00:00:00.000Z", "device": "1970-01-01T00:00:00.000Z"}
    text = phone.finish(course.lessons[0], clock=clock, occurred_at="2099-12-31T23:59:59.999Z")
    assert codes(phone.deliver(client, text)) == ["counted"]
    event = Event.objects.get()
    assert event.earliest_at == event.happened_at == event.latest_at == event.received_at
