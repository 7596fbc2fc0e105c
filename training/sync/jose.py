"""Compact JWS (RFC 7515) with ES256, and nothing else of JOSE.

Called by intake for what phones send, by witness and reply for what the server signs, and by whoever plays a phone
(load_demo, tests, bench). Strict on purpose: one spelling for one signed text, so that the digest of a text names
it.
"""

import base64
import binascii
import re
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from training.sync import strict_json

_ECDSA = ec.ECDSA(hashes.SHA256())
#: 32 bytes in base64url: a thumbprint.
KID = re.compile(r"[A-Za-z0-9_-]{43}\Z")


class Invalid(ValueError):
    """The text is not a compact JWS as this protocol has it, or its signature does not verify."""


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Invalid("not base64url") from error
    if encode(raw) != text:
        raise Invalid("not canonical base64url")
    return raw


def thumbprint(jwk: dict) -> str:
    """RFC 7638: the name of a public key."""
    text = f'{{"crv":"{jwk["crv"]}","kty":"{jwk["kty"]}","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    digest = hashes.Hash(hashes.SHA256())
    digest.update(text.encode())
    return encode(digest.finalize())


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict:
    numbers = key.public_numbers()
    x, y = (encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


@lru_cache(maxsize=2048)
def _public_key(x: str, y: str) -> ec.EllipticCurvePublicKey:
    raw = [decode(part) for part in (x, y)]
    if any(len(part) != 32 for part in raw):
        raise Invalid("a coordinate is not 32 bytes")
    try:
        numbers = ec.EllipticCurvePublicNumbers(*(int.from_bytes(part, "big") for part in raw), ec.SECP256R1())
        return numbers.public_key()
    except ValueError as error:
        raise Invalid("not a point of the curve") from error


def public_key(jwk: dict) -> ec.EllipticCurvePublicKey:
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise Invalid("not a P-256 key")
    x, y = jwk.get("x"), jwk.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        raise Invalid("not a P-256 key")
    return _public_key(x, y)


def sign(payload: dict, key: ec.EllipticCurvePrivateKey, kid: str) -> str:
    return sign_bytes(orjson.dumps(payload), key, kid)


def sign_bytes(payload: bytes, key: ec.EllipticCurvePrivateKey, kid: str) -> str:
    signed = f"{encode(orjson.dumps({'alg': 'ES256', 'kid': kid}))}.{encode(payload)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), _ECDSA))
    return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@lru_cache(maxsize=2048)
def _kid_of_header(header: str) -> str:
    raw = decode(header)
    try:
        fields = strict_json.loads(raw)
    except ValueError as error:
        raise Invalid(f"the header: {error}") from error
    if not isinstance(fields, dict) or set(fields) != {"alg", "kid"} or fields["alg"] != "ES256":
        raise Invalid("the header is not {alg: ES256, kid}")
    if not isinstance(fields["kid"], str) or not KID.match(fields["kid"]):
        raise Invalid("the kid is no thumbprint")
    return fields["kid"]


def kid_of(text: str) -> str:
    """Whose key the text says it is signed with. Proves nothing yet."""
    header, dot, rest = text.partition(".")
    if not dot or rest.count(".") != 1 or len(header) > 300:
        raise Invalid("not a compact JWS")
    return _kid_of_header(header)


def verified(signed: str, signature: str, key: ec.EllipticCurvePublicKey) -> bool:
    """Whether the signature, r and s as 32 bytes each, is one of this key over this text."""
    raw = decode(signature)
    if len(raw) != 64:
        return False
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(der, signed.encode(), _ECDSA)
    except InvalidSignature:
        return False
    return True


def verify(text: str, key: ec.EllipticCurvePublicKey) -> bytes:
    """The signed bytes; raises Invalid."""
    kid_of(text)
    signed, _, signature = text.rpartition(".")
    if not verified(signed, signature, key):
        raise Invalid("the signature does not verify")
    return decode(signed.partition(".")[2])
