"""Many rows in one statement, read or written: how events become facts with a fixed and small number of queries.

Called by quizzes/events.py, quizzes/judging.py, training/records and training/sync, for every delivery. Django's own
bulk_create would send one statement for every 999 values on SQLite, so that a long delivery would cost more queries
than a short one; and putting a queryset together costs four times what these statements cost. Whatever is read once
in a while goes through querysets.
"""

import json
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

#: Rows in a statement. 1,000 rows of our widest table stay below the least limit (SQLite's 32,766 values).
ROWS = 1_000


def read(model: type[models.Model], columns: Sequence[str], **within: Collection) -> list[tuple]:
    """These columns of the rows whose fields are among the values: ``read(Paper, ("name",), quiz={…})``."""
    if not all(within.values()):
        return []
    condition = " AND ".join(among(model, name) for name in within)
    return read_where(model, columns, condition, [values_of(model, name, wanted) for name, wanted in within.items()])


def read_where(model: type[models.Model], columns: Sequence[str], condition: str, values: Sequence) -> list[tuple]:
    """These columns of the rows of which a condition in SQL is true, in no particular order."""
    connection = connections[DEFAULT_DB_ALIAS]
    sql, readers = _select(model, tuple(columns), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} WHERE {condition}", values)
        rows = cursor.fetchall()
    if rows and readers:
        rows = [list(row) for row in rows]
        for place, column, steps in readers:
            for row in rows:
                for step in steps:
                    row[place] = step(row[place], column, connection)
        rows = [tuple(row) for row in rows]
    return rows


def read_all(model: type[models.Model], **within: Collection) -> list[models.Model]:
    """As `read`, whole rows as instances."""
    columns = tuple(field.name for field in model._meta.concrete_fields)
    return [model.from_db(DEFAULT_DB_ALIAS, columns, row) for row in read(model, columns, **within)]


def upsert(rows: Sequence[models.Model], unique: Sequence[str], only: str = "") -> None:
    """Insert the (unsaved) rows, or write them over those that are equal in the ``unique`` columns.

    ``only`` limits what is written over to rows of which a condition is true; `less` and `more` make such.
    """
    for start in range(0, len(rows), ROWS):
        _write(rows[start : start + ROWS], unique, only)


def less(model: type[models.Model], column: str) -> str:
    """For `upsert`: only where the new row has less in this column."""
    return f"excluded.{column} < {model._meta.db_table}.{column}"


def more(model: type[models.Model], column: str) -> str:
    """For `upsert`: only where the new row has more in this column."""
    return f"excluded.{column} > {model._meta.db_table}.{column}"


def among(model: type[models.Model], name: str) -> str:
    """The condition that a field is among the values of one parameter, however many these are."""
    connection = connections[DEFAULT_DB_ALIAS]
    return _among(model, name, connection.vendor)


def values_of(model: type[models.Model], name: str, wanted: Collection) -> Any:
    """That parameter."""
    connection = connections[DEFAULT_DB_ALIAS]
    field = model._meta.get_field(name)
    values = [field.get_db_prep_value(value, connection) for value in wanted]
    return values if connection.vendor == "postgresql" else json.dumps(values)


@cache
def _among(model, name: str, vendor: str) -> str:
    column = connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.get_field(name).column)
    return f"{column} = ANY(%s)" if vendor == "postgresql" else f"{column} IN (SELECT value FROM json_each(%s))"


@cache
def _select(model, columns: tuple[str, ...], vendor: str) -> tuple[str, list]:
    """The statement, and for each column whose values the database says differently what makes them Python's."""
    connection = connections[DEFAULT_DB_ALIAS]
    meta, quote = model._meta, connection.ops.quote_name
    fields = [meta.get_field(name) for name in columns]
    sql = f"SELECT {', '.join(quote(field.column) for field in fields)} FROM {quote(meta.db_table)}"
    readers = []
    for place, field in enumerate(fields):
        column = field.get_col(meta.db_table)
        steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        if steps:
            readers.append((place, column, steps))
    return sql, readers


def _write(rows: Sequence[models.Model], unique: Sequence[str], only: str) -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = [field for field in meta.concrete_fields if not field.primary_key]
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
            f"ON CONFLICT ({conflict}) DO UPDATE SET {overwrite}{f' WHERE {only}' if only else ''}",
            values,
        )
