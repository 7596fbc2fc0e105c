"""The page around a fragment: head, header, navigation, footer. The same for everyone and for every page of a
language.

Used by courses/views.py and courses/drafts.py, and by training/app.py, which hands the shell itself to the service
worker at /shell/<language>/. The worker does the very same join from the shell it precached: what ``join`` does
here, static/js/worker does there.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from html import escape

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from courses.outline import LANGUAGES, prefix

TITLE = "{{SHELL_TITLE}}"
LANG = "{{SHELL_LANG}}"
DESCRIPTION = "{{SHELL_DESCRIPTION}}"
MAIN = "{{SHELL_MAIN}}"
#: The path of the same page in the other language (or that language's home): attribute of the fragment's <main>.
ALTERNATE = "{{SHELL_ALTERNATE}}"
_ALTERNATE_OF_MAIN = re.compile(r'<main[^>]* data-alternate="([^"]*)"')


@dataclass(frozen=True)
class Shell:
    text: str
    hash: str


def shell(language: str, kind: str = "") -> Shell:
    """With the markers still in it. Made once in each process: static files change with a restart only.

    ``kind`` of page: online, its modules are preloaded too. The worker's shell has none.
    """
    return _render(language, kind) if settings.DEBUG else _rendered(language, kind)


def _render(language: str, kind: str) -> Shell:
    with translation.override(language):
        text = render_to_string("shell.html", {"kind": kind, "is_kept": not kind})
    return Shell(text, hashlib.sha256(text.encode()).hexdigest())


_rendered = cache(_render)


def join(language: str, fragment, kind: str = "") -> bytes:
    """The whole page. ``fragment`` is a Fragment or anything with its title, description, language and HTML."""
    return filled(shell(language, kind).text, language, fragment).encode()


def filled(text: str, language: str, fragment) -> str:
    """The shell's text with the fragment in it. Cases for both joins: tests/contract/shell.json."""
    found = _ALTERNATE_OF_MAIN.search(fragment.html)
    other = next(code for code in LANGUAGES if code != language)
    values = {
        TITLE: escape(fragment.title),
        LANG: fragment.content_language,
        DESCRIPTION: escape(fragment.description),
        MAIN: fragment.html,
        # Stands in the HTML escaped already.
        ALTERNATE: (found and found.group(1)) or f"{prefix(other)}/",
    }
    # One pass over the shell: a lesson that speaks of {{SHELL_MAIN}} is not filled in a second time.
    return re.sub(r"\{\{SHELL_[A-Z]+\}\}", lambda m: values.get(m[0], m[0]), text)
