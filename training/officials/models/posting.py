"""Where an official works, and who holds which role over which units; both dated."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from training.officials.models.official import Official
from training.officials.models.unit import Unit


class DatedQuerySet(models.QuerySet):
    def on(self, day=None):
        """Rows in force on the day (today)."""
        day = day or timezone.localdate()
        return self.not_over(day).filter(valid_from__lte=day)

    def not_over(self, day=None):
        """Rows in force on the day (today) or on a later one."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day or timezone.localdate()))


class Category(models.TextChoices):
    """Personnel category (đối tượng)."""

    CADRE = "can_bo", _("Cadre")
    CIVIL_SERVANT = "cong_chuc", _("Civil servant")
    PUBLIC_EMPLOYEE = "vien_chuc", _("Public employee")
    CONTRACT = "hop_dong", _("Contract worker")
    PART_TIME = "khong_chuyen_trach", _("Part-time village staff")


class Posting(models.Model):
    """Both days included. The main posting is the one reports count an official under; one on any day."""

    official = models.ForeignKey(Official, models.CASCADE, related_name="postings")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings")
    category = models.CharField(_("category"), max_length=20, choices=Category.choices)
    position = models.CharField(_("position"), max_length=150, blank=True)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    is_main = models.BooleanField(default=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from"]
        indexes = [models.Index(fields=["unit", "valid_to", "is_main"])]
        constraints = [
            models.UniqueConstraint(
                fields=["official"], condition=Q(valid_to=None, is_main=True), name="one_open_main_posting"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")), name="posting_ends_after_start"
            ),
        ]


class Role(models.TextChoices):
    HR = "hr", _("HR officer")
    TRAINER = "trainer", _("Trainer")


class Grant(models.Model):
    """What makes an HR officer (of which subtree) or a trainer, from when to when."""

    official = models.ForeignKey(Official, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=10, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants")
    valid_from = models.DateField(default=timezone.localdate)
    valid_to = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
