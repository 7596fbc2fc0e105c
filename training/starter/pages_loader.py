"""Turns the starter courses' text files into published Wagtail pages.

Called by load_demo, and by set_up_site for the home page. Loading again leaves what is there alone: from then on the
pages belong to the trainers.
"""

import uuid
from dataclasses import dataclass
from pathlib import Path

from wagtail.models import Locale, Page, Site

from courses.models import CataloguePage, CoursePage, LessonPage
from courses.models.pages import LegalBasis, Objective
from quizzes.models import QuizPage
from training.starter import reader

FOLDER = Path(__file__).parent
#: The starter courses, in the order of the catalogue.
COURSES = ["attt-01", "kns-01", "cks-01"]
#: The identities of the starter questions are derived from their ids, so that every installation has the same.
QUESTIONS = uuid.UUID("6d0f7c2e-94a1-4c6b-8f0e-2f4f5b1f3a10")
CATALOGUE = {
    "vi": (
        "Trang chủ",
        "Học trên điện thoại, cả khi không có sóng. Kết quả được lưu trên máy và tự gửi khi có mạng.",
    ),
    "en": (
        "Home",
        "Study on your phone, also without signal. Results are kept on the phone and sent when there is a network.",
    ),
}


def load_catalogue() -> CataloguePage:
    """The home page in both languages, as the site's root; what Wagtail's own first migration put there goes."""
    vietnamese, _ = Locale.objects.get_or_create(language_code="vi")
    english, _ = Locale.objects.get_or_create(language_code="en")
    existing = CataloguePage.objects.filter(locale=vietnamese).first()
    if existing:
        return existing
    root = Page.get_first_root_node()
    title, introduction = CATALOGUE["vi"]
    home = CataloguePage(title=title, slug="trang-chu", introduction=introduction, locale=vietnamese)
    root.add_child(instance=home)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True, hostname="localhost")
    site.root_page, site.site_name, site.port = home, "Bồi dưỡng cán bộ", site.port or 80
    site.save()
    Page.objects.filter(depth=2, slug="home").exclude(pk=home.pk).delete()
    home.save_revision().publish()
    title, introduction = CATALOGUE["en"]
    translated = home.copy_for_translation(english)
    translated.title, translated.slug, translated.introduction = title, "home-en", introduction
    translated.save_revision().publish()
    return home


def _questions(questions: list) -> list[dict]:
    blocks = []
    for question in questions:
        value = {
            "question": str(uuid.uuid5(QUESTIONS, question["id"])),
            "text": question["text"],
            "points": question.get("points", 1),
            "explanation": question["explanation"],
        }
        if question["type"] == "true_false":
            value["is_true"] = question["options"][0]["correct"]
        else:
            value["options"] = question["options"]
        blocks.append({"type": question["type"], "value": value})
    return blocks


def _body(blocks: list) -> list[dict]:
    return [
        {
            "type": kind,
            "value": {k: v for k, v in value.items() if k != "id"} if isinstance(value, dict) else value,
        }
        for kind, value in blocks
    ]


def _fill_lesson(page: LessonPage, lesson) -> None:
    page.title, page.slug = lesson.title, lesson.slug
    page.summary, page.minutes, page.review_on = lesson.summary, lesson.minutes, lesson.review
    page.body = _body(lesson.body)
    page.objectives = [Objective(text=text, sort_order=n) for n, text in enumerate(lesson.objectives)]
    page.legal_bases = [LegalBasis(text=text, sort_order=n) for n, text in enumerate(lesson.law)]


def _fill_quiz(page: QuizPage, quiz) -> None:
    page.title, page.minutes = quiz.title, quiz.minutes
    page.pass_mark, page.attempts_allowed, page.mode = quiz.pass_mark, quiz.attempts, quiz.mode
    page.questions = _questions(quiz.questions)


def _fill_course(page: CoursePage, course) -> None:
    page.title, page.code, page.audience = course.title, course.code, course.audience
    page.summary, page.about = course.summary, course.body
    page.is_draft_content = True


@dataclass
class Content:
    """Everything one language of a course's folder holds."""

    course: reader.Course
    lessons: list[reader.Lesson]
    quiz: reader.Quiz


def read(folder: str, language: str) -> Content:
    place = FOLDER / folder / language
    return Content(
        course=reader.read_course(place / "course.txt"),
        lessons=[reader.read_lesson(path) for path in sorted(place.glob("[0-9][0-9]-*.txt"))],
        quiz=reader.read_quiz(place / "quiz.txt"),
    )


def load_course(home: CataloguePage, folder: str) -> CoursePage:
    """The course of the folder, its lessons and its final quiz, in every language it has; published in one go.

    Children are published before the course, so that the course's first edition is the whole course.
    """
    existing = CoursePage.objects.filter(slug=folder, locale=home.locale).first()
    if existing:
        return existing
    content = read(folder, "vi")
    page = CoursePage(slug=folder, locale=home.locale, live=False)
    _fill_course(page, content.course)
    home.add_child(instance=page)
    children = []
    for lesson in content.lessons:
        child = LessonPage(locale=home.locale, live=False)
        _fill_lesson(child, lesson)
        page.add_child(instance=child)
        children.append(child)
    quiz = QuizPage(locale=home.locale, slug="bai-kiem-tra", live=False)
    _fill_quiz(quiz, content.quiz)
    page.add_child(instance=quiz)
    for child in [*children, quiz, page]:
        child.save_revision().publish()
    if (FOLDER / folder / "en").is_dir():
        _translate(page, children, quiz, read(folder, "en"))
    return page


def _translate(page: CoursePage, lessons: list[LessonPage], quiz: QuizPage, content: Content) -> None:
    english = Locale.objects.get(language_code="en")
    copied = page.copy_for_translation(english)
    ready = []
    for source, lesson in zip(lessons, content.lessons, strict=True):
        child = source.copy_for_translation(english)
        _fill_lesson(child, lesson)
        ready.append(child)
    child = quiz.copy_for_translation(english)
    _fill_quiz(child, content.quiz)
    child.slug = "final-quiz"
    # Read again: the copy in hand doesn't know of its children, and saving it would make the tree forget them.
    translated = CoursePage.objects.get(pk=copied.pk)
    slug = translated.slug
    _fill_course(translated, content.course)
    translated.slug = slug
    for item in [*ready, child, translated]:
        item.save_revision().publish()
