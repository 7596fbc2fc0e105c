"""The published JSON Schemas, compiled once: what a delivery and an event may look like.

Called by intake. The kinds phones may send are the ones event.json describes: the code knows none of them.
"""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from uuid import UUID

import jsonschema_rs
import orjson

from training.sync import clock, strict_json

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
    """JSON of one meaning, in NFC, as Python values; raises ValueError with the reason."""
    value = strict_json.loads(raw)
    if not raw.isascii() and not unicodedata.is_normalized("NFC", raw.decode()):
        raise ValueError("not NFC")
    if b"\\u" in raw and not unicodedata.is_normalized("NFC", orjson.dumps(value).decode()):
        raise ValueError("not NFC")
    return value


def read_event(raw: bytes) -> dict:
    """What is inside a signed text; raises ValueError where that is no event."""
    value = read_text(raw)
    if not is_event(value):
        raise ValueError("not an event; see the schema")
    return value


def read_name(raw: bytes) -> tuple[UUID, int] | None:
    """The id and seq of something that is otherwise no event, if it has one of each."""
    try:
        value = orjson.loads(raw)
        pairs = json.loads(raw, object_pairs_hook=list) if isinstance(value, dict) else []
    except (ValueError, RecursionError):
        return None
    names = [name for name, _ in pairs]
    if names.count("id") != 1 or names.count("seq") != 1:
        return None
    event_id, seq = value["id"], value["seq"]
    if not isinstance(event_id, str) or not _UUID.match(event_id):
        return None
    if type(seq) is not int or not 1 <= seq < 2**53:
        return None
    return UUID(event_id), seq
