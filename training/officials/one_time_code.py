"""One-time codes: what HR prints for a person who has no password (yet), used once in its place.

``issue`` is called where HR resets a password; ``redeem`` by the sign-in. Only a hash is kept, as of a password.
"""

import datetime
import secrets

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from training.officials.models import Official

#: No 0/O, 1/I/L, 5/S, 8/B: read aloud and typed on a phone without mistakes. 10 characters of 26: 47 bits.
ALPHABET = "ACDEFGHJKMNPQRTUVWXYZ23479"
LENGTH = 10


def issue(official: Official, days: int = 14) -> str:
    """A new code; the old password and any older code stop working at once, and with them her sessions."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    official.set_unusable_password()
    official.one_time_code = make_password(code)
    official.one_time_code_expires_at = timezone.now() + datetime.timedelta(days=days)
    official.must_set_password = True
    official.save(update_fields=["password", "one_time_code", "one_time_code_expires_at", "must_set_password"])
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def _typed(text: str) -> str:
    return "".join(char for char in text.upper() if char.isalnum())


def redeem(official: Official | None, typed: str) -> bool:
    """Whether the code is hers and still good; from now on it is neither. Takes as long when there is none."""
    stored = official.one_time_code if official else ""
    if not check_password(_typed(typed), stored or _nobodys()):
        return False
    if (
        not stored
        or official.one_time_code_expires_at is None
        or official.one_time_code_expires_at <= timezone.now()
    ):
        return False
    # The update is the use: of two requests at once only one finds the code still there.
    mine = Official.objects.filter(pk=official.pk, one_time_code=stored)
    if not mine.update(one_time_code="", one_time_code_expires_at=None, must_set_password=True):
        return False
    official.one_time_code, official.one_time_code_expires_at, official.must_set_password = "", None, True
    return True


_NOBODYS = ""


def _nobodys() -> str:
    """A hash that nothing typed fits, made once, to spend on it the time that a real one costs."""
    global _NOBODYS
    if not _NOBODYS:
        _NOBODYS = make_password(secrets.token_hex(16))
    return _NOBODYS
