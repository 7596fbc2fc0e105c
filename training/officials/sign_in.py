"""How a person proves who she is: staff number with a password, or once with the code HR printed.

Named in AUTHENTICATION_BACKENDS, behind the lock-out. Every refusal looks the same and costs the same two hashes,
whether the number exists or not.
"""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password

from training.officials.models import Official
from training.officials.names import clean
from training.officials.one_time_code import redeem

#: Longer input is refused unread; hashing it would only cost time.
LONGEST_NUMBER, LONGEST_PASSWORD = 30, 200


def staff_number_typed(text: str) -> str:
    """As it is stored: one spelling of marks, no spaces around, capitals."""
    return clean(text).upper()[:LONGEST_NUMBER]


class StaffNumberBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        if not username or not password or len(password) > LONGEST_PASSWORD:
            return None
        # A NUL is refused by PostgreSQL itself; no staff number has one.
        number = staff_number_typed(username.replace("\0", ""))
        official = Official.objects.filter(staff_number=number).first()
        if official is not None and not official.is_active:
            official = None
        if official is None:
            make_password(password)
        elif official.check_password(password):
            return official
        return official if redeem(official, password) else None
