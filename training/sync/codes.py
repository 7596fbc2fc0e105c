"""Verdicts and codes of events, and the codes of refused requests. docs/sync-protocol.md says what each means.

A phone renders its sentence from the code, so a code is never renamed; a test holds the tables in the docs to
these.
"""

ACCEPTED, HELD, REJECTED = "accepted", "held", "rejected"

#: What may become of an event.
VERDICT_OF = {
    "counted": ACCEPTED,
    "over_limit": ACCEPTED,
    "device_unknown": HELD,
    "device_revoked": HELD,
    "edition_unknown": HELD,
    "activity_unknown": HELD,
    "attempt_unknown": HELD,
    "id_conflict": HELD,
    "seq_conflict": HELD,
    "attempt_answered": HELD,
    "failed": HELD,
    "signature_invalid": REJECTED,
    "malformed": REJECTED,
    "other_official": REJECTED,
    "kind_unknown": REJECTED,
    "activity_mismatch": REJECTED,
    "answers_mismatch": REJECTED,
    "voided": REJECTED,
}

#: Held for something that may yet come: judged anew when her next event arrives or her phone asks again.
WAITING = ("edition_unknown", "activity_unknown", "attempt_unknown", "failed")

#: Held for a person, who accepts or voids them (training/sync/decisions.py).
FOR_A_PERSON = ("device_revoked", "id_conflict", "seq_conflict")

#: Decided by which of two the ledger recorded first. An event that waited and now gets one of these may be the earlier.
DECIDED_BY_ORDER = ("attempt_answered", "activity_mismatch")

#: Decided by intake from the text and its device, or by a person, before any handler; no handler can change them.
SETTLED = ("device_revoked", "malformed", "other_official", "kind_unknown", "voided")

#: Refused requests: code → HTTP status.
STATUS_OF = {
    "malformed": 400,
    "signed_out": 401,
    "csrf_failed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "key_of_another": 409,
    "too_large": 413,
    "busy": 503,
}
