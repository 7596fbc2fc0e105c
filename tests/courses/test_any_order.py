"""Whatever authors do, in whatever order and how often: what is stored is what is in sight, no more and no less."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from courses.editions import content_of, current_edition
from courses.models import Activity, Fragment, LessonPage
from courses.outline import Sight, outline_of
from courses.publishing import course_fragments, settle, settle_all
from quizzes.models import Paper, QuestionVersion

PAGES = st.sampled_from(["course", "one", "two", "quiz", "english"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["edit", "publish", "unpublish", "restrict", "free", "move", "settle"]), PAGES),
    max_size=12,
)


def act(pages, what, name):
    page = type(pages[name]).objects.get(pk=pages[name].pk)
    if what == "edit":
        draft = page.get_latest_revision_as_object()
        draft.title += "*"
        draft.save_revision()
    elif what == "publish":
        page.get_latest_revision().publish()
    elif what == "unpublish":
        page.unpublish()
    elif what == "restrict":
        PageViewRestriction.objects.get_or_create(page=page, restriction_type="password", password="x")
    elif what == "free":
        for restriction in PageViewRestriction.objects.filter(page=page):
            restriction.delete()
    elif what == "move" and isinstance(page, LessonPage):
        page.move(page.get_parent(), "last-child")
    elif what == "settle":
        settle(page.translation_key)


@pytest.fixture
def pages(site):
    course = site.course()
    return {
        "course": course,
        "one": site.lesson(course, "mot", title="Một"),
        "two": site.lesson(course, "hai", title="Hai"),
        "quiz": site.quiz(course),
        "english": site.translate(course, title="Course"),
    }


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_what_is_stored_is_what_is_in_sight(pages, steps):
    """Each example begins with the same pages: its own work is taken back."""
    with transaction.atomic():
        _try(pages, steps)
        transaction.set_rollback(True)


def _try(pages, done):
    course = pages["course"]
    for what, name in done:
        act(pages, what, name)

    outline = outline_of(course.translation_key, Sight())
    stored = Fragment.objects.filter(course=course.translation_key)
    if outline is None:
        assert not stored.exists()
    else:
        wanted = {
            (fragment.path, fragment.page_id, fragment.position, rendered.html)
            for fragment, rendered in course_fragments(outline)
        }
        assert set(stored.values_list("path", "page_id", "position", "html")) == wanted
        assert current_edition(course.translation_key).content == content_of(outline)
    rows = set(Fragment.objects.values_list("pk", "hash"))
    counts = Activity.objects.count(), QuestionVersion.objects.count(), Paper.objects.count()
    settle_all()
    assert set(Fragment.objects.values_list("pk", "hash")) == rows
    assert (Activity.objects.count(), QuestionVersion.objects.count(), Paper.objects.count()) == counts
