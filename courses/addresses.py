"""Which addresses a course can't have: the site itself answers there, so the course would never be seen.

Taken from the URL configuration, so that a new address of the site is kept free without anyone thinking of it. Called
by courses/models/pages.py; courses stand right below the home page, lessons and quizzes below their course.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern

_SEGMENT = re.compile(r"[\w.\-]+")


def is_taken(slug: str) -> bool:
    """Whether something else of the site begins with it. In any case of letters: addresses are read aloud."""
    return slug.lower() in {segment.lower() for segment in _taken()}


def _taken() -> Iterator[str]:
    yield from _first_segments(get_resolver().url_patterns)
    for code, _name in settings.LANGUAGES:
        yield code
    for url in (settings.STATIC_URL, settings.MEDIA_URL):
        # Files may be served before any address is looked up.
        yield urlsplit(url).path.strip("/").split("/")[0]


def _first_segments(entries: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    for entry in entries:
        # Below a language prefix are the same addresses in every language.
        written = "" if isinstance(entry.pattern, LocalePrefixPattern) else str(entry.pattern).lstrip("^")
        if segment := _SEGMENT.match(written):
            yield segment[0]
        elif not written and isinstance(entry, URLResolver):
            yield from _first_segments(entry.url_patterns)
