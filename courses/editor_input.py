"""What the editor's scripts post: blocks in numbered fields, rich text as JSON. Forged or cut off it answers 400.

Wagtail takes it as its own scripts would have written it and fails on anything else; worse, a link to a page "abc"
would be kept and fail wherever the text is shown. Used by the blocks and forms of pages, and by Wagtail for rich
text (WAGTAILADMIN_RICH_TEXT_EDITORS).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import BadRequest
from django.utils.datastructures import MultiValueDictKeyError
from draftjs_exporter.error import ExporterException
from wagtail import blocks
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.rich_text import DraftailRichTextArea

#: Wagtail's lists in lists go as deep as its button lets them; a deeper one was typed by nobody.
DEEPEST = 20
#: What reading values that are not of the expected type raises, here and in Wagtail.
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


class EditedStreamBlock(blocks.StreamBlock):
    """The whole of a page's blocks: whatever is inside is read by way of it."""

    def value_from_datadict(self, data, files, prefix):
        try:
            return super().value_from_datadict(data, files, prefix)
        except UNREADABLE as error:
            raise BadRequest("blocks that no editor writes") from error


class RichTextArea(DraftailRichTextArea):
    def value_from_datadict(self, data, files, name):
        try:
            _check(data.get(name))
            return super().value_from_datadict(data, files, name)
        except (*UNREADABLE, ExporterException) as error:
            raise BadRequest("rich text that no editor writes") from error


class EditedPageForm(WagtailAdminPageForm):
    def is_valid(self):
        with _known_rows():
            return super().is_valid()

    def defer_required_fields(self):
        with _known_rows():
            super().defer_required_fields()


@contextmanager
def _known_rows() -> Iterator[None]:
    """Rows of a list (objectives, legal bases) say which ones they are, in a field of their own."""
    try:
        yield
    except MultiValueDictKeyError as error:
        raise BadRequest("rows that no editor writes") from error


def _check(source: str | None) -> None:
    """Raise one of UNREADABLE for what would be converted and fail later."""
    content = json.loads(source) if source is not None else None
    if content is None:
        return
    text = json.dumps(content, ensure_ascii=False)
    # Half a character, or none, which JSON can say and a database can't store.
    text.encode()
    if "\\u0000" in text:
        raise ValueError("NUL")
    for block in content["blocks"]:
        if not 0 <= block.get("depth", 0) <= DEEPEST:
            raise ValueError("depth")
    for entity in content["entityMap"].values():
        _check_link(entity["data"])


def _check_link(data: dict[str, Any]) -> None:
    page = data.get("id")
    if page is None:
        return
    if isinstance(page, bool) or not isinstance(page, int | str) or not 0 < int(page) < 1 << 31:
        raise ValueError("page")
