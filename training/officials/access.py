"""Who may see whom: the only place that decides it.

Called by every view, list, chooser, export and form that shows or changes people. Grants are asked for on each call
and by date, so a grant that ended yesterday is worth nothing today, whatever groups or sessions still say.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet

from training.officials.models import Grant, Official, Posting, Role, Unit, UnitClosure


def is_hr(actor) -> bool:
    """An HR officer of at least one unit today (a superuser counts as HR officer of everything)."""
    if not actor.is_authenticated or not actor.is_active:
        return False
    return actor.is_superuser or Grant.objects.on().filter(official=actor, role=Role.HR).exists()


def is_trainer(actor) -> bool:
    if not actor.is_authenticated or not actor.is_active:
        return False
    return actor.is_superuser or Grant.objects.on().filter(official=actor, role=Role.TRAINER).exists()


def require_hr(actor) -> None:
    """Raise PermissionDenied for whoever is not an HR officer today."""
    if not is_hr(actor):
        raise PermissionDenied


def units_of(actor) -> QuerySet[Unit]:
    """The units an HR officer answers for today: the subtrees of her grants."""
    if not is_hr(actor):
        return Unit.objects.none()
    if actor.is_superuser:
        return Unit.objects.all()
    tops = Grant.objects.on().filter(official=actor, role=Role.HR).values("unit")
    return Unit.objects.filter(pk__in=UnitClosure.objects.filter(ancestor__in=tops).values("descendant"))


def officials_of(actor) -> QuerySet[Official]:
    """The officials whose main posting today is in one of her units."""
    here = Posting.objects.on().filter(official=OuterRef("pk"), is_main=True, unit__in=units_of(actor))
    return Official.objects.filter(Exists(here))


def subtree(unit: Unit) -> QuerySet[Unit]:
    """The unit and all below it, today."""
    return Unit.objects.filter(pk__in=UnitClosure.objects.filter(ancestor=unit).values("descendant"))
