"""What scripts say, in the language of the page: handed to them as data by ``{% words %}`` in the shell.

A pair is (one, other) and is chosen by ``n``; Vietnamese has one form for both. Braces hold values. Keys are read by
``t(key, values)`` of static/js/app.js; static/js/pages/*.js use the parts named after them.
"""

from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_noop as _

COMMON = {
    "online": _("Online"),
    "offline": _("No network"),
    "pending": (_("1 result waiting to be sent"), _("{n} results waiting to be sent")),
    "nothingWaiting": _("nothing waiting to be sent"),
    "allSent": _("all sent at {time}"),
    "sending": _("Sending…"),
    "updateReady": _("A new version of this page is ready"),
    "updateNow": _("Use it now"),
    "cannotKeep": _(
        "This browser keeps nothing. Open the page in Chrome, outside a private window, to learn offline."
    ),
    "otherSignedIn": _("{name} has signed in on this phone. Load the page again to go on as her or him."),
    "failedToKeep": _("Not saved: this phone has no room left. Remove a downloaded course, then try again."),
}
WORDS = {"common": COMMON}


@cache
def _words(language: str, parts: tuple[str, ...]) -> dict:
    words = {}
    for part in parts:
        for key, text in WORDS[part].items():
            words[key] = [translate(form) for form in text] if isinstance(text, tuple) else translate(text)
    return words


def words_for(parts: tuple[str, ...]) -> dict:
    return _words(get_language() or "vi", parts)
