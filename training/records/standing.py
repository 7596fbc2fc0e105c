"""How a person stands in a course: the words that lists, counts and reports of HR share.

Called by training/reports and by the notes authors read before unpublishing. An enrolment is exactly one of
completed, in progress and not started, so that these sum to what is counted; "overdue" is an "of which" across the
last two.
"""

from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from training.records.models import Completion, Enrolment

IS_COMPLETED = Q(completed_on__isnull=False)
IS_IN_PROGRESS = Q(completed_on__isnull=True, started_at__isnull=False)
IS_NOT_STARTED = Q(completed_on__isnull=True, started_at__isnull=True)


def is_overdue(on: date | None = None) -> Q:
    """Owed, past its deadline and not completed. On the day of the deadline itself nothing is overdue."""
    return Q(is_assigned=True, completed_on__isnull=True, due_on__lt=on or timezone.localdate())


def completed_between(start: date | None, end: date | None) -> Q:
    """The period filter: on the completion date, both days included, open where None."""
    within = IS_COMPLETED
    if start:
        within &= Q(completed_on__gte=start)
    if end:
        within &= Q(completed_on__lte=end)
    return within


def with_bounds(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Annotate ``earliest_on`` and ``latest_on``: the days between which the course was completed, None before."""
    hers = Completion.objects.filter(official=OuterRef("official"), course=OuterRef("course"))
    return enrolments.annotate(
        earliest_on=Subquery(hers.values("earliest_on")), latest_on=Subquery(hers.values("latest_on"))
    )
