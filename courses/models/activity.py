"""Activity and Edition: what records refer to, whatever happens to the pages.

An activity is a course, lesson or quiz as something that can be learned, in all languages and wherever it stands
in the tree; its key is the pages' shared translation_key. An edition is what a course consisted of at a moment,
named by the SHA-256 of that and kept for ever: an event is judged by the edition it names.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActivityKind(models.TextChoices):
    COURSE = "course", _("Course")
    LESSON = "lesson", _("Lesson")
    QUIZ = "quiz", _("Quiz")


class Activity(models.Model):
    """Made at first publication. Records hold PROTECT keys to it: what was learned cannot be deleted."""

    key = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=6, choices=ActivityKind.choices)
    #: The course it belongs to now; its own key for a course. Where records hold a part, the course can't go
    #: either.
    course = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    #: As last published in the default language (else the language it has); for tables and messages.
    title = models.CharField(max_length=255)
    code = models.CharField(max_length=30, blank=True)
    #: Of a course: what it consists of now. Not always the newest: taking a change back returns to the one before.
    edition = models.ForeignKey("Edition", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")

    def __str__(self):
        return self.title


class Edition(models.Model):
    """Kept as long as its course; records hold PROTECT keys to it. ``content`` is canonical JSON::

        {"format": 1, "course": key, "titles": {"vi": …}, "rule": {"name": "all_required"},
         "steps": [{"activity": key, "kind": "lesson" | "quiz", "required": true, "titles": {"vi": …}, …}]}

    A quiz's step also has what quizzes put there: mode, pass_mark, attempts, papers (language → paper name).
    """

    name = models.CharField(primary_key=True, max_length=64)
    course = models.ForeignKey(Activity, models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    minted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["course", "number"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="one_edition_a_number"),
        ]
