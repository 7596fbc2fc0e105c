"""A phone without a browser: signs events as docs/sync-protocol.md says and packs them into a delivery.

Knows nothing of the server's code, only the protocol. Called by the benches of deliveries.
"""

import base64
import gzip
import hashlib
import json
import uuid
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Signer:
    def __init__(self, official: str):
        self.official, self.seq, self.events = official, 0, []
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        x, y = (_text(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        canonical = json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()
        self.kid = _text(hashlib.sha256(canonical).digest())

    def record(self, kind: str, activity: str, edition: str, data: dict) -> str:
        self.seq += 1
        now = stamp()
        event = {
            "id": str(uuid.uuid4()), "official": self.official, "seq": self.seq, "kind": kind,
            "activity": activity, "edition": edition, "occurred_at": now,
            "clock": {"server": now, "device": now}, "data": data,
        }  # fmt: skip
        signed = _text(_json({"alg": "ES256", "kid": self.kid})) + "." + _text(_json(event))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        self.events.append(signed + "." + _text(r.to_bytes(32, "big") + s.to_bytes(32, "big")))
        return event["id"]

    def delivery(self) -> bytes:
        """Compressed, as it travels; what was recorded goes with it."""
        body = {
            "delivery": str(uuid.uuid4()),
            "sent_at": stamp(),
            "devices": {self.kid: {"highest_seq": self.seq, "pending": 1}},
            "events": self.events,
        }
        self.events = []
        return gzip.compress(_json(body), 6)


HEADERS = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
