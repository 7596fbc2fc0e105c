"""The groups that go with grants: their members are those who hold the grant today.

Called by signal_handlers when a grant changes and at each sign-in, by grants_today for whoever is signed in already,
and every night, so that a grant that began or ended by date is noticed. Groups only open the door of the admin; whom
an HR officer sees is decided by access.py alone, and what a trainer may edit by the permissions that
training/trainers.py gives her group.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission

from training.officials.models import Grant, Official, Role

NAMES = {Role.TRAINER: "Giảng viên", Role.HR: "Cán bộ tổ chức"}


def group_for(role: str) -> Group:
    """The group of a role, which may enter the admin; made at first need."""
    group, _ = Group.objects.get_or_create(name=NAMES[role])
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    return group


def settle(officials: Iterable[Official]) -> None:
    """Put each into the groups of the grants she holds today, and out of the others."""
    officials = list(officials)
    held = set(Grant.objects.on().filter(official__in=officials).values_list("official_id", "role"))
    for role in NAMES:
        ins = [official for official in officials if (official.pk, role) in held]
        outs = [official.pk for official in officials if (official.pk, role) not in held]
        if ins:
            group_for(role).user_set.add(*ins)
        Official.groups.through.objects.filter(official__in=outs, group__name=NAMES[role]).delete()
