"""How phones and server talk, as it is kept: devices, deliveries, the ledger of events, quarantine, packs.

Events are evidence: written once by training/sync/ledger.py, never edited. Only what is worked out from them
stands beside them and may change: the verdict, and the interval of time.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Activity


class Device(models.Model):
    """One official on one browser, or (kind "server") the server witnessing for an official."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone or computer")
        SERVER = "server", _("This server")

    #: RFC 7638 thumbprint of the public key; "server:<official's public id>" for a server device.
    kid = models.CharField(max_length=80, unique=True)
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.PHONE)
    public_jwk = models.JSONField(default=dict)
    #: Browser and system in two words, so that its owner knows it in a list: "Chrome, Android".
    name = models.CharField(max_length=80, blank=True)
    registered_at = models.DateTimeField(default=timezone.now)
    #: Of a server device: when a plain form of hers came.
    last_contact_at = models.DateTimeField(null=True, db_index=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    #: The highest seq without a gap among verified events.
    received_through = models.PositiveBigIntegerField(default=0)
    #: What the phone last said of itself.
    highest_seq = models.PositiveBigIntegerField(default=0)
    pending_results = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        indexes = [models.Index(fields=["official", "kind"])]


class Delivery(models.Model):
    """One request that brought events; who carried it does not matter to what it says."""

    key = models.UUIDField(default=uuid.uuid4, db_index=True)
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    event_count = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField(default=0)


class Event(models.Model):
    """The evidence ledger: verified bytes as received."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("counted")
        HELD = "held", _("held")
        REJECTED = "rejected", _("rejected")

    device = models.ForeignKey(Device, models.PROTECT, related_name="events")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="events")
    event_id = models.UUIDField()
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=40)
    #: As the event says; it may name what this server does not know (yet).
    activity = models.UUIDField(null=True)
    edition = models.CharField(max_length=64, blank=True)
    #: The phone's clock; with ``clock`` and ``received_at`` it gives the interval in which it really happened.
    occurred_at = models.DateTimeField()
    #: Worked out from the text and its neighbours (training/sync/clock.py): the interval, and the time shown.
    earliest_at = models.DateTimeField()
    latest_at = models.DateTimeField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)
    data = models.JSONField(default=dict)
    jws = models.TextField()
    #: SHA-256 of the JWS, by which a phone recognises the verdict of what it sent.
    digest = models.CharField(max_length=64, db_index=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, related_name="events")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    code = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(fields=["device", "event_id"], name="one_event_an_id"),
            models.UniqueConstraint(fields=["device", "seq"], name="one_event_a_seq"),
        ]
        indexes = [models.Index(fields=["official", "kind"])]


class Conflict(models.Model):
    """Verified bytes that claim an id or seq already taken by other bytes: kept for a person to look at."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="conflicts")
    event_id = models.UUIDField()
    seq = models.PositiveBigIntegerField()
    code = models.CharField(max_length=40)
    jws = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()


class Quarantine(models.Model):
    """What did not verify, with the reason. Occupies no id and no seq; intake keeps the newest ten thousand."""

    digest = models.CharField(max_length=64, unique=True)
    #: The code the phone was told, and what exactly is wrong.
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=200, default="")
    text = models.TextField()
    received_at = models.DateTimeField(db_index=True)


class CoursePack(models.Model):
    """A course in one language as a phone downloads it: the answer of GET /api/courses/<key>/pack/, made once."""

    course = models.ForeignKey(Activity, models.CASCADE, related_name="packs")
    language = models.CharField(max_length=10)
    #: SHA-256 over items, order and media.
    hash = models.CharField(max_length=64)
    edition = models.CharField(max_length=64)
    #: {"items": {key: hash}, "order": […], "media": [sha256, …]}: enough to work out a later difference.
    manifest = models.JSONField()
    body_br = models.BinaryField()
    body_gzip = models.BinaryField()
    #: Bytes that travel: the bodies, and the media without what is only for wide screens.
    bytes_br = models.PositiveIntegerField()
    bytes_gzip = models.PositiveIntegerField()
    media_bytes = models.PositiveBigIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    #: The one handed out now; the others are kept so that phones which have them get a difference.
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "language", "hash"], name="one_pack_a_hash"),
            models.UniqueConstraint(
                fields=["course", "language"], condition=models.Q(is_current=True), name="one_current_pack"
            ),
        ]


class PackDelta(models.Model):
    """The difference between a pack a phone has and the pack of now, compressed once and kept."""

    have = models.ForeignKey(CoursePack, models.CASCADE, related_name="deltas_from")
    now = models.ForeignKey(CoursePack, models.CASCADE, related_name="deltas_to")
    body_br = models.BinaryField()
    body_gzip = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["have", "now"], name="one_delta_a_pair"),
        ]
