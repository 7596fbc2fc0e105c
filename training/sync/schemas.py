"""The published JSON Schemas, compiled once: what a delivery and an event may look like.

Called by intake. The kinds phones may send are the ones event.json describes: the code knows none of them.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from uuid import UUID

import jsonschema_rs
import orjson

from training.sync import clock

_FOLDER = Path(__file__).parent / "schema"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@cache
def _schema(name: str) -> dict:
    return orjson.loads((_FOLDER / name).read_bytes())


@cache
def _validator(name: str):
    return jsonschema_rs.Draft202012Validator(_schema(name))


def is_delivery(body) -> bool:
    if not _validator("delivery.json").is_valid(body):
        return False
    try:
        clock.parse(body["sent_at"])
    except ValueError:  # the thirtieth of February
        return False
    return True


def is_event(body) -> bool:
    return _validator("event.json").is_valid(body)


@cache
def phone_kinds() -> frozenset[str]:
    return frozenset(_schema("event.json")["$defs"]["kinds"])


@cache
def result_kinds() -> frozenset[str]:
    """Kinds that a person knows as a result, and counts."""
    kinds = _schema("event.json")["$defs"]["kinds"]
    return frozenset(kind for kind, schema in kinds.items() if schema.get("x-result"))


def read_text(raw: bytes):
    """JSON in NFC as Python values; raises ValueError. NaN, lone surrogates and bad UTF-8 are no JSON here."""
    value = orjson.loads(raw)
    if not raw.isascii() and not unicodedata.is_normalized("NFC", raw.decode()):
        raise ValueError("not NFC")
    if b"\\u" in raw and not unicodedata.is_normalized("NFC", orjson.dumps(value).decode()):
        raise ValueError("not NFC")
    return value


def _without_fractions(value) -> bool:
    """JSON Schema takes 1.0 for an integer, and so would not tell what would be stored as something else."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return all(map(_without_fractions, value))
    return not isinstance(value, float)


def read_event(raw: bytes) -> dict:
    """What is inside a signed text; raises ValueError where that is no event."""
    value = read_text(raw)
    if not is_event(value) or not _without_fractions(value):
        raise ValueError("not an event")
    return value


def read_name(raw: bytes) -> tuple[UUID, int] | None:
    """The id and seq of something that is otherwise no event."""
    try:
        value = orjson.loads(raw)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    event_id, seq = value.get("id"), value.get("seq")
    if not isinstance(event_id, str) or not _UUID.match(event_id):
        return None
    if type(seq) is not int or not 1 <= seq < 2**53:
        return None
    return UUID(event_id), seq
