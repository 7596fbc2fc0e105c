"""Many rows, one statement: how events become facts with a fixed number of queries.

Called by quizzes/events.py and training/records/events.py. Django's own bulk_create would send one statement for
every 999 values on SQLite, so that a long delivery would cost more queries than a short one.
"""

from collections.abc import Sequence

from django.db import connection, models

#: Rows in a statement. 1,000 rows of our widest table stay below the least limit (SQLite's 32,766 values).
ROWS = 1_000


def upsert(rows: Sequence[models.Model], unique: Sequence[str]) -> None:
    """Insert the (unsaved) rows, or write them over those that are equal in the ``unique`` columns."""
    for start in range(0, len(rows), ROWS):
        _write(rows[start : start + ROWS], unique)


def _write(rows: Sequence[models.Model], unique: Sequence[str]) -> None:
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    one = "(" + ", ".join(["%s"] * len(fields)) + ")"
    overwrite = ", ".join(
        f"{quote(field.column)} = excluded.{quote(field.column)}" for field in fields if field.attname not in unique
    )
    conflict = ", ".join(quote(meta.get_field(name).column) for name in unique)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {', '.join([one] * len(rows))} "
            f"ON CONFLICT ({conflict}) DO UPDATE SET {overwrite}",
            values,
        )
