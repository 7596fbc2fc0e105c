"""What another officer writes between somebody's look at the database and her own writing.

Called by tests of HR's forms; two threads would need a database of their own and hit the moment by luck only.
"""

from contextlib import contextmanager

from django.db import connection


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
