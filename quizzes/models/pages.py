"""The quiz page trainers edit. Publishing freezes its questions (quizzes/freezing.py)."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.fields import StreamField
from wagtail.models import Page

from courses.blocks import CheckedBlock, OptionBlock, PlainTextBlock, mistakes_in_options
from courses.editor_input import EditedStreamBlock
from courses.models import ActivityKind, ActivityPage
from courses.models.pages import SOME_MINUTES
from courses.panels import WeightPanel

#: As many answers as the submission of an attempt may hold (training/sync/schema/event.json).
MOST_QUESTIONS = 200


class QuestionBlock(CheckedBlock):
    """``question`` is the question's own UUID: kept by edits and translation, new on copy (empty until saved)."""

    question = blocks.CharBlock(required=False, form_classname="w-hidden", label=_("Identity"), search_index=False)
    text = PlainTextBlock(label=_("Question"))
    points = blocks.IntegerBlock(default=1, min_value=1, max_value=20, label=_("Points"))
    explanation = PlainTextBlock(label=_("Explanation"), required=False)

    class Meta:
        icon = "help"

    def mistakes(self, value):
        return {}


class SingleBlock(QuestionBlock):
    options = blocks.ListBlock(OptionBlock(), max_num=8, label=_("Options"))

    class Meta:
        label = _("One answer")

    def mistakes(self, value):
        return mistakes_in_options("single", value["options"])


class MultipleBlock(QuestionBlock):
    partial = blocks.BooleanBlock(
        required=False, label=_("Partial marks"), help_text=_("Otherwise only the exact set of answers counts.")
    )
    options = blocks.ListBlock(OptionBlock(), max_num=8, label=_("Options"))

    class Meta:
        label = _("Several answers")

    def mistakes(self, value):
        return mistakes_in_options("multiple", value["options"])


class TrueFalseBlock(QuestionBlock):
    is_true = blocks.BooleanBlock(required=False, label=_("The statement is true"))

    class Meta:
        label = _("True or false")


class QuestionsBlock(EditedStreamBlock):
    single = SingleBlock()
    multiple = MultipleBlock()
    true_false = TrueFalseBlock()

    def clean(self, value):
        if not value and not self.is_deferred_validation:
            message = _("A quiz needs at least one question.")
            raise StreamBlockValidationError(non_block_errors=[ValidationError(message)])
        if len(value) > MOST_QUESTIONS:
            message = _("A quiz has at most %(n)d questions.") % {"n": MOST_QUESTIONS}
            raise StreamBlockValidationError(non_block_errors=[ValidationError(message)])
        return super().clean(value)


class QuizPage(ActivityPage):
    class Mode(models.TextChoices):
        PRACTICE = "practice", _("Practice: marked on the phone at once")
        ASSESSED = "assessed", _("Assessed: marked by the server")

    activity_kind = ActivityKind.QUIZ

    introduction = models.TextField(_("introduction"), blank=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices, default=Mode.ASSESSED)
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark (%)"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"),
        default=3,
        validators=[MaxValueValidator(100)],
        help_text=_("0 means as many as one likes."),
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=15, validators=SOME_MINUTES, help_text=_("A guide, not a limit.")
    )
    is_required = models.BooleanField(
        _("needed to complete the course"), default=True, help_text=_("The course is complete when it is passed.")
    )
    questions = StreamField(QuestionsBlock(), verbose_name=_("questions"))
    #: The translation key for which the questions have their identities; another one means: this is a copy.
    questions_of = models.UUIDField(null=True, editable=False)

    content_panels = [
        *Page.content_panels,
        WeightPanel(),
        FieldPanel("introduction"),
        MultiFieldPanel(
            [
                FieldPanel("mode"),
                FieldPanel("pass_mark"),
                FieldPanel("attempts_allowed"),
                FieldPanel("minutes"),
                FieldPanel("is_required"),
            ],
            heading=_("Rules"),
        ),
        FieldPanel("questions"),
    ]
    parent_page_types = ["courses.CoursePage"]
    subpage_types = []
    fragment_template = "quizzes/fragments/quiz.html"

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")

    def edition_part(self, pages=None) -> dict:
        """Freezes the questions of every language: what the edition names must be there to be marked against."""
        from quizzes.freezing import freeze

        return {
            "required": self.is_required,
            "mode": self.mode,
            "pass_mark": self.pass_mark,
            "attempts": self.attempts_allowed,
            "papers": {language: freeze(page).name for language, page in (pages or self._alone()).items()},
        }

    def _alone(self) -> dict:
        return {self.locale.language_code: self}

    def fragment_data(self, speaker=None, draft=False) -> dict:
        """The questions; keys and explanations in practice only, and of an assessed quiz in no form."""
        from quizzes.freezing import shown

        return shown(self, speaker or self, draft=draft)

    def save(self, *args, **kwargs):
        self.ensure_question_ids()
        super().save(*args, **kwargs)

    def save_revision(self, *args, **kwargs):
        self.ensure_question_ids()
        return super().save_revision(*args, **kwargs)

    def ensure_question_ids(self) -> bool:
        """Give each question an identity of its own; new ones to all where this page is a copy. True if any
        changed.

        A copy is known by its new translation key; deriving from that gives a copied revision the same identities
        as the copied page, and both languages of a copied course the same.
        """
        changed = False
        is_copy = self.questions_of is not None and self.questions_of != self.translation_key
        seen = set()
        for block in self.questions:
            identity = block.value.get("question") or ""
            if is_copy and identity:
                identity = str(uuid.uuid5(self.translation_key, identity))
            elif not identity or identity in seen:
                identity = str(uuid.uuid5(self.translation_key, block.id) if block.id else uuid.uuid4())
            if identity != block.value.get("question"):
                block.value["question"] = identity
                changed = True
            seen.add(identity)
        self.questions_of = self.translation_key
        return changed
