"""What a course consists of, in every language: the pages in sight, in the tree's order.

Read by courses/editions.py (what it was), courses/publishing.py (what phones get) and courses/drafts.py. A page is
in sight when it is live, below a site's root, and no view restriction shuts it off.
"""

from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from wagtail.models import Page, PageViewRestriction, Site

from courses.models.activity import ActivityKind
from courses.models.pages import ActivityPage, CoursePage

LANGUAGES = [code for code, _ in settings.LANGUAGES]


def prefix(language: str) -> str:
    """What stands before every path of a language: nothing for the default one, like i18n_patterns."""
    return "" if language == settings.LANGUAGE_CODE else f"/{language}"


def leading(pages: dict[str, ActivityPage]) -> ActivityPage:
    """The page that speaks for its translations: the default language's, else the first there is."""
    return next(pages[code] for code in LANGUAGES if code in pages)


class Sight:
    """Where pages are and whether view restrictions let them be seen; asks the database once, then answers.

    A restriction to "anyone signed in" takes nothing from officials: such a page is in sight and not public.
    """

    def __init__(self):
        keys = Site.objects.values("root_page__translation_key")
        roots = Page.objects.filter(translation_key__in=keys).values_list("url_path", "locale__language_code")
        self._roots = dict(roots)
        restrictions = PageViewRestriction.objects.exclude(restriction_type=PageViewRestriction.NONE)
        self._restrictions = list(restrictions.values_list("page__path", "restriction_type"))

    def path(self, page: Page) -> str | None:
        """The address below the site, or None outside of every site."""
        for url_path, language in self._roots.items():
            if page.url_path.startswith(url_path):
                return prefix(language) + page.url_path[len(url_path) - 1 :]
        return None

    def is_root(self, page: Page) -> bool:
        return page.url_path in self._roots

    def allows(self, page: Page) -> bool:
        if self.path(page) is None:
            return False
        return not any(
            page.path.startswith(path) and kind != PageViewRestriction.LOGIN for path, kind in self._restrictions
        )

    def is_open(self, page: Page) -> bool:
        """Nothing asks for a sign-in here."""
        return not any(page.path.startswith(path) for path, _ in self._restrictions)


@dataclass
class Entry:
    """A course, lesson or quiz as one language shows it; without a translation, in the language it has."""

    key: UUID
    kind: str
    page: ActivityPage
    path: str
    position: int
    #: Of the text.
    language: str
    #: Counts lessons only.
    number: int | None = None

    @property
    def title(self) -> str:
        return self.page.title

    @property
    def minutes(self) -> int:
        # An unfinished draft may have none.
        return getattr(self.page, "minutes", 0) or 0


@dataclass
class Step:
    key: UUID
    pages: dict[str, ActivityPage]

    @property
    def page(self) -> ActivityPage:
        return leading(self.pages)


@dataclass
class Outline:
    key: UUID
    sight: Sight
    pages: dict[str, CoursePage]
    steps: list[Step] = field(default_factory=list)

    @property
    def page(self) -> CoursePage:
        return leading(self.pages)

    def entries(self, language: str) -> list[Entry]:
        """The course page itself, then its steps, as one language shows them."""
        course = self.pages[language]
        home = self.sight.path(course)
        result = [Entry(self.key, ActivityKind.COURSE.value, course, home, 0, course.content_language)]
        taken = {self.sight.path(step.pages[language]) for step in self.steps if language in step.pages}
        lessons = 0
        for position, step in enumerate(self.steps, start=1):
            page = step.pages.get(language) or step.page
            if language in step.pages:
                path = self.sight.path(page)
            else:
                path = f"{home}{page.slug}/"
                if path in taken:
                    path = f"{home}{page.slug}-{page.content_language}/"
                taken.add(path)
            entry = Entry(step.key, page.activity_kind.value, page, path, position, page.content_language)
            if entry.kind == ActivityKind.LESSON:
                lessons += 1
                entry.number = lessons
            result.append(entry)
        return result


def outline_of(course_key: UUID, sight: Sight | None = None) -> Outline | None:
    """The course as it is in sight now, or None where it is in sight in no language."""
    sight = sight or Sight()
    courses = CoursePage.objects.filter(translation_key=course_key, live=True).select_related(
        "locale", "alias_of__locale"
    )
    pages = {page.locale.language_code: page for page in courses if sight.allows(page)}
    if not pages:
        return None
    outline = Outline(course_key, sight, pages)
    steps: dict[UUID, Step] = {}
    for code in LANGUAGES:
        if code not in pages:
            continue
        for child in live_parts(pages[code], sight):
            step = steps.setdefault(child.translation_key, Step(child.translation_key, {}))
            step.pages[code] = child
    outline.steps = list(steps.values())
    return outline


def live_parts(course: CoursePage, sight: Sight) -> list[ActivityPage]:
    children = course.get_children().live().order_by("path").specific()
    return [child for child in children if isinstance(child, ActivityPage) and sight.allows(child)]
