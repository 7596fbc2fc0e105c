"""Phones of a closed account, or of one whose password HR reset and no longer trusts. Connected in apps.py."""

from training.officials.signals import devices_disowned
from training.sync.devices import revoke
from training.sync.models import Device


def connect() -> None:
    devices_disowned.connect(revoke_all, dispatch_uid="sync_revoke_disowned")


def revoke_all(sender, official, by, **kwargs):
    for device in Device.objects.filter(official=official, kind=Device.Kind.PHONE):
        revoke(device, by)
