"""What HR does with officials: add, move, let go, take back, give a one-time code; and an administrator: give and end
roles.

Called by the admin screens (admin_views.py, role_views.py) and by whatever else brings people in. Each verb is one
transaction, leaves a line in Wagtail's log with who did it, and tells the packages above through signals.py. Postings
are history: a move closes one and opens the next; nothing is overwritten except what began on the same day or has not
begun.
"""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log

from training.officials import one_time_code
from training.officials.models import Grant, Official, Posting, Unit
from training.officials.signals import devices_disowned, postings_changed


def add(official: Official, posting: Posting, by) -> Official:
    """A new official with her first main posting. She signs in by a one-time code."""
    with transaction.atomic():
        official.set_unusable_password()
        official.must_set_password = True
        official.save()
        posting.official = official
        posting.save()
        log(official, "wagtail.create", user=by, data=_words(posting))
        _moved(official)
    return official


def open_main_posting(official: Official) -> Posting | None:
    """The posting without an end: that of today, or one planned for a later day."""
    return official.postings.filter(is_main=True, valid_to=None).select_related("unit").first()


def earliest_move(posting: Posting) -> date | None:
    """The first day from which her open posting can give way to another; None for any.

    One that has not begun gives way altogether: then it is the posting before that counts.
    """
    if posting.valid_from <= timezone.localdate():
        return posting.valid_from
    begun = _last_begun(posting.official)
    if begun is None:
        return None
    return begun.valid_from if _goes_on_until(begun, _planned(posting.official)) else begun.valid_to + timedelta(days=1)


def move(official: Official, unit: Unit, category: str, position: str, valid_from: date, by) -> Posting:
    """Another unit, category or position from a day on. On the very day the present posting began it corrects it.

    What was planned and has not begun is replaced: the posting before it goes on until this one begins. The day must
    not lie before ``earliest_move``; the form has seen to it.
    """
    with transaction.atomic():
        lock(official)
        _call_off_planned(official)
        posting = open_main_posting(official)
        if posting is not None and posting.valid_from < valid_from:
            posting.valid_to = valid_from - timedelta(days=1)
            posting.save(update_fields=["valid_to"])
            posting = None
        if posting is None:
            posting = Posting(official=official, is_main=True)
        posting.unit, posting.category, posting.position = unit, category, position
        posting.valid_from = valid_from
        posting.save()
        log(official, "officials.move", user=by, data=_words(posting))
        _moved(official)
    return posting


def deactivate(official: Official, left_on: date, by, *, revoke_devices: bool) -> None:
    """Her account closes and her postings and grants end on that day. Her record stays as it is."""
    with transaction.atomic():
        lock(official)
        official.postings.filter(valid_from__gt=left_on).delete()
        official.postings.filter(Q(valid_to=None) | Q(valid_to__gt=left_on)).update(valid_to=left_on)
        for grant in Grant.objects.filter(official=official).filter(Q(valid_to=None) | Q(valid_to__gt=left_on)):
            grant.valid_to = left_on
            grant.save(update_fields=["valid_to"])
        official.is_active = False
        official.left_on = left_on
        official.one_time_code, official.one_time_code_expires_at = "", None
        official.save(update_fields=["is_active", "left_on", "one_time_code", "one_time_code_expires_at"])
        log(official, "officials.deactivate", user=by, data={"left_on": str(left_on), "phones": revoke_devices})
        if revoke_devices:
            devices_disowned.send(Official, official=official, by=by)
        _moved(official)


def last_main_posting(official: Official) -> Posting | None:
    return official.postings.filter(is_main=True).select_related("unit").order_by("-valid_from", "-pk").first()


def reactivate(official: Official, unit: Unit, category: str, position: str, valid_from: date, by) -> Posting:
    """She is back. Back on the same post without a day between, the old posting just goes on."""
    with transaction.atomic():
        lock(official)
        last = last_main_posting(official)
        same = last is not None and (last.unit_id, last.category, last.position) == (unit.pk, category, position)
        if same and valid_from <= last.valid_to + timedelta(days=1):
            last.valid_to = None
            posting = last
        else:
            posting = Posting(official=official, unit=unit, category=category, position=position, is_main=True)
            posting.valid_from = valid_from
        posting.save()
        official.is_active, official.left_on = True, None
        official.save(update_fields=["is_active", "left_on"])
        log(official, "officials.reactivate", user=by, data=_words(posting))
        _moved(official)
    return posting


def give_code(official: Official, by, *, revoke_devices: bool) -> str:
    """A one-time code to print, in place of her password. It is returned here and kept nowhere."""
    with transaction.atomic():
        code = one_time_code.issue(official)
        log(official, "officials.one_time_code", user=by, data={"phones": revoke_devices})
        if revoke_devices:
            devices_disowned.send(Official, official=official, by=by)
    return code


def give_role(official: Official, role: str, unit: Unit, valid_from: date, by) -> Grant:
    """HR officer of a unit and all below it, or trainer, from a day on."""
    with transaction.atomic():
        lock(official)
        grant, _made = Grant.objects.get_or_create(
            official=official, role=role, unit=unit, valid_to=None, defaults={"valid_from": valid_from}
        )
        log(official, "officials.give_role", user=by, data=_words_of(grant))
    return grant


def end_role(grant: Grant, by) -> None:
    """From this day on she has it no longer. One that begins today or later has never been."""
    yesterday = timezone.localdate() - timedelta(days=1)
    with transaction.atomic():
        log(grant.official, "officials.end_role", user=by, data=_words_of(grant))
        if grant.valid_from > yesterday:
            grant.delete()
        else:
            grant.valid_to = yesterday
            grant.save(update_fields=["valid_to"])


def lock(official: Official) -> None:
    """Two officers at once: the second waits, and sees what the first wrote.

    Without the key: rows that only refer to her (enrolments, say) are written meanwhile, or the two would wait for
    each other.
    """
    Official.objects.select_for_update(no_key=True).get(pk=official.pk)


def _last_begun(official: Official) -> Posting | None:
    begun = official.postings.filter(is_main=True, valid_from__lte=timezone.localdate())
    return begun.order_by("-valid_from", "-pk").first()


def _planned(official: Official):
    """Main postings that have not begun, the first of them first."""
    return official.postings.filter(is_main=True, valid_from__gt=timezone.localdate()).order_by("valid_from")


def _goes_on_until(begun: Posting, planned) -> bool:
    """Whether only the planned move ends it."""
    first = planned.first()
    return first is not None and begun.valid_to == first.valid_from - timedelta(days=1)


def _call_off_planned(official: Official) -> None:
    begun, planned = _last_begun(official), _planned(official)
    goes_on = begun is not None and _goes_on_until(begun, planned)
    planned.delete()
    if goes_on:
        begun.valid_to = None
        begun.save(update_fields=["valid_to"])


def _words(posting: Posting) -> dict:
    return {
        "unit": posting.unit.code,
        "category": posting.category,
        "position": posting.position,
        "valid_from": str(posting.valid_from),
    }


def _words_of(grant: Grant) -> dict:
    return {"role": grant.role, "unit": grant.unit.code, "valid_from": str(grant.valid_from)}


def _moved(official: Official) -> None:
    postings_changed.send(Official, officials=[official.pk])
