"""The blocks a lesson is made of. Each has a template in templates/courses/blocks/.

Edited by trainers in Wagtail, rendered into fragments by courses/rendering.py. Everything here works offline: there
is no embed and no free HTML.
"""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock
from wagtailmedia.blocks import AudioChooserBlock, VideoChooserBlock

RICH_TEXT = ["bold", "italic", "ol", "ul", "link", "document-link", "code"]
PLAIN_RICH_TEXT = ["bold", "italic", "ol", "ul", "link", "code"]


def drawings() -> list[tuple[str, str]]:
    """The SVG drawings that come with the code, as (path below the folder, the same)."""
    root = Path(settings.COURSES_DRAWINGS_DIR)
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.svg"))
    return [(name, name) for name in names]


class PictureBlock(blocks.StructBlock):
    """An uploaded picture. Its alt text is asked for each time it is used: it depends on what the text says."""

    image = ImageBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "courses/blocks/picture.html"


class DrawingBlock(blocks.StructBlock):
    """One of the drawings that come with the code. Uploaded SVG is refused: it can carry scripts."""

    drawing = blocks.ChoiceBlock(choices=drawings, label=_("Drawing"))
    alt = blocks.TextBlock(label=_("Alternative text"), help_text=_("What the picture says, for who cannot see it."))
    caption = blocks.CharBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Drawing from the collection")
        template = "courses/blocks/drawing.html"


class CalloutBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        choices=[("info", _("Good to know")), ("tip", _("Do this")), ("warn", _("Take care"))], default="info"
    )
    title = blocks.CharBlock(label=_("Title"))
    text = blocks.RichTextBlock(features=PLAIN_RICH_TEXT, label=_("Text"))

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "courses/blocks/callout.html"


class StepsBlock(blocks.ListBlock):
    def __init__(self, **kwargs):
        super().__init__(blocks.RichTextBlock(features=["bold", "italic", "link", "code"], label=_("Step")), **kwargs)

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "courses/blocks/steps.html"


class AccordionBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"))
    text = blocks.RichTextBlock(features=PLAIN_RICH_TEXT, label=_("Text"))

    class Meta:
        icon = "arrow-down"
        label = _("Detail to unfold")
        template = "courses/blocks/accordion.html"


class ComparisonBlock(blocks.StructBlock):
    right_title = blocks.CharBlock(label=_("Heading of the right column"))
    right = blocks.ListBlock(blocks.CharBlock(), label=_("Right"))
    wrong_title = blocks.CharBlock(label=_("Heading of the wrong column"))
    wrong = blocks.ListBlock(blocks.CharBlock(), label=_("Wrong"))

    class Meta:
        icon = "table"
        label = _("Comparison")
        template = "courses/blocks/comparison.html"


class DocumentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("Document"))
    title = blocks.CharBlock(label=_("Title"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Document")
        template = "courses/blocks/document.html"


class AudioBlock(blocks.StructBlock):
    audio = AudioChooserBlock(label=_("Audio"))
    transcript = blocks.RichTextBlock(features=PLAIN_RICH_TEXT, label=_("Transcript"))

    class Meta:
        icon = "media"
        label = _("Audio")
        template = "courses/blocks/audio.html"


class VideoBlock(blocks.StructBlock):
    video = VideoChooserBlock(label=_("Video"))
    captions = DocumentChooserBlock(label=_("Captions (.vtt)"))
    transcript = blocks.RichTextBlock(features=PLAIN_RICH_TEXT, label=_("Transcript"))

    class Meta:
        icon = "media"
        label = _("Video")
        template = "courses/blocks/video.html"


class OptionBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Option"))
    correct = blocks.BooleanBlock(label=_("Right"), required=False)


class CheckBlock(blocks.StructBlock):
    """A question inside a lesson, answered at once on the phone and never recorded."""

    type = blocks.ChoiceBlock(
        choices=[("single", _("One answer")), ("multiple", _("Several answers")), ("true_false", _("True or false"))],
        default="single",
        label=_("Type"),
    )
    text = blocks.TextBlock(label=_("Question"))
    options = blocks.ListBlock(OptionBlock(), min_num=2, max_num=8, label=_("Options"))
    explanation = blocks.TextBlock(label=_("Explanation"))

    class Meta:
        icon = "help"
        label = _("Knowledge check")
        template = "courses/blocks/check.html"


class LessonBlock(blocks.StreamBlock):
    heading = blocks.CharBlock(label=_("Heading"), icon="title", template="courses/blocks/heading.html")
    text = blocks.RichTextBlock(
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
