"""Of its own, reports store only who looked at what."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccessRecord(models.Model):
    """Every export and every look at a person's record: who, when, what, with which filter, how many rows."""

    class What(models.TextChoices):
        EXPORT_CSV = "csv", _("Export as CSV")
        EXPORT_XLSX = "xlsx", _("Export as Excel")
        PERSON = "person", _("A person's record")

    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="accesses")
    what = models.CharField(max_length=8, choices=What.choices)
    report = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("access record")
        verbose_name_plural = _("access records")
        ordering = ["-at"]
