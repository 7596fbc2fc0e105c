"""The same ground as the tests of courses."""

from tests.courses.conftest import laid_ground, official, signed_in, site

__all__ = ["laid_ground", "official", "signed_in", "site"]
