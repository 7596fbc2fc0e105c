import pytest

from tests.reports.cast import Cast


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def transactional_example(db):
    """Each example of a property in a transaction of its own, taken back at its end."""
    from contextlib import contextmanager

    from django.db import transaction

    @contextmanager
    def example():
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return example
