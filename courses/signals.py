"""What courses tell others, and what others may add to what authors are told."""

from collections.abc import Callable
from uuid import UUID

from django.dispatch import Signal

# provides args: course (an Activity); sent after the commit that changed, or might have changed, what phones read
course_settled = Signal()

#: Functions from the key of an activity to a sentence its author reads before unpublishing it, or "". Filled by
#: training.wagtail_hooks: who is studying what is nothing courses know.
unpublish_notes: list[Callable[[UUID], str]] = []


def notes_on_unpublishing(key: UUID) -> list[str]:
    return [note for ask in unpublish_notes if (note := ask(key))]


#: Functions from (course key, language) to the bytes of the pack a phone downloads for it, media included, or
#: None. Filled by training.wagtail_hooks; shown in the course's weight panel.
pack_sizes: list[Callable[[UUID, str], int | None]] = []
