"""Devices: one official on one browser, known by its public key.

Called by the views of /api/devices/ and /api/me/ and by whoever lists or revokes devices (her account page, HR's
screens, the closing of an account).
"""

import unicodedata
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from training.sync import decisions, intake, jose
from training.sync.models import Device

#: Contacts closer together than this are one.
CONTACT_WRITTEN = timedelta(hours=1)


class KeyOfAnother(Exception):
    """The key is registered already, for another official."""


def register(official, jwk: dict, name: str, at: datetime | None = None) -> Device:
    """Known from now on; registering again changes nothing. Raises jose.Invalid and KeyOfAnother."""
    jose.public_key(jwk)
    public = {field: jwk[field] for field in ("kty", "crv", "x", "y")}
    name = "".join(char for char in unicodedata.normalize("NFC", name) if char.isprintable()).strip()[:80]
    device, _ = Device.objects.get_or_create(
        kid=jose.thumbprint(public),
        defaults={
            "official": official,
            "public_jwk": public,
            "name": name,
            "registered_at": at or timezone.now(),
        },
    )
    if device.official_id != official.pk:
        raise KeyOfAnother
    return device


def note_contact(official, kid: str) -> None:
    """Her phone spoke to the server under her session. Written once an hour: what is read of it is days."""
    if not jose.KID.match(kid):
        return
    at = timezone.now()
    known = Device.objects.filter(official=official, kid=kid, kind=Device.Kind.PHONE)
    last = known.values_list("last_contact_at", flat=True).first()
    if last is None or at - last > CONTACT_WRITTEN:
        known.update(last_contact_at=at)


def note_plain_form(official) -> None:
    """Her phone spoke to the server with its scripts off. It has no key; what it sends is signed by the server's own
    device for her, so that one keeps the time.
    """
    Device.objects.filter(official=official, kind=Device.Kind.SERVER).update(last_contact_at=timezone.now())


def revoke(device: Device, by, reason: str = "") -> None:
    """What arrives from it from now on is held for a person; what has arrived keeps its verdict.

    Her sessions end with it: whoever holds the phone could otherwise register another key under the one it has.
    """
    if device.revoked_at is None:
        with transaction.atomic():
            decisions.stand(device, revoked=True, by=by, reason=reason)
            device.official.end_sessions()


def trust_again(device: Device, by, reason: str = "") -> None:
    """Take a revocation back: what was held for it is judged now, except what was voided."""
    with transaction.atomic():
        decisions.stand(device, revoked=False, by=by, reason=reason)
        intake.rejudge(device.official)
