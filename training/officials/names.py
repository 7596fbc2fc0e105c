"""Vietnamese names: how they are normalised, folded for search and put in order.

Called wherever a name enters (forms, imports) or is searched for, and by the models that keep the derived columns. The
rules are those of docs/names.md: one field for the whole name, search blind to marks (also đ), order by the given name
(the last word) first.
"""

import unicodedata

from django.db.models import Q

#: The alphabet's own order; a letter with a hook or a hat is a letter, a tone is not.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
#: Codes of one letter each, so that any collation of the database puts them in the same order.
_RANK = {letter: chr(ord("a") + i // 6) + chr(ord("a") + i % 6) for i, letter in enumerate(_ALPHABET)}
#: Tones in the order of Vietnamese dictionaries: level, falling, hook, broken, sharp, heavy.
_TONES = {"\u0300": "b", "\u0309": "c", "\u0303": "d", "\u0301": "e", "\u0323": "f"}


def clean(text: str) -> str:
    """NFC, single spaces, no space at either end, nothing that cannot be seen (it comes along when one copies)."""
    seen = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def fold(text: str) -> str:
    """For searching: no marks, đ as d, lower case. ``fold("Đào") == "dao"``, and "hoà" finds "hòa"."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(bare.replace("đ", "d").replace("Đ", "d").lower().split())


def _word_key(word: str) -> tuple[str, str]:
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", word.lower()):
        base, tone = char, "a"
        for mark in unicodedata.normalize("NFD", char)[1:]:
            if mark in _TONES:
                tone = _TONES[mark]
                kept = [c for c in unicodedata.normalize("NFD", char) if c != mark]
                base = unicodedata.normalize("NFC", "".join(kept))
        letters.append(_RANK.get(base, "zz"))
        tones.append(tone)
    return "".join(letters), "".join(tones)


def sort_key(full_name: str) -> str:
    """A key of plain ASCII letters and digits that any collation sorts as Vietnamese sorts names.

    The given name (last word) counts first, then the whole name; within a word letters count before tones.
    The digit 0 closes a word: it stands before every letter, so a shorter word comes first.
    """
    words = clean(full_name).split(" ")
    order = [words[-1], *words]
    keys = [_word_key(word) for word in order]
    return "0".join(letters + "0" + tones for letters, tones in keys)[:400]


def found(search: str, prefix: str = "") -> Q:
    """Every word of it in the name, marks or no marks; or the staff number."""
    words = fold(clean(search)).split()
    by_name = Q(*[Q(**{f"{prefix}name_folded__contains": word}) for word in words])
    return by_name | Q(**{f"{prefix}staff_number__contains": clean(search).upper()})
