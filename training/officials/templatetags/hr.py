"""Numbers, icons and links of HR's screens, for templates under templates/reports, officials/admin, records/admin."""

from math import floor

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html

register = template.Library()


@register.filter
def number(value) -> str:
    """1.350 in Vietnamese, 1,350 in English."""
    return formats.number_format(value, force_grouping=True)


@register.filter
def percent(rate: float) -> str:
    """80,5%, rounded down: what is shown to reach a pass mark or the target has reached it."""
    shown = floor(round(rate * 1000, 6)) / 10
    return f"{formats.number_format(shown, 0 if shown in (0, 100) else 1)}%"


@register.simple_tag
def hr_icon(name: str) -> str:
    sprite = static("icons/icons.svg")
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.simple_tag
def report_url(view: str, form, **changes) -> str:
    """A report's address with the same filters and these changes."""
    query = form.query(**changes)
    return reverse(view) + (f"?{query}" if query else "")


@register.simple_block_tag
def people_table(content, *headings, label="", labelledby="", caption="", last_right=False):
    """A plain table around its rows: ``label`` or ``labelledby`` names the frame it scrolls in."""
    table = {"label": label, "labelledby": labelledby, "caption": caption, "last_right": last_right}
    return render_to_string("components/table.html", {"content": content, "headings": headings, **table})
