"""The pages trainers edit: catalogue, course, lesson (quizzes add their own).

A page's kind of activity, its part of the course's edition and its template are methods of the page, so that this
package can walk a course without knowing what kinds of children it has.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index
from modelcluster.fields import ParentalKey

from courses.blocks import LessonBlock
from courses.models.activity import ActivityKind


class CataloguePage(Page):
    """The home page: what this place is, and every course."""

    introduction = models.TextField(_("introduction"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    parent_page_types = ["wagtailcore.Page"]
    template = "courses/catalogue_page.html"
    fragment_template = "courses/fragments/catalogue.html"
    max_count_per_parent = None

    class Meta:
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")


class ActivityPage(Page):
    """A page that can be learned and recorded. Abstract: course, lesson and quiz pages are its kinds."""

    #: One of ActivityKind; set by each concrete page.
    activity_kind: str
    #: Template of the inside of <main>.
    fragment_template: str

    class Meta:
        abstract = True

    def edition_part(self) -> dict:
        """What the course's edition says of this page beyond activity, kind and title. Canonical JSON values only."""
        return {}

    def fragment_data(self) -> dict:
        """What a phone needs beside the HTML, for Fragment.data."""
        return {}


class CoursePage(ActivityPage):
    activity_kind = ActivityKind.COURSE

    code = models.CharField(_("code"), max_length=30, blank=True)
    summary = models.TextField(_("summary"), help_text=_("One or two sentences for lists and search."))
    audience = models.CharField(_("for whom"), max_length=255, blank=True)
    about = RichTextField(_("about the course"), blank=True, features=["bold", "italic", "ul", "ol", "link"])
    is_public = models.BooleanField(
        _("public"), default=False, help_text=_("Readable without signing in. Results still need an account.")
    )
    is_draft_content = models.BooleanField(
        _("not yet appraised"),
        default=False,
        help_text=_("Shows the mark “Draft, awaiting appraisal by the competent agency” on the course and its lessons."),
    )
    period_count = models.PositiveSmallIntegerField(_("lesson periods"), null=True, blank=True)

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [FieldPanel("code"), FieldPanel("summary"), FieldPanel("audience"), FieldPanel("period_count")],
            heading=_("In short"),
        ),
        FieldPanel("about"),
        MultiFieldPanel([FieldPanel("is_public"), FieldPanel("is_draft_content")], heading=_("Standing")),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("code")]
    parent_page_types = ["courses.CataloguePage"]
    template = "courses/course_page.html"
    fragment_template = "courses/fragments/course.html"

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")


class LessonPage(ActivityPage):
    activity_kind = ActivityKind.LESSON

    summary = models.TextField(_("summary"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=5)
    body = StreamField(LessonBlock(), verbose_name=_("lesson"))
    review_on = models.DateField(_("review before"), null=True, blank=True)

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("summary"), FieldPanel("minutes")], heading=_("In short")),
        InlinePanel("objectives", heading=_("Objectives"), label=_("Objective")),
        FieldPanel("body"),
        InlinePanel("legal_bases", heading=_("Legal basis"), label=_("Legal basis")),
        FieldPanel("review_on"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["courses.CoursePage"]
    subpage_types = []
    template = "courses/lesson_page.html"
    fragment_template = "courses/fragments/lesson.html"

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def edition_part(self) -> dict:
        return {"required": True}


class Objective(Orderable):
    page = ParentalKey(LessonPage, on_delete=models.CASCADE, related_name="objectives")
    text = models.CharField(_("the learner can"), max_length=255)

    panels = [FieldPanel("text")]


class LegalBasis(Orderable):
    page = ParentalKey(LessonPage, on_delete=models.CASCADE, related_name="legal_bases")
    text = models.CharField(_("document, article"), max_length=500)

    panels = [FieldPanel("text")]
