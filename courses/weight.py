"""What a lesson or quiz weighs for a phone, in bytes as they travel.

Read by the weight panel of the edit views (courses/panels.py). It is what a phone downloads that opens the page
for the first time, apart from the app's own shared files: the joined page as brotli, and the page's files. Of a
page that is published as it stands, these are the very bytes that are served; tests hold both to that.
"""

from collections import Counter
from dataclasses import dataclass

from django.conf import settings

from courses import signals
from courses.drafts import render_draft
from courses.models.fragment import Fragment, FragmentMedia
from courses.models.pages import CoursePage
from courses.shell import join
from courses.views import compress, joined

Role = FragmentMedia.Role


@dataclass
class Weight:
    title: str
    edit_id: int
    text: int
    pictures: int
    #: Fetched when the learner asks for them, or with the whole course.
    documents: int
    audio: int
    video: int

    @property
    def opening(self) -> int:
        """Opening the page: its text and its pictures."""
        return self.text + self.pictures

    @property
    def on_demand(self) -> int:
        return self.documents + self.audio + self.video

    @property
    def too_heavy(self) -> bool:
        return self.opening > settings.COURSES_LESSON_BUDGET


def weight_of(page) -> Weight:
    language = page.locale.language_code
    fragment = None
    if page.live and not page.has_unpublished_changes:
        fragment = Fragment.objects.filter(page=page.pk, language=language).first()
    if fragment:
        text = len(joined(fragment, "br"))
        files = [(use.media, use.role) for use in fragment.media.select_related("media")]
    else:
        rendered = render_draft(page)
        kind = getattr(page, "activity_kind", "")
        text = len(compress(join(language, rendered, str(kind)), "br"))
        files = rendered.media
    sizes: Counter[str] = Counter()
    for file, role in files:
        sizes[role] += file.size
    return Weight(
        title=page.title,
        edit_id=page.pk,
        text=text,
        pictures=sizes[Role.PICTURE],
        documents=sizes[Role.DOCUMENT],
        audio=sizes[Role.AUDIO],
        video=sizes[Role.VIDEO] + sizes[Role.CAPTIONS],
    )


def weights_of_parts(course: CoursePage) -> list[Weight]:
    """Of each lesson and quiz as it was last saved, drafts included."""
    parts = course.get_children().order_by("path").specific()
    return [weight_of(part.get_latest_revision_as_object()) for part in parts]


def pack_size(course: CoursePage) -> int | None:
    """What a phone downloads for the whole course, or None before the course is published."""
    if not course.live:
        return None
    sizes = (ask(course.translation_key, course.locale.language_code) for ask in signals.pack_sizes)
    return next((size for size in sizes if size is not None), None)
