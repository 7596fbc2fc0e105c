"""What the templates of fragments need: icons, files, text with addresses in it, data for scripts, durations."""

import json
import re

from django import template
from django.utils import translation
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.rich_text import expand_db_html

register = template.Library()

#: A link to what learners cannot open has no address (courses/links.py).
_NO_LINK = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_IN_BACKTICKS = re.compile(r"`([^`\n]+)`")


@register.simple_tag
def icon(name: str) -> str:
    """From the sprite in the shell. An address with a hash in it would change every lesson with every redesign."""
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


@register.filter
def addressed(text: str | None) -> str:
    """Plain text; what stands in backticks is an address or something to type, shown as it is and never a link."""
    return mark_safe(_IN_BACKTICKS.sub(r'<span class="addr">\1</span>', escape(text or "")))


@register.filter
def plain(text: str | None) -> str:
    """The same for an attribute, where no markup can stand."""
    return _IN_BACKTICKS.sub(r"\1", text or "")


@register.filter
def learner_richtext(value) -> str:
    """Wagtail's rich text with code as addresses."""
    html = expand_db_html(getattr(value, "source", value) or "")
    html = _NO_LINK.sub(r"\1", html).replace("<code>", '<span class="addr">').replace("</code>", "</span>")
    return mark_safe(html)


@register.filter
def json_block(value) -> str:
    """JSON to stand in a <script type="application/json">."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026"))


@register.simple_tag(takes_context=True)
def file(context, kind: str, item):
    """A picture, drawing, document, audio, video, caption file or poster, noted as needed by this page."""
    return getattr(context["files"], kind)(item)


@register.simple_tag(takes_context=True)
def heading_passed(context) -> str:
    context["files"].headings += 1
    return ""


@register.filter
def duration(seconds: float) -> str:
    minutes, seconds = divmod(max(1, round(seconds)), 60)
    parts = []
    if minutes:
        parts.append(ngettext("%d minute", "%d minutes", minutes) % minutes)
    if seconds:
        parts.append(ngettext("%d second", "%d seconds", seconds) % seconds)
    return " ".join(parts)


@register.filter
def size(count: int) -> str:
    """Bytes as phones count them: 1 MB is 1,000,000 bytes."""
    if count < 1_000:
        return _("%s bytes") % count
    if count < 1_000_000:
        return f"{number_format(max(1, round(count / 1_000)))}\u00a0KB"
    return f"{number_format(count / 1_000_000, decimal_pos=1)}\u00a0MB"


# --- languages: the frame speaks the language of the address, the text may have another -------------------------


@register.simple_tag(takes_context=True)
def foreign(context) -> str:
    """The lang attribute of text in another language than the page around it."""
    if context["content_language"] == context["language"]:
        return ""
    return format_html(' lang="{}"', context["content_language"])


@register.simple_tag
def language_name(code: str) -> str:
    """As the reader says it."""
    return {"vi": _("Vietnamese"), "en": _("English")}.get(code, code)


class _InContentLanguage(template.Node):
    def __init__(self, nodes):
        self.nodes = nodes

    def render(self, context):
        with translation.override(context["content_language"]):
            return self.nodes.render(context)


@register.tag
def in_content_language(parser, token):
    """Words of ours that stand inside the lesson's text, in the language of the text."""
    nodes = parser.parse(["endin_content_language"])
    parser.delete_first_token()
    return _InContentLanguage(nodes)


@register.simple_tag
def check_key(value) -> str:
    """What static/js/pages/lesson.js marks a knowledge check with. It is practice: the key is no secret."""
    return json_block(
        {
            "type": value["type"],
            "points": 1,
            "rule": {"name": "exact"},
            "options": [option["text"] for option in value["options"]],
            "key": [index for index, option in enumerate(value["options"]) if option["correct"]],
            "explanation": value["explanation"],
        }
    )


@register.filter
def exact(count: int) -> str:
    """A number in full, grouped as the language does."""
    return number_format(count, force_grouping=True)
