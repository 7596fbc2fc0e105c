"""What the admin's templates ask about courses."""

from django import template

from courses import signals
from courses.models import ActivityPage

register = template.Library()


@register.simple_tag
def unpublish_notes(page) -> list[str]:
    """What an author should know before taking the page away from those who are studying it."""
    page = page.specific
    if not isinstance(page, ActivityPage):
        return []
    return signals.notes_on_unpublishing(page.translation_key)
