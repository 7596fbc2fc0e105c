"""What counts as text: something one can see. Titles, headings, questions and options of nothing but zero-width
characters look like nothing on a phone; Wagtail takes them for filled in. Called by blocks and pages.
"""

import unicodedata

#: Controls, format characters, every kind of space, and marks that need a letter to stand on.
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"}
#: Letters and symbols by category that are drawn as nothing: Hangul fillers, the empty Braille cell.
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


def is_visible(text: str) -> bool:
    return any(unicodedata.category(letter) not in _UNSEEN and letter not in _FILLERS for letter in text)
