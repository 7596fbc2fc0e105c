"""Attempt: one go at a quiz. A fact, derived from events by quizzes/events.py and rebuilt from them at will."""

from django.conf import settings
from django.db import models

from courses.models import Activity, Edition
from quizzes.models.frozen import Paper


class Attempt(models.Model):
    #: The id of its quiz_started event; the phone's, so unique only together with the official.
    key = models.UUIDField()
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts")
    quiz = models.ForeignKey(Activity, models.PROTECT, related_name="attempts")
    course = models.ForeignKey(Activity, models.PROTECT, related_name="course_attempts")
    #: The one its submission names; until then the one its start names.
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="attempts")
    #: None until submitted, as are the columns of its answers and marks.
    paper = models.ForeignKey(Paper, models.PROTECT, null=True, related_name="attempts")
    #: How many earlier attempts its phone knew of when it began.
    earlier = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    #: The id of the quiz_submitted event that stands: the first that was recorded.
    submission = models.UUIDField(null=True)
    #: The interval in which it was really submitted, as far as can be told (training/sync/clock.py).
    earliest_at = models.DateTimeField(null=True)
    latest_at = models.DateTimeField(null=True)
    #: When what the row now says arrived here: the submission, before that the start.
    received_at = models.DateTimeField()
    #: One list of option indexes a question, in the paper's order.
    answers = models.JSONField(default=list)
    #: Parts of a point, as quizzes/marking.py counts them (PARTS_PER_POINT).
    earned = models.PositiveIntegerField(default=0)
    possible = models.PositiveIntegerField(default=0)
    pass_mark = models.PositiveSmallIntegerField(default=0)
    passed = models.BooleanField(default=False)
    #: Within the limit by the phone's own count; an attempt that isn't is kept, marked and shown as such.
    counted = models.BooleanField(default=True)
    mode = models.CharField(max_length=8, default="assessed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["official", "key"], name="one_attempt_a_key"),
        ]
        indexes = [
            models.Index(fields=["quiz", "official"]),
            models.Index(fields=["course", "official"]),
        ]

    @property
    def score(self) -> int | None:
        """In hundredths of a percent, rounded down; None until submitted."""
        if self.submitted_at is None:
            return None
        return self.earned * 10_000 // self.possible if self.possible else 0
