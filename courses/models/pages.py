"""The pages trainers edit: catalogue, course, lesson (quizzes add their own).

A page's kind of activity, its part of the course's edition and its template are methods of the page, so that this
package can walk a course without knowing what kinds of children it has.
"""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_slug
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page
from wagtail.models.pages import PagePermissionTester
from wagtail.search import index

from courses import addresses
from courses.blocks import LessonBlock
from courses.editor_input import EditedPageForm
from courses.models.activity import ActivityKind
from courses.models.fragment import Fragment
from courses.panels import CopyWithoutMirrorForm, WeightPanel
from courses.visible import is_visible

#: Ten hours: more is a slip of the finger.
SOME_MINUTES = [MinValueValidator(1), MaxValueValidator(600)]


class StudyPage(Page):
    """What learners read: stored as fragments when published; rendered on the spot for authors and previews only.
    """

    #: Template of <main>.
    fragment_template: str
    #: A phone first: most officials never see these pages wider.
    preview_sizes = [
        {"name": "phone", "icon": "mobile-alt", "device_width": 360, "label": _("Preview at phone size")},
        {"name": "desktop", "icon": "desktop", "device_width": 1280, "label": _("Preview at desktop size")},
    ]
    default_preview_size = "phone"
    base_form_class = EditedPageForm
    copy_form_class = CopyWithoutMirrorForm

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        # One transaction for the page and for what its saving takes out of sight: no moment shows what is not
        # live.
        with transaction.atomic():
            super().save(*args, **kwargs)
            if not self.live:
                self.fragments_shown_by_it().delete()

    def fragments_shown_by_it(self) -> models.QuerySet[Fragment]:
        return Fragment.objects.filter(page=self.pk)

    def address_problem(self, slug: str) -> str:
        """Why its address can't end in this slug, or "". Wagtail's own field lets any alphabet in."""
        try:
            validate_slug(slug)
        except ValidationError:
            return _("Only letters without accents, digits, hyphens and underscores can stand in an address.")
        return ""

    def serve(self, request, *args, **kwargs):
        """Wagtail serves only what has no fragment, after its own check of view restrictions."""
        from courses.drafts import answer_restricted

        return answer_restricted(self, request)

    def serve_preview(self, request, mode_name):
        from courses.drafts import answer_preview

        return answer_preview(self, request)


class CataloguePage(StudyPage):
    """The home page: what this place is, and every course."""

    introduction = models.TextField(_("introduction"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    parent_page_types = ["wagtailcore.Page"]
    fragment_template = "courses/fragments/catalogue.html"
    max_count_per_parent = None

    class Meta:
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")

    def permissions_for_user(self, user):
        return PermissionsOfHome(user, self)

    def clean(self):
        super().clean()
        self._refuse_an_end()

    def minimal_clean(self):
        super().minimal_clean()
        self._refuse_an_end()

    def _refuse_an_end(self) -> None:
        """Taken away by date it would be as gone as by hand (courses/wagtail_hooks.py refuses that)."""
        if self.expire_at:
            raise ValidationError(_("The home page stays, so it can have no end. Take the end out of its schedule."))


class PermissionsOfHome(PagePermissionTester):
    """A restriction of the home page is one of the whole site: an administrator's to make."""

    def can_set_view_restrictions(self):
        return self.user.is_superuser and super().can_set_view_restrictions()


class ActivityPage(StudyPage):
    """A page that can be learned and recorded. Abstract: course, lesson and quiz pages are its kinds."""

    #: One of ActivityKind; set by each concrete page.
    activity_kind: str

    class Meta:
        abstract = True

    @property
    def content_language(self) -> str:
        """The language of the text: an alias in another language still speaks its source's."""
        return (self.alias_of if self.alias_of_id else self).locale.language_code

    def edition_part(self, pages: dict[str, "ActivityPage"] | None = None) -> dict:
        """What the course's edition says of this page beyond activity, kind and title. Canonical JSON values only.

        ``pages``: the activity's pages in sight by language; this one speaks for them.
        """
        return {}

    def fragment_data(self, speaker: "ActivityPage | None" = None, draft: bool = False) -> dict:
        """What a phone needs beside the HTML, for Fragment.data. ``speaker``: the page whose rules hold."""
        return {}

    def clean(self):
        super().clean()
        self._refuse_unseen_title_and_bad_address()

    def minimal_clean(self):
        super().minimal_clean()
        self._refuse_unseen_title_and_bad_address()

    def _refuse_unseen_title_and_bad_address(self) -> None:
        errors = {}
        if self.title and not is_visible(self.title):
            errors["title"] = _("There is nothing to be seen in it. Write a title.")
        if self.slug and (problem := self.address_problem(self.slug)):
            errors["slug"] = problem
        if errors:
            raise ValidationError(errors)

    def save(self, *args, **kwargs):
        self._refuse_alias_in_one_language()
        super().save(*args, **kwargs)

    def _refuse_alias_in_one_language(self) -> None:
        """Two pages of one activity in one language: nobody could say which one an official finished."""
        if self.alias_of_id and self.alias_of.locale_id == self.locale_id:
            raise ValidationError(
                _(
                    "A course, lesson or quiz can't be mirrored within one language. "
                    "Copy it instead: a copy is one of its own."
                )
            )


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
        help_text=_(
            "Shows the mark “Draft, awaiting appraisal by the competent agency” on the course and its lessons."
        ),
    )
    period_count = models.PositiveSmallIntegerField(
        _("lesson periods"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )

    content_panels = [
        *Page.content_panels,
        WeightPanel(),
        MultiFieldPanel(
            [FieldPanel("code"), FieldPanel("summary"), FieldPanel("audience"), FieldPanel("period_count")],
            heading=_("In short"),
        ),
        FieldPanel("about"),
        MultiFieldPanel([FieldPanel("is_public"), FieldPanel("is_draft_content")], heading=_("Standing")),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("code")]
    parent_page_types = ["courses.CataloguePage"]
    fragment_template = "courses/fragments/course.html"

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def address_problem(self, slug):
        if addresses.is_taken(slug):
            return _("The site itself uses the address “%(slug)s”. Choose another one.") % {"slug": slug}
        return super().address_problem(slug)

    def fragments_shown_by_it(self):
        """Its lessons and quizzes go out of sight with it, in its language."""
        return Fragment.objects.filter(course=self.translation_key, language=self.locale.language_code)


class LessonPage(ActivityPage):
    activity_kind = ActivityKind.LESSON

    summary = models.TextField(_("summary"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=5, validators=SOME_MINUTES)
    body = StreamField(LessonBlock(), verbose_name=_("lesson"))
    review_on = models.DateField(_("review before"), null=True, blank=True)

    content_panels = [
        *Page.content_panels,
        WeightPanel(),
        MultiFieldPanel([FieldPanel("summary"), FieldPanel("minutes")], heading=_("In short")),
        InlinePanel("objectives", heading=_("Objectives"), label=_("Objective")),
        FieldPanel("body"),
        InlinePanel("legal_bases", heading=_("Legal basis"), label=_("Legal basis")),
        FieldPanel("review_on"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["courses.CoursePage"]
    subpage_types = []
    fragment_template = "courses/fragments/lesson.html"

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def edition_part(self, pages=None) -> dict:
        return {"required": True}


class Objective(Orderable):
    page = ParentalKey(LessonPage, on_delete=models.CASCADE, related_name="objectives")
    text = models.CharField(_("the learner can"), max_length=255)

    panels = [FieldPanel("text")]


class LegalBasis(Orderable):
    page = ParentalKey(LessonPage, on_delete=models.CASCADE, related_name="legal_bases")
    text = models.CharField(_("document, article"), max_length=500)

    panels = [FieldPanel("text")]
