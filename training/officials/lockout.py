"""Lock-out of whoever guesses: a delay that rises with the failures and ends by itself.

Plugged into django-axes (settings AXES_*), which stops the sign-in before any password is looked at. What counts are
the refusals of the last day in SignInRecord: so it holds across processes and restarts, needs no cache, and counts a
number that exists exactly as one that does not. A try during a delay is not even looked at and makes it no longer.
"""

import datetime
import math
from dataclasses import dataclass

from axes.handlers.base import AxesHandler
from django.conf import settings
from django.db.models import Q
from django.utils.timezone import now

from training.officials.models import SignInRecord
from training.officials.sign_in import staff_number_typed

#: Minutes after the first, second, third and each further lot of failures.
DELAYS = [datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
MEMORY = datetime.timedelta(days=1)
#: For an address as a whole, behind which a large office may sit.
MEMORY_OF_ADDRESS = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Standing:
    """Where a staff number from an address stands: until when it is locked, or how many tries it has left."""

    until: datetime.datetime | None
    tries_left: int

    @property
    def seconds(self) -> int:
        return max(1, math.ceil((self.until - now()).total_seconds())) if self.until else 0


def address_of(request) -> str | None:
    """The client: behind our own proxies the entry that the outermost of them wrote, never one further left."""
    if settings.BEHIND_PROXY:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.AXES_IPWARE_PROXY_COUNT:
            return hops[-settings.AXES_IPWARE_PROXY_COUNT]
    return request.META.get("REMOTE_ADDR") or None


def _judge(times: list[datetime.datetime], limit: int) -> Standing:
    """``times`` in order. Each full lot of ``limit`` failures locks from its last one on."""
    lots = len(times) // limit
    if lots:
        until = times[lots * limit - 1] + DELAYS[min(lots, len(DELAYS)) - 1]
        if until > now():
            return Standing(until, 0)
    return Standing(None, limit - len(times) % limit)


def standing(typed_number: str, address: str | None) -> Standing:
    """The strictest of three counts: this number from this address, this number from anywhere, this address at all.

    The wider counts have wider limits: a whole commune may sit behind one address, and nobody should be able to keep
    a colleague out for long by guessing at her number.
    """
    number = staff_number_typed(typed_number)
    since = now() - MEMORY
    rows = list(
        SignInRecord.objects.filter(
            Q(staff_number=number) | Q(address=address, what=SignInRecord.What.REFUSED), at__gte=since
        )
        .order_by("at", "pk")
        .values_list("staff_number", "address", "what", "at")
    )
    refused, signed_in = SignInRecord.What.REFUSED, SignInRecord.What.SIGNED_IN
    hers = [row for row in rows if row[0] == number]
    # A sign-in that succeeded clears what stood against that number from that address, and against it alone.
    last_in = max((row[3] for row in hers if row[2] == signed_in and row[1] == address), default=since)
    pair = [row[3] for row in hers if row[1] == address and row[2] == refused and row[3] > last_in]
    last_anywhere = max((row[3] for row in hers if row[2] == signed_in), default=since)
    anywhere = [row[3] for row in hers if row[2] == refused and row[3] > last_anywhere]
    lately = now() - MEMORY_OF_ADDRESS
    from_here = [row[3] for row in rows if row[1] == address and row[2] == refused and row[3] > lately]
    limit = settings.AXES_FAILURE_LIMIT
    counts = [_judge(pair, limit), _judge(anywhere, 5 * limit), _judge(from_here, 10 * limit)]
    locked = [count for count in counts if count.until]
    if locked:
        return max(locked, key=lambda count: count.until)
    return min(counts, key=lambda count: count.tries_left)


class LockoutHandler(AxesHandler):
    def is_locked(self, request, credentials=None):
        typed = (credentials or {}).get("username") or ""
        return standing(typed, address_of(request)).until is not None

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request is None or getattr(request, "axes_locked_out", False):
            return
        SignInRecord.objects.create(
            staff_number=staff_number_typed((credentials.get("username") or "").replace("\0", "")),
            what=SignInRecord.What.REFUSED,
            address=address_of(request),
        )

    def user_logged_in(self, sender, request, user, **kwargs):
        SignInRecord.objects.create(
            staff_number=user.staff_number,
            official=user,
            what=SignInRecord.What.SIGNED_IN,
            address=address_of(request) if request else None,
        )

    def user_logged_out(self, sender, request, user, **kwargs):
        if user is not None:
            SignInRecord.objects.create(
                staff_number=user.staff_number,
                official=user,
                what=SignInRecord.What.SIGNED_OUT,
                address=address_of(request) if request else None,
            )

    def get_failures(self, request, credentials=None):
        return 0


def refuse(request, response=None, credentials=None):
    """What a locked-out person sees instead of any sign-in view's own answer: how long, never why or whom."""
    from training.officials.views import locked_out

    typed = request.POST.get("username") or (credentials or {}).get("username") or ""
    return locked_out(request, typed, standing(typed, address_of(request)))
