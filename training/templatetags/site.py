"""What every page of ours needs from outside its own template: icons, names, first-paint style, words, modules.

Loaded by templates of all packages (``{% load site %}``). Nothing here needs a request or a person, because the shell
is rendered once and handed to everyone.
"""

import json
import re
from functools import cache

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, override

from training.headers import critical_css as critical_css_text
from training.words import words_for, words_of_kind

register = template.Library()

_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^'"()]*?['"](\.{1,2}/[^'"]+)['"]""", re.MULTILINE)


@cache
def _read(path: str) -> str:
    with open(finders.find(path), encoding="utf-8") as file:
        return file.read()


@register.simple_tag
def site_name():
    return settings.SITE_NAME_EN if get_language() == "en" else settings.SITE_NAME


@register.simple_tag
def site_owner():
    return settings.SITE_OWNER_EN if get_language() == "en" else settings.SITE_OWNER


@register.simple_tag
def in_other_language(name, *args):
    """The address of a page of ours in the language that this one is not in."""
    with override("vi" if get_language() == "en" else "en"):
        return reverse(name, args=args)


@register.simple_tag
def icon(name):
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


@register.simple_tag
def stitches(done, total, at=None):
    """Counted progress: one stitch for each step; the words beside it say the same."""
    marks = ["on" if n < done else "at" if n == at else "" for n in range(total)]
    return mark_safe("".join(f'<i class="{mark}"></i>' if mark else "<i></i>" for mark in marks))


@register.simple_tag
def critical_css():
    return mark_safe(critical_css_text())


#: Drawn in HR's admin only, which takes them from the file.
NOT_FOR_LEARNERS = {"print", "seal", "search", "sheet", "up"}


@register.simple_tag
@cache
def sprite():
    """The icons, once in every page: no request, and nothing hashed inside stored fragments."""
    symbols = re.findall(r'<symbol id="([\w-]+)"(.*?</symbol>)', _read("icons/icons.svg"), re.DOTALL)
    inside = "".join(
        f'<symbol id="i-{name}" {" ".join(rest.split())}'
        for name, rest in symbols
        if name not in NOT_FOR_LEARNERS
    )
    return mark_safe(f'<svg width="0" height="0" hidden aria-hidden="true">{inside}</svg>')


@cache
def _imports(path: str) -> tuple[str, ...]:
    """The module and everything it imports, each once, as paths below static/."""
    found, waiting = [], [path]
    while waiting:
        current = waiting.pop(0)
        if current in found or not finders.find(current):
            continue
        found.append(current)
        folder = current.rpartition("/")[0]
        for target in _IMPORT.findall(_read(current)):
            parts = folder.split("/")
            for step in target.split("/"):
                if step == "..":
                    parts.pop()
                elif step != ".":
                    parts.append(step)
            waiting.append("/".join(parts))
    return tuple(found)


@register.simple_tag
def modules(kind="", preload=True):
    """The entry module of every page, and preloads of all it will import, so that no import waits for another."""
    entry = format_html('<script type="module" src="{}"></script>', static("js/app.js"))
    if not preload:
        return entry
    paths = list(_imports("js/app.js"))
    if kind:
        paths += _imports(f"js/pages/{kind}.js")
    # Where files are collected, several modules are one file (training/one_file.py).
    urls = dict.fromkeys(static(path) for path in paths)
    preloads = format_html_join("\n", '<link rel="modulepreload" href="{}">', ((url,) for url in urls))
    return format_html("{}\n{}", preloads, entry)


def _as_data(texts: dict) -> str:
    text = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("&", "\\u0026").replace("<", "\\u003C").replace(">", "\\u003E")
    return mark_safe(f'<script id="words" type="application/json">{text}</script>')


@register.simple_tag
def words(*parts):
    """The sentences scripts say, in the language of the page, as data the policy lets through."""
    return _as_data(words_for(parts))


@register.simple_tag
def words_of(kind=""):
    """The same for a page around a fragment of this kind."""
    return _as_data(words_of_kind(kind))


@register.filter
def hundredths_as_points(score):
    """8750 hundredths of a percent are 8,7 points of ten: rounded down, for 7,99 is not yet the 8,0 that passes."""
    if score is None:
        return ""
    text = f"{score // 100 / 10:.1f}"
    return text if get_language() == "en" else text.replace(".", ",")


@register.filter
def hundredths_as_percent(score):
    if score is None:
        return ""
    text = f"{score / 100:.2f}".rstrip("0").rstrip(".")
    return text if get_language() == "en" else text.replace(".", ",")
