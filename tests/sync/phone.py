"""A phone as docs/sync-protocol.md describes it, in Python: it makes a key, signs events, delivers, reads
replies.
"""

import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from training.sync import devices, jose, keys


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digest(jws: str) -> str:
    return hashlib.sha256(jws.encode()).hexdigest()


def now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Phone:
    def __init__(self, official, course=None, registered=True, at=None):
        self.official, self.course = official, course
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.jwk = jose.public_jwk(self.key.public_key())
        self.kid = jose.thumbprint(self.jwk)
        self.seq = 0
        #: Every text it has signed, in order.
        self.kept: list[str] = []
        self.heard = at or now() - timedelta(days=2)
        if registered:
            self.register(at=self.heard)

    def register(self, at=None):
        self.device = devices.register(self.official, self.jwk, "Chrome, Android", at=at)
        return self.device

    # --- signing

    def event(self, kind, activity, data, at=None, **other) -> dict:
        self.seq += 1
        return {
            "id": str(uuid.uuid4()),
            "official": str(self.official.public_id),
            "seq": self.seq,
            "kind": kind,
            "activity": str(activity),
            "edition": self.course.edition.name if self.course else "0" * 64,
            "occurred_at": stamp(at or self.heard + timedelta(minutes=self.seq)),
            "clock": {"server": stamp(self.heard), "device": stamp(self.heard)},
            "data": data,
            **other,
        }

    def sign(self, event) -> str:
        jws = jose.sign(event, self.key, self.kid)
        self.kept.append(jws)
        return jws

    def record(self, kind, activity, data, at=None, **other) -> str:
        return self.sign(self.event(kind, activity, data, at, **other))

    def finish(self, lesson, at=None, **other) -> str:
        return self.record("lesson_finished", lesson, {"seconds": 240}, at, **other)

    def download(self, at=None, **other) -> str:
        return self.record("course_downloaded", self.course.activity.pk, {"pack": "a" * 64}, at, **other)

    def attempt(self, quiz, answers, at=None, earlier=0) -> tuple[str, str]:
        start = self.event("quiz_started", quiz, {"earlier": earlier}, at)
        data = {"attempt": start["id"], "paper": self.course.papers[quiz].name, "answers": answers}
        return self.sign(start), self.record("quiz_submitted", quiz, data, at)

    # --- delivering

    def delivery(self, *events, **other) -> dict:
        return {
            "delivery": str(uuid.uuid4()),
            "sent_at": stamp(now()),
            "devices": {self.kid: {"highest_seq": self.seq, "pending": 0}},
            "events": list(events),
            **other,
        }

    def post(self, client, *events, **other):
        """The server's answer as it comes."""
        body = json.dumps(self.delivery(*events, **other))
        return client.post("/api/sync/", body, content_type="application/json")

    def deliver(self, client, *events, **other) -> dict:
        """The reply, believed because its signature verifies with the server's key."""
        answer = self.post(client, *events, **other)
        assert answer.status_code == 200, answer.content
        return read_reply(answer)


def read_reply(answer) -> dict:
    assert answer["Content-Type"] == "application/jose"
    server = keys.server_jwk()
    text = answer.content.decode()
    assert jose.kid_of(text) == server["kid"]
    return json.loads(jose.verify(text, jose.public_key(server)))


def outcomes(reply) -> list[tuple[str, str]]:
    return [(result["verdict"], result["code"]) for result in reply["results"]]


def codes(reply) -> list[str]:
    return [result["code"] for result in reply["results"]]
