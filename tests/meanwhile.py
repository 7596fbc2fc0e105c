"""What another officer writes between somebody's look at the database and her own writing.

Called by tests of HR's forms; two threads would need a database of their own and hit the moment by luck only. Where two
are what is tested, one waits here until the other has come as far as it comes.
"""

import threading
import time
from contextlib import contextmanager

from django.db import connection

#: Seconds a thread of a test may take on a machine with much else to do.
LIMIT = 90


def comes_to_a_halt(other: threading.Thread, refused: threading.Event) -> None:
    """Wait until the other thread is done, was refused, or waits for what this transaction holds.

    SQLite lets nobody else begin while a transaction is open, and refuses at once where the database is in memory;
    PostgreSQL knows who waits for whom.
    """
    deadline = time.monotonic() + LIMIT
    while other.is_alive() and not refused.wait(0.02):
        assert time.monotonic() < deadline, "the other neither ends nor waits"
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
                )
                if cursor.fetchone() != (0,):
                    return


@contextmanager
def meanwhile(looked: str, other):
    """Call ``other`` once, right after the first query that holds the words."""
    happened = []

    def watch(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if looked in sql and not happened:
            happened.append(sql)
            # The answer of the look is still to be read from its cursor; another one writes.
            other()
        return result

    with connection.execute_wrapper(watch):
        yield
    assert happened, "nobody looked"
