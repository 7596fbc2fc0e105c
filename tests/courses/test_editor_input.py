"""What no editor writes, posted all the same: 400 or an error beside the field, and the page as it was."""

import copy
import json

import pytest
from django.core.exceptions import BadRequest
from django.urls import reverse
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from courses.models import Fragment
from tests.courses.test_authoring import quiz_form, single, trainer  # noqa: F401
from tests.courses.test_careless import lesson_form
from tests.courses.test_media import document, picture

pytestmark = pytest.mark.django_db

WRITTEN = {
    "blocks": [
        {
            "key": "abcde",
            "text": "abc",
            "type": "unstyled",
            "depth": 0,
            "inlineStyleRanges": [{"offset": 0, "length": 1, "style": "BOLD"}],
            "entityRanges": [{"offset": 0, "length": 1, "key": 0}],
        }
    ],
    "entityMap": {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "https://laichau.gov.vn/"}}},
}


def written(*way, value) -> str:
    """Rich text as the editor writes it, but for one value."""
    content = copy.deepcopy(WRITTEN)
    inner = content
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = value
    return json.dumps(content)


BLOCK, DATA = ("blocks", 0), ("entityMap", "0", "data")
FORGED = {
    "no JSON": "abc",
    "cut off": json.dumps(WRITTEN)[:-20],
    "a list": "[]",
    "a number": "5",
    "a text": '"abc"',
    "nested deeply": "[" * 100_000,
    "no entities": '{"blocks": []}',
    "blocks a number": written("blocks", value=5),
    "a block a number": written("blocks", value=[5]),
    "an empty block": written("blocks", value=[{}]),
    "no text": written(*BLOCK, "text", value=None),
    "text a number": written(*BLOCK, "text", value=5),
    "half a character": written(*BLOCK, "text", value="\ud800"),
    "a NUL": written(*BLOCK, "text", value="a\0b"),
    "depth a text": written(*BLOCK, "depth", value="x"),
    "too deep": written(*BLOCK, "depth", value=100_000),
    "styles a number": written(*BLOCK, "inlineStyleRanges", value=5),
    "an empty style": written(*BLOCK, "inlineStyleRanges", value=[{}]),
    "an entity that is not there": written("entityMap", value={}),
    "entities a list": written("entityMap", value=[]),
    "an empty entity": written("entityMap", "0", value={}),
    "data a list": written(*DATA, value=[]),
    "an address that is a number": written(*DATA, value={"url": 5}),
    "an address that is a list": written(*DATA, value={"url": ["x"]}),
    "no address": written(*DATA, value={}),
    "a page called abc": written(*DATA, value={"id": "abc"}),
    "a page that is a list": written(*DATA, value={"id": [1]}),
    "a page that is true": written(*DATA, value={"id": True}),
    "a page beyond all numbers": written(*DATA, value={"id": 10**30}),
    "a page beyond a column": written(*DATA, value={"id": 10**12}),
}


def stored():
    return list(Fragment.objects.order_by("path").values_list("path", "hash"))


@pytest.mark.parametrize("source", FORGED.values(), ids=FORGED)
def test_rich_text_no_editor_writes_is_read_by_nobody(source):
    widget = get_rich_text_editor_widget()
    with pytest.raises(BadRequest):
        widget.value_from_datadict({"text": source}, {}, "text")


def test_rich_text_an_editor_writes_is_read_as_ever():
    widget = get_rich_text_editor_widget()
    read = widget.value_from_datadict({"text": json.dumps(WRITTEN)}, {}, "text")
    assert '<a href="https://laichau.gov.vn/"><b>a</b></a>bc' in read.replace("<b><a", "<a").replace("</a></b>", "</a>")
    linked = written(*DATA, value={"id": 5, "url": "/x/", "parentId": 2})
    assert 'linktype="page"' in widget.value_from_datadict({"text": linked}, {}, "text")
    assert widget.value_from_datadict({}, {}, "text") is None
    assert widget.value_from_datadict({"text": "null"}, {}, "text") == ""


@pytest.fixture
def lesson(site):
    return site.lesson(site.course())


@pytest.fixture
def form(site):
    body = [
        ("text", rich_text("<p>Đã sửa.</p>")),
        ("steps", streamfield([("", rich_text("<p>Một.</p>"))])),
        picture(site.image()),
        ("document", {"document": document().pk, "title": ""}),
    ]
    return lesson_form(body, slug="mat-khau", objectives=inline_formset([{"text": "Biết"}]))


def test_the_form_itself_is_published(lesson, form, trainer):  # noqa: F811
    before = stored()
    assert trainer.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), form).status_code == 302
    assert stored() != before


MISSING = ["body-count", "body-0-deleted", "body-0-type", "body-0-order", "body-1-value-count"]
MISSING += ["body-1-value-0-deleted", "body-1-value-0-order"]
FAULTY = {
    "a count that is none": {"body-count": "abc"},
    "a count beyond what is there": {"body-count": "9999999999999999"},
    "an order that is none": {"body-0-order": ""},
    "steps without number": {"body-1-value-count": "[]"},
    "a picture called abc": {"body-2-value-image-image": "abc"},
    "a document called abc": {"body-3-value-document": "abc"},
    "forged rich text": {"body-0-value": FORGED["a page called abc"]},
    "forged rich text in a step": {"body-1-value-0-value": "abc"},
    "two in one place": {"body-0-order": "0", "body-0-type": "text", "body-1-order": "0", "body-1-type": "text"},
    "more rows than are there": {"objectives-INITIAL_FORMS": "7"},
    "more rows than can be": {"objectives-TOTAL_FORMS": "9" * 30},
    "no rows at all": {"objectives-TOTAL_FORMS": None, "objectives-INITIAL_FORMS": None},
}


@pytest.mark.parametrize("where", ["edit", "add", "preview_on_edit"])
@pytest.mark.parametrize("faults", [{name: None} for name in MISSING] + [*FAULTY.values()], ids=[*MISSING, *FAULTY])
def test_a_forged_form_is_refused_and_harms_nothing(lesson, form, trainer, faults, where):  # noqa: F811
    before, pages = stored(), lesson.get_parent().get_children().count()
    forged = {name: value for name, value in {**form, **faults}.items() if value is not None}
    args = ["courses", "lessonpage", lesson.get_parent().pk] if where == "add" else [lesson.pk]
    answer = trainer.post(reverse(f"wagtailadmin_pages:{where}", args=args), forged)
    if where == "preview_on_edit":
        assert answer.status_code == 400 or answer.json()["is_valid"] is False
    else:
        assert answer.status_code == 400 or (answer.status_code == 200 and not answer.context["form"].is_valid())
    assert stored() == before
    assert lesson.get_parent().get_children().count() == pages


@pytest.mark.parametrize(
    "faults",
    [
        {"questions-count": "x"},
        {"questions-0-value-options-count": None},
        {"questions-0-value-options-0-deleted": None},
        {"questions-0-order": "[]"},
    ],
    ids=str,
)
def test_nor_does_a_forged_quiz(site, trainer, faults):  # noqa: F811
    quiz = site.quiz(site.course())
    before = stored()
    form = {**nested_form_data(quiz_form([single("Câu?", True, False)])), **faults}
    forged = {name: value for name, value in form.items() if value is not None}
    assert trainer.post(reverse("wagtailadmin_pages:edit", args=[quiz.pk]), forged).status_code == 400
    assert stored() == before
