"""Databases beside the one that DATABASE_URL names, for sites that tests and benches run as processes of their own.

Called by tests/browser/conftest.py and tests/bench/reports.py. Nothing here touches the named database itself.
"""

import json
import uuid
from datetime import date

import environ
import psycopg
from psycopg import sql

#: From a field's name in Django's settings to what PostgreSQL's own library calls it.
_PARTS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def connect(database_url: str):
    """A connection; addresses are read as the site reads them, sockets' folders included."""
    read = environ.Env.db_url_config(database_url)
    parts = {ours: read[theirs] for theirs, ours in _PARTS.items() if read.get(theirs)}
    return psycopg.connect(autocommit=True, **parts, **read.get("OPTIONS", {}))


def beside(database_url: str, name: str) -> str:
    """The address of another database of the same server."""
    address, mark, options = database_url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{mark}{options}"


def make(database_url: str, name: str, template: str = "template1") -> str:
    """Make a database of this name anew, as a copy of the template; returns its address."""
    drop(database_url, name)
    with connect(database_url) as connection:
        named = sql.Identifier(name), sql.Identifier(template)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*named))
    return beside(database_url, name)


def drop(database_url: str, name: str) -> None:
    """Also while somebody is still connected to it."""
    with connect(database_url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def rows(database_url: str, text: str, values: tuple) -> list[tuple]:
    """What a query with question marks gives, in the words of SQLite, so that a test compares with the same ones."""
    with connect(database_url) as connection:
        found = connection.execute(text.replace("%", "%%").replace("?", "%s"), values).fetchall()
    return [tuple(map(_as_sqlite_says, row)) for row in found]


def _as_sqlite_says(value):
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value)
    return value
