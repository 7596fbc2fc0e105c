"""The server's signing key: signs replies and what the server itself witnesses.

Made at its first use in the file settings.SYNC_SIGNING_KEY names. Phones pin its public half, so it belongs into
the backup; how it is replaced is said in docs/sync-protocol.md, "The server's key".
"""

import os
import tempfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from training.sync import jose


@cache
def _load(path: str) -> tuple[ec.EllipticCurvePrivateKey, dict]:
    key = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError(f"{path} is not a P-256 private key")
    jwk = jose.public_jwk(key.public_key())
    return key, {**jwk, "kid": jose.thumbprint(jwk)}


def _make(path: Path) -> None:
    """Write a new key whole or not at all; of two processes that start together the first one's stays."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".signing_key")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
    finally:
        os.unlink(name)


def _current() -> tuple[ec.EllipticCurvePrivateKey, dict]:
    path = Path(settings.SYNC_SIGNING_KEY)
    if not path.exists():
        _make(path)
    return _load(str(path))


def server_jwk() -> dict:
    """The public half with its kid, as phones pin it."""
    return _current()[1]


def sign(payload: dict) -> str:
    key, jwk = _current()
    return jose.sign(payload, key, jwk["kid"])
