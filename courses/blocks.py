"""The blocks a lesson is made of. Each has a template in templates/courses/blocks/.

Edited by trainers in Wagtail, rendered into fragments by courses/rendering.py. Everything here works offline:
there is no embed and no free HTML.
"""

import html
import unicodedata
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.list_block import ListBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock
from wagtailmedia.blocks import AudioChooserBlock, VideoChooserBlock

from courses.editor_input import EditedStreamBlock
from courses.visible import is_visible

#: No link to documents: those go in a block of their own, which says what they weigh and is downloaded with the
#: lesson.
RICH_TEXT = ["bold", "italic", "ol", "ul", "link", "code"]


def drawings() -> list[tuple[str, str]]:
    """The SVG drawings that come with the code, as (path below the folder, the same)."""
    root = Path(settings.COURSES_DRAWINGS_DIR)
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.svg"))
    return [(name, name) for name in names]


class CheckedBlock(blocks.StructBlock):
    """Refuses to be published with what ``mistakes`` names; a draft may be as unfinished as it likes."""

    def mistakes(self, value) -> dict[str, ValidationError]:
        """What keeps it from being published, by field."""
        return {}

    def clean(self, value):
        value = super().clean(value)
        errors = {} if self.is_deferred_validation else self.mistakes(value)
        if errors:
            raise StructBlockValidationError(block_errors=errors)
        return value


def mistakes_in_options(kind: str, options: list) -> dict[str, ValidationError]:
    """Of a question that is answered by choosing; quizzes ask the same of theirs."""
    texts = [" ".join(unicodedata.normalize("NFC", option["text"]).split()).casefold() for option in options]
    right = sum(bool(option["correct"]) for option in options)
    message = None
    if len(options) < 2:
        message = _("A question needs at least two options.")
    elif len(set(texts)) < len(texts):
        message = _("Two options say the same. Each option must be different.")
    elif right == 0:
        message = _("Mark the right option: without one, nobody can answer this question.")
    elif kind != "multiple" and right > 1:
        message = _("Only one option can be right here. For several, use the type “Several answers”.")
    if not message:
        return {}
    return {"options": ListBlockValidationError(non_block_errors=[ValidationError(message)])}


def is_empty(text) -> bool:
    """Rich text of paragraphs with nothing in them, which Wagtail takes for something."""
    source = getattr(text, "source", text) or ""
    return not is_visible(html.unescape(strip_tags(source)))


class LineBlock(blocks.CharBlock):
    """A line of text; one that shows nothing is empty."""

    def clean(self, value):
        return super().clean(value if is_visible(value or "") else "")


class PlainTextBlock(blocks.TextBlock):
    """Text without formats; one that shows nothing is empty."""

    def clean(self, value):
        return super().clean(value if is_visible(value or "") else "")


class TextBlock(blocks.RichTextBlock):
    """Rich text that must say something before it is published."""

    def clean(self, value):
        value = super().clean(value)
        if is_empty(value) and not self.is_deferred_validation:
            raise ValidationError(_("There is nothing in it. Write something, or delete it."))
        return value


def missing_transcript(value) -> dict[str, ValidationError]:
    if not is_empty(value["transcript"]):
        return {}
    return {
        "transcript": ValidationError(_("Write down what is said, for who can't hear it or has only the text."))
    }


class PictureBlock(blocks.StructBlock):
    """An uploaded picture. Its alt text is asked for each time it is used: it depends on what the text says."""

    image = ImageBlock(label=_("Picture"))
    caption = LineBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "courses/blocks/picture.html"


class DrawingBlock(blocks.StructBlock):
    """One of the drawings that come with the code. Uploaded SVG is refused: it can carry scripts."""

    drawing = blocks.ChoiceBlock(choices=drawings, label=_("Drawing"))
    alt = PlainTextBlock(
        label=_("Alternative text"), help_text=_("What the picture says, for who cannot see it.")
    )
    caption = LineBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Drawing from the collection")
        template = "courses/blocks/drawing.html"


class CalloutBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        choices=[("info", _("Good to know")), ("tip", _("Do this")), ("warn", _("Take care"))],
        default="info",
        label=_("Type"),
    )
    title = LineBlock(label=_("Title"))
    text = TextBlock(features=RICH_TEXT, label=_("Text"))

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "courses/blocks/callout.html"


class StepsBlock(blocks.ListBlock):
    def __init__(self, **kwargs):
        kwargs.setdefault("min_num", 1)
        super().__init__(
            TextBlock(features=["bold", "italic", "link", "code"], label=_("Step")), **kwargs
        )

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "courses/blocks/steps.html"


class AccordionBlock(blocks.StructBlock):
    title = LineBlock(label=_("Title"))
    text = TextBlock(features=RICH_TEXT, label=_("Text"))

    class Meta:
        icon = "arrow-down"
        label = _("Detail to unfold")
        template = "courses/blocks/accordion.html"


class ComparisonBlock(blocks.StructBlock):
    right_title = LineBlock(label=_("Heading of the right column"))
    right = blocks.ListBlock(LineBlock(), min_num=1, label=_("Right"))
    wrong_title = LineBlock(label=_("Heading of the wrong column"))
    wrong = blocks.ListBlock(LineBlock(), min_num=1, label=_("Wrong"))

    class Meta:
        icon = "table"
        label = _("Comparison")
        template = "courses/blocks/comparison.html"


class DocumentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("Document"))
    title = LineBlock(label=_("Title"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Document")
        template = "courses/blocks/document.html"


class AudioBlock(CheckedBlock):
    audio = AudioChooserBlock(label=_("Audio"))
    transcript = blocks.RichTextBlock(features=RICH_TEXT, label=_("Transcript"))

    class Meta:
        icon = "media"
        label = _("Audio")
        template = "courses/blocks/audio.html"

    def mistakes(self, value):
        return missing_transcript(value)


class VideoBlock(CheckedBlock):
    video = VideoChooserBlock(label=_("Video"))
    captions = DocumentChooserBlock(label=_("Captions (.vtt)"))
    transcript = blocks.RichTextBlock(features=RICH_TEXT, label=_("Transcript"))

    class Meta:
        icon = "media"
        label = _("Video")
        template = "courses/blocks/video.html"

    def mistakes(self, value):
        errors = missing_transcript(value)
        if not value["captions"].filename.lower().endswith(".vtt"):
            errors["captions"] = ValidationError(_("Captions must be a .vtt file."))
        return errors


class OptionBlock(blocks.StructBlock):
    text = LineBlock(label=_("Option"))
    correct = blocks.BooleanBlock(label=_("Right"), required=False)


class CheckBlock(CheckedBlock):
    """A question inside a lesson, answered at once on the phone and never recorded."""

    type = blocks.ChoiceBlock(
        choices=[
            ("single", _("One answer")),
            ("multiple", _("Several answers")),
            ("true_false", _("True or false")),
        ],
        default="single",
        label=_("Type"),
    )
    text = PlainTextBlock(label=_("Question"))
    options = blocks.ListBlock(OptionBlock(), max_num=8, label=_("Options"))
    explanation = PlainTextBlock(label=_("Explanation"))

    class Meta:
        icon = "help"
        label = _("Knowledge check")
        template = "courses/blocks/check.html"

    def mistakes(self, value):
        return mistakes_in_options(value["type"], value["options"])


class LessonBlock(EditedStreamBlock):
    heading = LineBlock(label=_("Heading"), icon="title", template="courses/blocks/heading.html")
    text = TextBlock(
        features=RICH_TEXT, label=_("Text"), icon="pilcrow", template="courses/blocks/text.html"
    )
    picture = PictureBlock()
    drawing = DrawingBlock()
    callout = CalloutBlock()
    steps = StepsBlock()
    accordion = AccordionBlock()
    comparison = ComparisonBlock()
    document = DocumentBlock()
    audio = AudioBlock()
    video = VideoBlock()
    check = CheckBlock()
