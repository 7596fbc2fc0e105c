"""Devices: one official on one browser, known by its public key.

Called by the view of /api/devices/ and by whoever lists or revokes devices (her account page, HR).
"""

import unicodedata
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from training.sync import intake, jose
from training.sync.models import Device


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


def revoke(device: Device, by) -> None:
    """What arrives from it from now on is held for a person; what has arrived keeps its verdict."""
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = timezone.now(), by
        device.save(update_fields=["revoked_at", "revoked_by"])


def trust_again(device: Device) -> None:
    """Take a revocation back: what was held for it is judged now."""
    with transaction.atomic():
        device.revoked_at = device.revoked_by = None
        device.save(update_fields=["revoked_at", "revoked_by"])
        intake.rejudge(device.official)
