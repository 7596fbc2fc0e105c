"""Fragment, Address, Unwritten and MediaFile: a published page as phones read it, stored, not cached.

Written by courses/publishing.py in the transaction that publishes; read by the learner's page view, by packs and
by deltas. A fragment is the inside of <main>, the same for everyone, and holds nothing personal.
"""

from django.db import models
from wagtail.models import Page

from courses.models.activity import Activity, ActivityKind


class Fragment(models.Model):
    class Kind(models.TextChoices):
        CATALOGUE = "catalogue"
        COURSE = ActivityKind.COURSE.value
        LESSON = ActivityKind.LESSON.value
        QUIZ = ActivityKind.QUIZ.value

    #: A lesson without translation stands in another language's course too, so one page may have several
    #: fragments.
    page = models.ForeignKey(Page, models.CASCADE, related_name="fragments")
    #: Canonical path, with the language's prefix and the closing slash: "/attt-01/mat-khau/".
    path = models.CharField(max_length=500, unique=True)
    language = models.CharField(max_length=10)
    #: The language of the text itself: differs from ``language`` where a lesson has no translation yet.
    content_language = models.CharField(max_length=10)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    #: None for the catalogue.
    activity = models.ForeignKey(Activity, models.CASCADE, null=True, related_name="fragments")
    course = models.ForeignKey(Activity, models.CASCADE, null=True, related_name="course_fragments")
    #: Order within the course: 0 is the course page itself, then lessons and quizzes as in the tree.
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    minutes = models.PositiveIntegerField(default=0)
    html = models.TextField()
    #: What a phone needs beside the HTML: for a quiz its questions, as JSON; {} otherwise.
    data = models.JSONField(default=dict)
    #: SHA-256 over what a phone sees (see courses/publishing.py: item_hash); names the item in packs.
    hash = models.CharField(max_length=64)
    #: Readable without signing in.
    is_public = models.BooleanField(default=False)
    written_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "language"], name="one_fragment_a_page_and_language"),
        ]
        indexes = [models.Index(fields=["course", "language", "position"])]


class Address(models.Model):
    """Where a language of an activity is or once was: links in letters and chats outlive a slug. The last one who had
    a path has it.
    """

    path = models.CharField(max_length=500, primary_key=True)
    language = models.CharField(max_length=10)
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="addresses")


class Unwritten(models.Model):
    """A course whose pages an error kept from being written when they changed; the worker tries again every minute."""

    course = models.UUIDField(primary_key=True)
    since = models.DateTimeField(auto_now_add=True)


class MediaFile(models.Model):
    """A picture, document, caption file, audio or video as phones download it; its URL is its SHA-256.

    ``size`` is the number of bytes that travel: for what is worth compressing (SVG, VTT) the stored file is
    already brotli, and ``encoding`` says so. The hash is of the content, not of its compressed form.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    extension = models.CharField(max_length=5)
    content_type = models.CharField(max_length=50)
    encoding = models.CharField(max_length=10, blank=True)
    size = models.PositiveBigIntegerField()
    #: Of the content as it is after decoding.
    raw_size = models.PositiveBigIntegerField()
    #: For files over 4 MiB: SHA-256 of each MiB, so that a phone can check what it holds piece by piece.
    piece_hashes = models.JSONField(default=list)
    file = models.FileField(upload_to="published/")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    #: For what was converted: SHA-256 of the upload and the recipe, so that publishing again converts nothing.
    made_from = models.CharField(max_length=120, blank=True, db_index=True)
    made_at = models.DateTimeField(auto_now_add=True)

    @property
    def url(self) -> str:
        return f"/m/{self.sha256}.{self.extension}"


class FragmentMedia(models.Model):
    """Which files a fragment needs. Only roles other than "wide" belong to a phone's download."""

    class Role(models.TextChoices):
        PICTURE = "picture"
        #: The larger variant of a picture, for wide screens online.
        WIDE = "wide"
        DOCUMENT = "document"
        AUDIO = "audio"
        VIDEO = "video"
        CAPTIONS = "captions"

    fragment = models.ForeignKey(Fragment, models.CASCADE, related_name="media")
    media = models.ForeignKey(MediaFile, models.PROTECT, related_name="uses")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fragment", "media", "role"], name="one_use_a_role"),
        ]
