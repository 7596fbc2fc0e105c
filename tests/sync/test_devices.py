"""Registering a phone's key, over HTTP."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from tests.sync.conftest import BACKEND
from tests.sync.phone import Phone
from training.sync import devices, jose, keys
from training.sync.models import Device

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_phone(official, course):
    return Phone(official, course, registered=False)


def register(client, body, **headers):
    body = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.post("/api/devices/", body, content_type="application/json", headers=headers)


def test_a_phone_registers_its_key_and_learns_the_servers(signed_in, official, new_phone):
    answer = register(signed_in, {"jwk": new_phone.jwk, "name": "Chrome, Android"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert body.pop("server_time").endswith("Z")
    assert body == {
        "official": str(official.public_id),
        "kid": new_phone.kid,
        "revoked": False,
        "received_through": 0,
        "server_key": keys.server_jwk(),
    }
    device = Device.objects.get()
    assert (device.kid, device.official, device.name, device.kind) == (
        new_phone.kid,
        official,
        "Chrome, Android",
        "phone",
    )
    assert jose.thumbprint(body["server_key"]) == body["server_key"]["kid"]


def test_registering_twice_is_harmless_and_tells_how_far_it_got(signed_in, phone, course):
    phone.deliver(signed_in, phone.finish(course.lessons[0]))
    first = Device.objects.get(kid=phone.kid)
    answer = register(signed_in, {"jwk": phone.jwk, "name": "another name"})
    assert answer.json()["received_through"] == 1
    again = Device.objects.get(kid=phone.kid)
    assert (again.pk, again.name, again.registered_at) == (first.pk, first.name, first.registered_at)


def test_a_revoked_device_stays_revoked(signed_in, phone, official):
    devices.revoke(phone.device, by=official)
    signed_in.force_login(official, BACKEND)
    assert register(signed_in, {"jwk": phone.jwk, "name": ""}).json()["revoked"] is True
    assert Device.objects.get(kid=phone.kid).revoked_by == official


def test_whoever_holds_a_revoked_phone_is_signed_out_and_registers_no_other_key(signed_in, phone, new_phone, official):
    devices.revoke(phone.device, by=official)
    answer = register(signed_in, {"jwk": new_phone.jwk, "name": ""})
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert signed_in.get("/api/me/").status_code == 401
    official.refresh_from_db()
    assert not Device.objects.filter(official=official, kind="phone", revoked_at=None).exists()


def test_a_key_of_another_official_is_refused(signed_in, colleague, course):
    hers = Phone(colleague, course)
    answer = register(signed_in, {"jwk": hers.jwk, "name": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (409, "key_of_another")
    assert Device.objects.get().official == colleague


def test_without_a_session_nothing_is_registered(client, new_phone):
    answer = register(client, {"jwk": new_phone.jwk, "name": ""})
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert not Device.objects.exists()


def test_without_the_token_of_the_session_nothing_is_registered(official, new_phone):
    client = Client(enforce_csrf_checks=True)
    client.force_login(official, backend=BACKEND)
    answer = register(client, {"jwk": new_phone.jwk, "name": ""})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert not Device.objects.exists()
    token = client.get("/api/me/").json()["csrf"]
    assert register(client, {"jwk": new_phone.jwk, "name": ""}, **{"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"key",
        [],
        {},
        {"jwk": None, "name": ""},
        {"jwk": {}, "name": ""},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "name": ""},
        {"jwk": {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}, "name": ""},
    ],
    ids=str,
)
def test_what_is_no_key_is_malformed(signed_in, body):
    answer = register(signed_in, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not Device.objects.exists()


def test_a_name_that_is_no_text_is_malformed(signed_in, new_phone):
    assert register(signed_in, {"jwk": new_phone.jwk, "name": 7}).status_code == 400


def test_a_private_key_sent_by_mistake_is_not_kept_and_a_name_is_made_harmless(signed_in, new_phone):
    register(signed_in, {"jwk": {**new_phone.jwk, "d": "secret"}, "name": "\u0000Cốc Cốc\n" + "x" * 200})
    device = Device.objects.get()
    assert set(device.public_jwk) == {"kty", "crv", "x", "y"}
    assert device.name.startswith("Cốc Cốcx")
    assert len(device.name) == 80


def test_a_point_that_is_not_on_the_curve_is_malformed(signed_in):
    x, y = (jose.encode((5).to_bytes(32, "big")) for _ in range(2))
    assert (
        register(signed_in, {"jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": y}, "name": ""}).status_code == 400
    )


def test_a_browser_of_two_officials_has_two_devices(client, official, colleague):
    for person in (official, colleague):
        client.force_login(person, backend=BACKEND)
        key = jose.public_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
        assert register(client, {"jwk": key, "name": ""}).json()["official"] == str(person.public_id)
    assert set(Device.objects.values_list("official", flat=True)) == {official.pk, colleague.pk}
