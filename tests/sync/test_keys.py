"""The server's key and the signed texts: one spelling, one algorithm, one key."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from training.sync import jose, keys


@pytest.fixture
def key():
    return ec.generate_private_key(ec.SECP256R1())


def test_the_key_is_made_at_first_use_for_its_owner_only_and_kept(settings):
    first = keys.server_jwk()
    path = Path(settings.SYNC_SIGNING_KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys._load.cache_clear()
    assert keys.server_jwk() == first
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_processes_that_start_together_agree_on_one_key(settings, tmp_path):
    path = tmp_path / "new" / "key.pem"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keys._make, [path] * 8))
    settings.SYNC_SIGNING_KEY = str(path)
    made = path.read_bytes()
    keys._make(path)
    assert path.read_bytes() == made
    assert keys.server_jwk()["kty"] == "EC"


def test_a_file_with_another_kind_of_key_is_refused(settings, tmp_path):
    path = tmp_path / "rsa.pem"
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(rsa.generate_private_key(65537, 2048).private_bytes(*pem))
    settings.SYNC_SIGNING_KEY = str(path)
    with pytest.raises(ValueError, match="not a P-256 private key"):
        keys.server_jwk()


def test_the_thumbprint_is_that_of_rfc_7638():
    # Appendix A.1 of RFC 7517 has this key; its thumbprint was worked out with another library.
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }
    assert jose.thumbprint(jwk) == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"


def test_the_worked_example_of_rfc_7515_verifies():
    # Appendix A.3; its header has no kid, so its parts are checked as this module checks them.
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    signed = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
        "Ijp0cnVlfQ"
    )
    signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    assert jose.verified(signed, signature, jose.public_key(jwk))
    assert not jose.verified(signed + "A", signature, jose.public_key(jwk))


def test_what_was_signed_verifies_with_that_key_and_no_other(key):
    kid = jose.thumbprint(jose.public_jwk(key.public_key()))
    text = jose.sign({"tên": "Lò Thị Hương"}, key, kid)
    assert jose.kid_of(text) == kid
    assert json.loads(jose.verify(text, key.public_key())) == {"tên": "Lò Thị Hương"}
    with pytest.raises(jose.Invalid):
        jose.verify(text, ec.generate_private_key(ec.SECP256R1()).public_key())


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"x": None},
        {"x": ""},
        {"x": "A" * 43},
        {"x": "A" * 42},
        {"x": "A" * 43 + "="},
        {"x": "ế" * 43},
        {"y": 7},
    ],
    ids=str,
)
def test_what_is_no_public_key_is_refused(key, change):
    with pytest.raises(jose.Invalid):
        jose.public_key({**jose.public_jwk(key.public_key()), **change})


@pytest.mark.parametrize("nothing", [None, [], "key", {}, 7])
def test_what_is_no_key_at_all_is_refused(nothing):
    with pytest.raises(jose.Invalid):
        jose.public_key(nothing)
