"""What an event is judged by: the edition it names, and what that edition says of its activity.

Called by quizzes/events.py and training/records/events.py, before they look at what is particular to a kind. An
arrival is whatever has the attributes of training.sync.arrival.Arrival; quizzes knows no more of it than that.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.cache import caches

from courses.models import Activity, ActivityKind, Edition
from quizzes.rows import read

#: How many contents a process keeps parsed. They are named by their hash, so that none can be stale.
KEPT = 500
#: Begins the keys of the cache "content" under which an edition's number and course are kept.
KEY = "edition:"
#: Seconds until it is looked up again: so long a course restored from a copy could be without an edition of before.
REMEMBERED = 600


@dataclass(frozen=True)
class JudgedEdition:
    name: str
    number: int
    course: UUID
    #: The steps as the edition's content has them, by activity and in order.
    steps: dict[UUID, dict[str, Any]]
    titles: dict[str, str]

    def required(self) -> list[UUID]:
        return [key for key, step in self.steps.items() if step["required"]]


@dataclass(frozen=True)
class Judged:
    arrival: Any
    edition: JudgedEdition
    #: {} where the event is about the course itself.
    step: dict[str, Any]


def accept(arrival, code: str = "counted") -> None:
    arrival.verdict, arrival.code = "accepted", code


def hold(arrival, code: str) -> None:
    arrival.verdict, arrival.code = "held", code


def reject(arrival, code: str) -> None:
    arrival.verdict, arrival.code = "rejected", code


def keep(kept: dict, name: str, value) -> None:
    """Remember what a content's name stands for; forget everything when there is too much of it."""
    if len(kept) >= KEPT:
        kept.clear()
    kept[name] = value


_contents: dict[str, tuple[dict, dict]] = {}


def editions_named(names: Iterable[str]) -> dict[str, JudgedEdition]:
    """The editions that exist among the names. No query for those seen before: an edition never changes, and goes
    only with a course that nobody learned; `judge` asks whether the course is there.
    """
    rows = _rows({name for name in names if name})
    contents = {name: _contents[name] for name in rows if name in _contents}
    if len(contents) < len(rows):
        for name, content in read(Edition, ("name", "content"), name=rows.keys() - contents.keys()):
            steps = {UUID(step["activity"]): step for step in content["steps"]}
            contents[name] = (steps, content["titles"])
            keep(_contents, name, contents[name])
    return {name: JudgedEdition(name, *rows[name], *content) for name, content in contents.items()}


def _rows(names: set[str]) -> dict[str, tuple[int, UUID]]:
    """Number and course of each that exists; one that does not may come at any time, and is asked for again."""
    cache = caches["content"]
    rows = {key.removeprefix(KEY): row for key, row in cache.get_many([KEY + name for name in names]).items()}
    unseen = names - rows.keys()
    if unseen:
        for name, *row in read(Edition, ("name", "number", "course"), name=unseen):
            rows[name] = tuple(row)
            cache.set(KEY + name, rows[name], REMEMBERED)
    return rows


_together: ContextVar[tuple[list, set[UUID]] | None] = ContextVar("judged together", default=None)


@contextmanager
def together(arrivals: list) -> Iterator[None]:
    """Within it, whose handlers each `judge` their kind, the activities of all of them are looked up once."""
    before = _together.set((arrivals, set()))
    try:
        yield
    finally:
        _together.reset(before)


def _there(keys: set[UUID]) -> set[UUID]:
    """Those that exist. Asked for although editions list their activities: one that was never learned may have been
    deleted since, and a course with its editions, which may still be remembered here.
    """
    arrivals, seen = _together.get() or ([], set())
    if not keys <= seen:
        names = {arrival.edition for arrival in arrivals}
        keys = keys | {arrival.activity for arrival in arrivals if arrival.activity}
        keys |= {edition.course for edition in editions_named(names).values()}
        seen.update(key for (key,) in read(Activity, ("key",), key=keys - seen))
    return seen


def judge(arrivals: list, kind: str) -> list[Judged]:
    """Those that name a known edition and an activity of this kind in it; the others get their verdict here."""
    editions = editions_named(arrival.edition for arrival in arrivals)
    asked = {each.activity for each in arrivals if each.activity} | {each.course for each in editions.values()}
    known = _there(asked)
    stand = []
    for arrival in arrivals:
        edition = editions.get(arrival.edition)
        if edition is None or edition.course not in known:
            hold(arrival, "edition_unknown")
            continue
        step = edition.steps.get(arrival.activity)
        if arrival.activity not in known:
            hold(arrival, "activity_unknown")
        elif kind == ActivityKind.COURSE and arrival.activity == edition.course:
            stand.append(Judged(arrival, edition, {}))
        elif step is not None and step["kind"] == kind:
            stand.append(Judged(arrival, edition, step))
        else:
            reject(arrival, "activity_mismatch")
    return stand
