"""Keeps derived rows in step where Django calls us: the flat unit tree, and the groups that go with grants.

Connected in apps.py. Bulk writers send no signals and call the same verbs themselves.
"""

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from training.officials import grants_today, groups
from training.officials.models import Grant, Unit, UnitClosure, UnitPlacement
from training.officials.set_password import MARK


def connect() -> None:
    for sender in (Unit, UnitPlacement):
        post_save.connect(unit_tree_changed, sender=sender, dispatch_uid=f"{sender.__name__}_saved")
        post_delete.connect(unit_tree_changed, sender=sender, dispatch_uid=f"{sender.__name__}_deleted")
    post_save.connect(grant_changed, sender=Grant, dispatch_uid="grant_saved")
    post_delete.connect(grant_changed, sender=Grant, dispatch_uid="grant_deleted")
    user_logged_in.connect(signed_in, dispatch_uid="official_signed_in")


def unit_tree_changed(sender, instance, raw=False, created=None, **kwargs):
    # A unit whose name alone changed stands where it stood.
    if raw or (sender is Unit and created is False):
        return
    UnitClosure.objects.rebuild()


def grant_changed(sender, instance, raw=False, **kwargs):
    if not raw:
        groups.settle([instance.official])


def signed_in(sender, request, user, **kwargs):
    # Grants begin and end by date, when nobody saves anything.
    groups.settle([user])
    if request is None:
        return
    request.session[grants_today.MARK] = timezone.localdate().isoformat()
    if user.must_set_password:
        request.session[MARK] = True
