"""Every sentence a page's scripts ask for is on that page, in both languages; none is left in English by mistake."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from training import words
from training.templatetags.site import _imports

STATIC = Path(__file__).parent.parent.parent / "static"
#: The parts the template of each page names; pages around a fragment take them from its kind.
PARTS = {
    "course": ("common", "course"),
    "lesson": ("common", "lesson"),
    "quiz": ("common", "quiz"),
    "me": ("common", "courses", "me"),
    "results": ("common", "courses", "results"),
    "storage": ("common", "courses", "storage"),
    "offline": ("common", "courses", "offline"),
    "account": ("common", "signout"),
    "signin": ("common",),
    "open": ("common", "open"),
}
PLAIN = re.compile(r"\bt\('(\w+)'")
EITHER = re.compile(r"\bt\([^()'`]*\? '(\w+)' : '(\w+)'")
#: Keys made of a state or a code; what they may be is in docs/sync-protocol.md and static/js/packs.js.
MADE = {
    "lesson": [f"lesson_{state}" for state in ("saved", "sent", "received", "counted", "attention")]
    + [f"{state}More" for state in ("saved", "sent", "received", "counted", "attention")],
    "me": [f"group_{name}" for name in ("studying", "assigned", "completed", "open")],
    "results": ["results_attention", "results_onTheWay", "results_there", "savedMore", "sentMore", "receivedMore"],
    "quiz": ["saved", "sent", "received", "counted", "attention", "why_attention", "why_received"],
    "course": ["err_offline", "err_full", "err_failed"],
    "storage": ["err_offline", "err_full", "err_failed"],
}


def asked_for(page: str) -> set[str]:
    modules = {*_imports(f"js/pages/{page}.js"), "js/app.js"} - {"js/packs.js"}
    source = "".join((STATIC / module).read_text(encoding="utf-8") for module in modules)
    keys = set(PLAIN.findall(source)) | {key for pair in EITHER.findall(source) for key in pair}
    return keys | set(MADE.get(page, []))


@pytest.mark.parametrize("page", sorted(PARTS))
def test_a_page_has_every_sentence_its_scripts_ask_for(page):
    assert asked_for(page) - set(words.words_for(PARTS[page])) == set()


def test_a_page_of_unknown_kind_has_the_sentences_of_all():
    everything = words.words_of_kind("")
    for kind in ("course", "lesson", "quiz"):
        assert set(words.words_of_kind(kind)) <= set(everything)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_holes_are_the_same_in_every_language(language):
    for part in words.WORDS:
        with translation.override(language):
            said = words.words_for((part,))
        for key, original in words.WORDS[part].items():
            forms = original if isinstance(original, tuple) else (original,)
            texts = said[key] if isinstance(said[key], list) else [said[key]]
            for form, text in zip(forms, texts, strict=True):
                assert set(re.findall(r"\{\w+\}", form)) == set(re.findall(r"\{\w+\}", text)), key
