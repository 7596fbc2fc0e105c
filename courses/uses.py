"""Which pages name a picture, document, audio, video or other page in their text.

Asked by courses/signal_handlers.py (whose fragments change along?) and courses/deletion.py (may the file go?).
Wagtail's reference index knows as well, but only a while later, and nothing of drafts.
"""

from collections.abc import Iterable, Iterator

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from wagtail.models import Page, Revision, get_page_models

from courses.models.pages import ActivityPage


def live_pages_that_use(*items: Model) -> list[Page]:
    wanted = _Wanted(items)
    # Pages are named by links alone, and few texts have any.
    only_linking = all(isinstance(item, Page) for item in items)
    return [
        page
        for model in _kinds_of_pages()
        for page in _live(model, only_linking).iterator()
        if wanted.is_named_by(page)
    ]


def pages_that_use(item: Model) -> list[tuple[Page, bool]]:
    """What learners see or may come to see with it: pages as published, and where only a draft of one names it, True.
    """
    wanted = _Wanted([item])
    waiting = {
        revision.object_id: revision
        for revision in Revision.page_revisions.filter(approved_go_live_at__isnull=False)
    }
    found = []
    for model in _kinds_of_pages():
        for page in model.objects.order_by("path").select_related("latest_revision"):
            if page.live and wanted.is_named_by(page):
                found.append((page, False))
            elif any(wanted.is_named_by(draft) for draft in _drafts(page, waiting.get(str(page.pk)))):
                found.append((page, True))
    return found


def _kinds_of_pages() -> Iterator[type[ActivityPage]]:
    return (model for model in get_page_models() if issubclass(model, ActivityPage))


def _drafts(page: ActivityPage, waiting: Revision | None) -> Iterator[ActivityPage]:
    """What may be published next: as last saved, and as it waits for its time."""
    if page.latest_revision is None and not page.live:
        yield page
    elif page.latest_revision and (page.has_unpublished_changes or not page.live):
        yield page.latest_revision.as_object()
    if waiting and waiting != page.latest_revision:
        yield waiting.as_object()


class _Wanted:
    def __init__(self, items: Iterable[Model]):
        items = list(items)
        self._models = {model for item in items for model in (type(item), *type(item)._meta.get_parent_list())}
        self._ids = {str(item.pk) for item in items}

    def is_named_by(self, page: Page) -> bool:
        return any(model in self._models and str(pk) in self._ids for model, pk in _references(page))


def _live(model: type[ActivityPage], only_linking: bool) -> QuerySet:
    pages = model.objects.filter(live=True)
    if not only_linking:
        return pages
    texts = {f"text_of_{field.name}": Cast(field.name, TextField()) for field in _fields_with_references(model)}
    linking = Q()
    for name in texts:
        linking |= Q(**{f"{name}__contains": "linktype"})
    return pages.alias(**texts).filter(linking)


def _fields_with_references(model: type[Page]) -> list:
    return [field for field in model._meta.get_fields() if hasattr(field, "extract_references")]


def _references(page: Page) -> Iterable[tuple[type[Model], str]]:
    for field in _fields_with_references(type(page)):
        for to_model, pk, *_ in field.extract_references(field.value_from_object(page)):
            yield to_model, pk
