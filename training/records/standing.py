"""How a person stands in a course: the words that lists, counts and reports of HR share.

Called by training/reports (annotations on Enrolment) and by what shows a learner her own courses. An enrolment is
exactly one of completed, in progress and not started, so that these sum to what is counted; "overdue" is an "of
which" across the last two.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Activity
from quizzes.judging import editions_named
from training.records.completion import Facts, facts_of
from training.records.models import Completion, Enrolment, StudiedEdition


class State(models.TextChoices):
    COMPLETED = "completed", _("Completed")
    IN_PROGRESS = "in_progress", _("Studying")
    NOT_STARTED = "not_started", _("Not begun")


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


def with_standing(enrolments: QuerySet[Enrolment], on: date | None = None) -> QuerySet[Enrolment]:
    """Annotate ``state`` (a State), ``is_overdue``, ``was_late`` (completed after the deadline, even if it was on the
    first day it can have been) and ``may_be_late`` (by the last day it can have been, but not by the first).
    """
    return with_bounds(enrolments).annotate(
        state=Case(
            When(IS_COMPLETED, then=Value(State.COMPLETED)),
            When(IS_IN_PROGRESS, then=Value(State.IN_PROGRESS)),
            default=Value(State.NOT_STARTED),
            output_field=models.CharField(),
        ),
        is_overdue=models.ExpressionWrapper(is_overdue(on), output_field=models.BooleanField()),
        was_late=models.ExpressionWrapper(
            Q(is_assigned=True, earliest_on__gt=F("due_on")), output_field=models.BooleanField()
        ),
        may_be_late=models.ExpressionWrapper(
            Q(is_assigned=True, earliest_on__lte=F("due_on"), latest_on__gt=F("due_on")),
            output_field=models.BooleanField(),
        ),
    )


def counts(on: date | None = None) -> dict[str, Count]:
    """For ``Enrolment.objects.assigned()…aggregate(**counts())`` or, after ``values(…)``, ``annotate(**counts())``."""
    return {
        "assigned": Count("pk"),
        "completed": Count("pk", filter=IS_COMPLETED),
        "in_progress": Count("pk", filter=IS_IN_PROGRESS),
        "not_started": Count("pk", filter=IS_NOT_STARTED),
        "overdue": Count("pk", filter=is_overdue(on)),
    }


def done_activities(official, activities: set[UUID]) -> set[UUID]:
    """Which of these lessons and quizzes are done: finished, or passed by an attempt that counts. Two queries."""
    facts = facts_of([official.pk], activities)[official.pk]
    return {activity for activity in activities if facts.met_at(activity)}


def remaining_steps(official, course: Activity) -> list[dict[str, Any]]:
    """The required steps, as in an edition's content, that still stand between her and completing the course.

    Of the editions she may complete it by (those her events name, and the one of now) the one with the fewest left
    to do; the newest of these. Empty once the course is completed, whatever was added to it since.
    """
    if Completion.objects.filter(official=official, course=course).exists():
        return []
    names = set(
        StudiedEdition.objects.filter(official=official, edition__course=course).values_list("edition_id", flat=True)
    )
    if course.edition_id:
        names.add(course.edition_id)
    editions = editions_named(names).values()
    steps = {activity for edition in editions for activity in edition.required()}
    facts = facts_of([official.pk], steps)[official.pk]
    left = [(_unmet(edition, facts), edition) for edition in editions]
    unmet, edition = min(left, key=lambda each: (len(each[0]), -each[1].number), default=([], None))
    return [edition.steps[activity] for activity in unmet]


def _unmet(edition, facts: Facts) -> list[UUID]:
    return [activity for activity in edition.required() if facts.met_at(activity) is None]
