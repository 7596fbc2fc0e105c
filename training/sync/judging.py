"""What events do: the handlers of each kind, found by name in settings.SYNC_EVENT_HANDLERS.

Called by intake, witness and rebuild. This package knows no kind itself: a module exports ``HANDLERS`` (kind →
callable taking a list of arrivals), and may export ``conclude(arrivals)`` (what the server now witnesses),
``settle(arrivals)`` (what is kept in step, once all is written, the server's own included) and ``forget(officials)``
(delete the facts it owns). Kinds are handled in the order in which the tables list them.
"""

import logging
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from quizzes.judging import together
from training.sync import ledger
from training.sync.arrival import Arrival
from training.sync.codes import ACCEPTED, DECIDED_BY_ORDER, HELD, VERDICT_OF

logger = logging.getLogger(__name__)


@cache
def _modules(names: tuple[str, ...]) -> list:
    return [import_module(name) for name in names]


def modules() -> list:
    return _modules(tuple(settings.SYNC_EVENT_HANDLERS))


@cache
def _table(names: tuple[str, ...]) -> dict[str, Callable]:
    return {kind: handler for module in _modules(names) for kind, handler in module.HANDLERS.items()}


def handlers() -> dict[str, Callable]:
    return _table(tuple(settings.SYNC_EVENT_HANDLERS))


def _handle(arrivals: list[Arrival]) -> None:
    for kind, handler in handlers().items():
        group = [one for one in arrivals if one.kind == kind]
        if group:
            handler(group)
    for one in arrivals:
        if one.verdict is None or VERDICT_OF.get(one.code) != one.verdict:
            raise ValueError(f"{one.kind}: the handler left the verdict {one.verdict!r}, {one.code!r}")


def _apply(arrivals: list[Arrival], attest: Callable | None, already: int) -> list[Arrival]:
    for one in arrivals:
        one.settle(None, "")
    own = []
    with together(arrivals):
        _handle(arrivals)
        found = [one for module in modules() if hasattr(module, "conclude") for one in module.conclude(arrivals)]
        if found and attest is not None:
            own = attest(found, already)
            _handle(own)
        for module in modules():
            if hasattr(module, "settle"):
                module.settle([*arrivals, *own])
    return own


def judge(arrivals: list[Arrival], attest: Callable | None = None) -> list[Arrival]:
    """Have the handlers write the facts of these arrivals and set their verdicts.

    ``attest(found, already)`` turns what the modules conclude into arrivals of the server's own (after the ones it
    made ``already``), which are handled too and returned; without it nothing new is attested (replay: what was
    concluded then is in the ledger).
    If the set fails it is taken one by one, so that one bad event never sinks its neighbours; what fails by itself
    is held as ``failed``. A database that is gone is no fault of an event: that is raised.
    Handlers get them in the order in which the ledger has them: what waited there before what comes just now.
    """
    if not arrivals:
        return []
    arrivals = sorted(arrivals, key=lambda one: (one.row is None, one.row or 0))
    try:
        with transaction.atomic():
            return _apply(arrivals, attest, 0)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("a set of %d events failed; taking them one by one", len(arrivals))
    own = []
    order = {kind: place for place, kind in enumerate(handlers())}
    for one in sorted(arrivals, key=lambda one: order.get(one.kind, len(order))):
        try:
            with transaction.atomic():
                own += _apply([one], attest, len(own))
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("event %s failed", one.event_id)
            one.settle(HELD, "failed")
    return own


def conclude(arrivals: list[Arrival], attestor) -> None:
    """Judge these stored events of one official once more, now for what follows from them, and put that on record."""
    own = judge(arrivals, attestor)
    ledger.store(own, None)
    attestor.advance(len(own))


def keep_order(official_id: int, waited: list[Arrival], attestor) -> bool:
    """After all is stored: of two that exclude each other the one recorded first stands, also where it had to wait
    and the other was judged before it. Then her facts are derived anew, in the ledger's order. True if they were.
    """
    if not any(one.code in DECIDED_BY_ORDER for one in waited):
        return False
    derive_anew(official_id, attestor, waited)
    return True


def derive_anew(official_id: int, attestor, waited: Iterable[Arrival] = ()) -> None:
    """Replay one official's events. What follows from those that stand only now, nobody has put on record yet."""
    stands = {one.row: one for one in replay([official_id]) if one.verdict == ACCEPTED}
    conclude([*stands.values(), *(one for one in waited if one.row not in stands)], attestor)


def replay(officials: list[int]) -> list[Arrival]:
    """Forget these officials' facts and derive them anew from the ledger. Returns the events whose verdict changed."""
    for module in modules():
        if hasattr(module, "forget"):
            module.forget(officials)
    arrivals = ledger.to_replay(officials)
    before = {one.row: (one.verdict, one.code) for one in arrivals}
    judge(arrivals)
    ledger.save_verdicts(arrivals, before)
    return [one for one in arrivals if before[one.row] != (one.verdict, one.code)]
