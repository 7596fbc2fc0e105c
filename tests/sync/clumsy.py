"""Handlers that fail in the middle of their work, for tests of what is left then. Stands in for records' own."""

from django.db import OperationalError

from training.records import events

#: What makes a handler fail: the seconds of a lesson.
FAILS, LEAVES_NO_VERDICT, LOSES_THE_DATABASE, IS_KILLED, CANNOT_CONCLUDE = 13, 14, 15, 16, 17


class Killed(BaseException):
    """The process ends here."""


def lesson_finished(arrivals):
    events.lesson_finished(arrivals)
    for arrival in arrivals:
        seconds = arrival.data["seconds"]
        if seconds == FAILS:
            raise RuntimeError("after the fact was written")
        if seconds == LEAVES_NO_VERDICT:
            arrival.verdict = None
        if seconds == LOSES_THE_DATABASE:
            raise OperationalError("database is locked")
        if seconds == IS_KILLED:
            raise Killed


def conclude(arrivals):
    found = events.conclude(arrivals)
    if any(arrival.data.get("seconds") == CANNOT_CONCLUDE for arrival in arrivals):
        raise RuntimeError("after concluding")
    return found


HANDLERS = {**events.HANDLERS, "lesson_finished": lesson_finished}
forget = events.forget
