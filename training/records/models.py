"""What is owed (Assignment), what is done (LessonProgress, StudiedEdition, Completion), and the one row reports read
(Enrolment).

Progress and completions are functions of the set of events, recomputed by ``manage.py rebuild_records``; enrolments
are kept in step with assignments, postings and facts by training/records/enrolments.py, set-based.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Activity, Edition
from training.officials.models import Category, Unit


class AssignmentQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(withdrawn_at=None)


class Assignment(models.Model):
    """A course owed by everyone posted in a unit's subtree, whoever joins it later included, until withdrawn."""

    course = models.ForeignKey(Activity, models.PROTECT, related_name="assignments", verbose_name=_("course"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name=_("unit"))
    due_on = models.DateField(_("deadline"))
    assigned_on = models.DateField(_("assigned on"), default=timezone.localdate)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["due_on", "pk"]


class LessonProgress(models.Model):
    """A lesson finished, at the earliest time any event says so."""

    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lesson_progress")
    lesson = models.ForeignKey(Activity, models.PROTECT, related_name="progress")
    course = models.ForeignKey(Activity, models.PROTECT, related_name="course_progress")
    finished_at = models.DateTimeField()
    #: The interval in which it was really finished, as far as can be told (training/sync/clock.py).
    earliest_at = models.DateTimeField()
    latest_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["official", "lesson"], name="one_progress_a_lesson"),
        ]
        indexes = [models.Index(fields=["course", "official"])]


class StudiedEdition(models.Model):
    """An edition of a course that some event of the official names: one she can complete the course by."""

    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="studied_editions")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="studied_by")
    first_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["official", "edition"], name="one_row_a_studied_edition"),
        ]


class Completion(models.Model):
    """A course completed. Copies what it rests on, so that later edits and reorganisations rewrite no history."""

    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="completions")
    course = models.ForeignKey(Activity, models.PROTECT, related_name="completions")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="completions")
    completed_at = models.DateTimeField()
    completed_on = models.DateField()
    #: The first and the last day it can really have been: by the first of them a deadline is judged.
    earliest_on = models.DateField()
    latest_on = models.DateField()
    #: Hundredths of a percent of the best counted passing attempt at the final quiz; None where there is no quiz.
    score = models.PositiveIntegerField(null=True)
    pass_mark = models.PositiveSmallIntegerField(null=True)
    course_title = models.CharField(max_length=255)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="completions")
    unit_name = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=20, choices=Category.choices, blank=True)
    position = models.CharField(max_length=150, blank=True)
    recorded_at = models.DateTimeField()
    #: The seq of the completion_issued event that it repeats; of several the last one issued stands.
    issued_seq = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [
            models.UniqueConstraint(fields=["official", "course"], name="one_completion_a_course"),
        ]
        indexes = [models.Index(fields=["course", "completed_on"])]


class EnrolmentQuerySet(models.QuerySet):
    def assigned(self):
        return self.filter(is_assigned=True)


class Enrolment(models.Model):
    """One row for each official and course that is owed or begun; what every report and "my courses" read."""

    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="enrolments")
    course = models.ForeignKey(Activity, models.PROTECT, related_name="enrolments")
    #: True while an assignment in force reaches the official's main posting.
    is_assigned = models.BooleanField(default=False)
    assigned_on = models.DateField(null=True)
    #: The earliest deadline of the assignments that reach her.
    due_on = models.DateField(null=True)
    #: When her first lesson was finished or quiz begun.
    started_at = models.DateTimeField(null=True)
    completed_on = models.DateField(null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["official", "course"], name="one_enrolment_a_course"),
        ]
        indexes = [models.Index(fields=["course", "is_assigned"])]
