"""The same ground as the tests of courses."""

from tests.courses.conftest import official, signed_in, site

__all__ = ["official", "signed_in", "site"]
