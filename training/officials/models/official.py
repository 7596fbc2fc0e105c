"""An official: the account a person signs in with and the name on her record.

The staff number is how people know her; everything phones and events carry is ``public_id``, a random UUID.
"""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from training.officials.names import clean, fold, sort_key
from training.officials.validators import not_long_ago, plain_staff_number


class OfficialManager(BaseUserManager):
    def create_user(self, staff_number, password=None, **fields):
        official = self.model(staff_number=staff_number, **fields)
        official.set_password(password)
        official.save(using=self._db)
        return official

    def create_superuser(self, staff_number, password=None, **fields):
        fields.setdefault("full_name", staff_number)
        return self.create_user(staff_number, password, is_superuser=True, **fields)

    def get_by_natural_key(self, staff_number):
        return self.get(staff_number=clean(staff_number).upper())


class Sex(models.TextChoices):
    FEMALE = "f", _("Female")
    MALE = "m", _("Male")


class Official(AbstractBaseUser, PermissionsMixin):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff_number = models.CharField(_("staff number"), max_length=30, unique=True, validators=[plain_staff_number])
    full_name = models.CharField(_("full name"), max_length=150)
    #: Derived, for ORDER BY and for searching without marks.
    name_sort = models.CharField(max_length=400, editable=False, db_index=True)
    name_folded = models.CharField(max_length=150, editable=False, db_index=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True, validators=[not_long_ago])
    email = models.EmailField(_("official e-mail"), blank=True)
    phone_number = models.CharField(_("phone number"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=5, default="vi")
    is_active = models.BooleanField(pgettext_lazy("an account", "active"), default=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    #: The hash of a one-time code that HR printed; used once instead of the password.
    one_time_code = models.CharField(max_length=200, blank=True, editable=False)
    one_time_code_expires_at = models.DateTimeField(null=True, editable=False)
    must_set_password = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    #: Part of every session's hash: counting it up ends them all, and leaves the password as it is.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects = OfficialManager()

    USERNAME_FIELD = "staff_number"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("official")
        verbose_name_plural = _("officials")
        ordering = ["name_sort", "staff_number"]

    def __str__(self):
        return self.full_name

    def save(self, *args, **kwargs):
        self.derive()
        super().save(*args, **kwargs)

    def derive(self) -> None:
        """Normalise what was typed and fill the derived columns; bulk writers call it themselves."""
        self.staff_number = clean(self.staff_number).upper()
        self.full_name = clean(self.full_name)
        self.name_folded = fold(self.full_name)
        self.name_sort = sort_key(self.full_name)

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    def _get_session_auth_hash(self, secret=None) -> str:
        # What Django asks under the present and the fallback secrets alike.
        told = f"{self.password}|{self.session_epoch}"
        return salted_hmac("training.officials.session", told, secret=secret, algorithm="sha256").hexdigest()

    def end_sessions(self) -> None:
        """She is signed out everywhere, at once."""
        Official.objects.filter(pk=self.pk).update(session_epoch=models.F("session_epoch") + 1)
        self.refresh_from_db(fields=["session_epoch"])

    @property
    def first_name(self) -> str:
        """What Wagtail's side bar shows; our names are one field, so it gets the whole."""
        return self.full_name

    @property
    def is_staff(self) -> bool:
        """Django's word for "may enter the admin"; Wagtail asks for the permission itself."""
        return self.has_perm("wagtailadmin.access_admin")


class SignInRecord(models.Model):
    """Who signed in or out, when, from where. Kept for twelve months (Decree 333/2026), shown to nobody but admins."""

    class What(models.TextChoices):
        SIGNED_IN = "in", _("signed in")
        SIGNED_OUT = "out", _("signed out")
        REFUSED = "refused", _("refused")

    #: As typed when refused, so that probing can be seen; the account's number otherwise.
    staff_number = models.CharField(max_length=30)
    official = models.ForeignKey(Official, models.SET_NULL, null=True, related_name="sign_ins")
    what = models.CharField(max_length=8, choices=What.choices)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-at"]
        # What the lock-out asks for at every try (training/officials/lockout.py).
        indexes = [models.Index(fields=["staff_number", "at"]), models.Index(fields=["address", "what", "at"])]
