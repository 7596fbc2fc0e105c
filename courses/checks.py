"""What keeps a page from being published, whoever publishes it and from where.

The edit form refuses mistakes itself; these answer for publishing that has no form: the bulk action. Called by
courses/wagtail_hooks.py; other packages that have pages of their own need nothing more, because every kind of page
says what its blocks refuse.
"""

from django.core.exceptions import FieldDoesNotExist, ValidationError
from wagtail.fields import StreamField

from courses.models import ActivityPage


def problems(page: ActivityPage) -> list[str]:
    """Sentences about the page as it was last saved; none: it may be published."""
    page = page.get_latest_revision_as_object()
    found = []
    try:
        page.full_clean()
    except ValidationError as error:
        found += [f"{_label(page, name)}: {message}" for name, several in _by_field(error) for message in several]
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            try:
                field.stream_block.clean(getattr(page, field.name))
            except ValidationError as error:
                found += _sentences(error)
    return found


def _by_field(error: ValidationError) -> list[tuple[str, list[str]]]:
    return list(error.message_dict.items()) if hasattr(error, "error_dict") else [("", error.messages)]


def _label(page: ActivityPage, name: str) -> str:
    try:
        return str(page._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        return name


def _sentences(error: ValidationError) -> list[str]:
    """What stands in the tree of errors that blocks raise."""
    inner = getattr(error, "block_errors", None)
    if inner is None:
        return [str(message) for message in error.messages]
    nested = inner.values() if isinstance(inner, dict) else inner
    sentences = [str(message) for item in error.non_block_errors.as_data() for message in item.messages]
    for item in nested:
        if item is not None:
            sentences += _sentences(item)
    return sentences
