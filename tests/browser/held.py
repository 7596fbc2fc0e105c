"""A phone of CB-0001's that was revoked, and what it sent after that: made on a site that runs."""

HELD = """
from datetime import timedelta
from django.utils import timezone
from courses.editions import current_edition, steps
from courses.models import Activity
from training.officials.models import Official
from training.starter.history import Phone
from training.sync import decisions, devices
from training.sync.models import Device, Event
she, hr = (Official.objects.get(staff_number=number) for number in ("CB-0001", "TC-0001"))
edition = current_edition(Activity.objects.get(kind="course", code="ATTT-01").key)
at = timezone.now() - timedelta(days=3)
phone = Phone(she, at)
device = devices.register(she, phone.jwk, "Chrome, Android", at=at)
devices.revoke(device, by=hr, reason="Báo mất")
for number, step in enumerate(steps(edition)[:3]):
    phone.record("lesson_finished", step["activity"], edition.name, at + timedelta(hours=number + 1), {"seconds": 200})
phone.deliver(timezone.now())
devices.register(she, Phone(she, at).jwk, "Cốc Cốc, Windows", at=at)
decisions.void(she, [Event.objects.filter(code="device_revoked").first().digest], hr, "Người khác dùng máy")
"""


def revoked_phone_with_held_results(site) -> None:
    """A phone of CB-0001's was revoked; two lessons it sent later are held, one is voided."""
    site.manage("shell", stdin=HELD)
