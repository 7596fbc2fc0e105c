"""Frozen questions and papers: what an official saw, for ever.

A version's public name is SHA-256 over its content and a random salt that never leaves the server: without the
salt a name would give the key away to whoever tries all keys.
"""

from django.db import models

from courses.models import Activity


class QuestionVersion(models.Model):
    """Immutable. Written by quizzes/freezing.py only; ``content`` is what marking reads (see quizzes/marking.py).
    """

    name = models.CharField(primary_key=True, max_length=64)
    #: The question's own identity, the same over its versions and languages.
    question = models.UUIDField(db_index=True)
    language = models.CharField(max_length=10)
    #: {"type", "points", "rule", "text", "options": [text, …], "key": [index, …], "explanation"}
    content = models.JSONField()
    #: SHA-256 of language and canonical content without salt: finds the same version again when publishing twice.
    content_hash = models.CharField(max_length=64)
    salt = models.BinaryField(max_length=16)
    frozen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "content_hash"], name="one_version_a_content"),
        ]


class Paper(models.Model):
    """An ordered list of versions, named by the SHA-256 of their names joined by newlines."""

    name = models.CharField(primary_key=True, max_length=64)
    #: Attempts hold a PROTECT key to the paper, so a quiz that was taken cannot go this way.
    quiz = models.ForeignKey(Activity, models.CASCADE, related_name="papers")
    versions = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
