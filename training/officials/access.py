"""Who may see whom: the only place that decides it.

Called by every view, list, chooser, export and form that shows or changes people. Grants are asked for on each call
and by date, so a grant that ended yesterday is worth nothing today, whatever groups or sessions still say.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from training.officials.groups import NAMES
from training.officials.models import Grant, Official, Posting, Role, Unit, UnitClosure


def is_hr(actor) -> bool:
    """An HR officer of at least one unit today (a superuser counts as HR officer of everything)."""
    if not actor.is_authenticated or not actor.is_active:
        return False
    return actor.is_superuser or Grant.objects.on().filter(official=actor, role=Role.HR).exists()


def _granted(actor) -> set[int]:
    """Units her grants name. Read first: as a subquery of subqueries a fresh PostgreSQL took minutes for them."""
    if not actor.is_authenticated or not actor.is_active:
        return set()
    return set(Grant.objects.on().filter(official=actor, role=Role.HR).values_list("unit_id", flat=True))


def units_of(actor) -> QuerySet[Unit]:
    """The units an HR officer answers for today: the subtrees of her grants."""
    if actor.is_active and actor.is_superuser:
        return Unit.objects.all()
    return Unit.objects.filter(pk__in=UnitClosure.objects.filter(ancestor__in=_granted(actor)).values("descendant"))


def officials_of(actor) -> QuerySet[Official]:
    """The officials whose main posting today is in one of her units."""
    here = Posting.objects.on().filter(official=OuterRef("pk"), is_main=True, unit__in=units_of(actor))
    return Official.objects.filter(Exists(here))


def subtree(unit: Unit) -> QuerySet[Unit]:
    """The unit and all below it, today."""
    return Unit.objects.filter(pk__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))


def tops_of(actor) -> QuerySet[Unit]:
    """The highest units she answers for: where her lists and trees begin."""
    if actor.is_active and actor.is_superuser:
        below = UnitClosure.objects.filter(depth__gt=0).values("descendant")
        return Unit.objects.exclude(pk__in=below)
    granted = _granted(actor)
    within = UnitClosure.objects.filter(descendant__in=granted, ancestor__in=granted, depth__gt=0)
    return Unit.objects.filter(pk__in=granted - set(within.values_list("descendant_id", flat=True)))


def answers_for_everything(actor) -> bool:
    """HR officer of the top of the tree (or a superuser): the one who may read the log of who looked at what."""
    if actor.is_active and actor.is_superuser:
        return True
    granted = _granted(actor)
    below = UnitClosure.objects.filter(descendant__in=granted, depth__gt=0).values_list("descendant_id", flat=True)
    return bool(granted - set(below))


def gives_roles(actor) -> bool:
    """Who makes HR officers and trainers, and ends that: administrators."""
    return actor.is_active and actor.is_superuser


def former_officials_of(actor) -> QuerySet[Official]:
    """Those without a main posting today whose last one was in one of her units: leavers she may take back."""
    mains = Posting.objects.filter(official=OuterRef("pk"), is_main=True)
    last_unit = mains.order_by("-valid_from", "-pk").values("unit")[:1]
    return (
        Official.objects.filter(~Exists(mains.on())).alias(last_unit=last_unit).filter(last_unit__in=units_of(actor))
    )


def readable_officials(actor) -> QuerySet[Official]:
    """Those whose record she may read: hers, leavers included."""
    return (officials_of(actor) | former_officials_of(actor)).distinct()


def manageable_officials(actor) -> QuerySet[Official]:
    """Those whose account an HR officer may change: hers, leavers included, but neither herself nor anyone with
    more power than she has (a reset password would hand her that power)."""
    reach = Official.objects.filter(
        Q(pk__in=officials_of(actor).values("pk")) | Q(pk__in=former_officials_of(actor).values("pk"))
    ).exclude(pk=actor.pk)
    if actor.is_superuser:
        return reach
    # A trainer writes for everyone, whatever unit her grant names; and a grant that begins tomorrow counts today.
    own_kind = Q(role=Role.HR, unit__in=units_of(actor))
    others = Grant.objects.not_over().filter(official=OuterRef("pk")).exclude(own_kind)
    groups = Official.groups.through.objects.filter(official=OuterRef("pk"))
    foreign = groups.exclude(group__name__in=NAMES.values())
    permissions = Official.user_permissions.through.objects.filter(official=OuterRef("pk"))
    return reach.filter(~Exists(others), ~Exists(foreign), ~Exists(permissions), is_superuser=False)
