"""JSON that has one meaning, whoever reads it: no member twice, no NaN, no fraction, nothing nested without end. And no
NUL character, which PostgreSQL does not store.

Called by jose for headers and by schemas for what is signed. Another reader might take the first of two members where
ours takes the last, and what was signed would then say two things.
"""

import json
import re

import orjson

#: Levels of an event: the event, its data, answers, one answer. Walking deeper would cost a server its stack.
DEEPEST = 8
#: The one spelling of NUL in JSON: an escape, so not after another backslash.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def loads(raw: bytes):
    """The value; raises ValueError with the reason. NaN, lone surrogates and bad UTF-8 are no JSON here."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ValueError("not JSON") from error
    if b"\\u0000" in raw and _NUL.search(raw):
        raise ValueError("a NUL character")
    _walk(value)
    # Compact JSON that comes out as it went in has each member once; anything else is read a second time.
    if orjson.dumps(value) != raw:
        json.loads(raw, object_pairs_hook=_once)
    return value


def _walk(value) -> None:
    level = [value]
    for _ in range(DEEPEST):
        # JSON Schema takes 1.0 for an integer, and so would not tell what would be stored as something else.
        if any(isinstance(one, float) for one in level):
            raise ValueError("a number with a fraction")
        inside = [one for one in level if isinstance(one, (dict, list))]
        level = [each for one in inside for each in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return
    raise ValueError("nested too deep")


def _once(pairs: list[tuple]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member stands twice")
    return found
