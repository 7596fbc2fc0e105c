"""The reader of the starter courses: what it makes of the format, what it refuses, the files there are."""

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from training.starter.reader import StarterError, read_course, read_lesson, read_quiz

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "training/starter"
DRAWINGS = ROOT / "static/drawings"

LESSON = """\
# Why `gov.vn` matters
minutes: 5
summary: One sentence.
review: 2027-05-22
objectives:
- Tell one address from another
- Report what is odd
law:
- Luật số 116/2025/QH15
---
## Read & think

A paragraph with **bold**, *italic* and `an.address.example`,
which goes on; 2 < 3 & so on.

- first **item**
- second

1. one
2. two

::: drawing three-pillars.svg
alt: A house on posts.
caption: One sentence.
:::

::: callout warn
title: Chú ý: đọc kỹ
First.

Second.
:::

::: steps
1. Open `a.example`
2. **Stop**
:::

::: accordion
title: Question the reader can skip
Text.
:::

::: compare
right: Nên làm
- Read `a.example`
- Ask
wrong: Không nên
- Hurry
:::

::: check multiple
id: A1-c1
Which are right?
[x] This
[ ] `that.example`
[x] These
why: Because.
:::
After.
"""

QUIZ = """\
# Bài kiểm tra cuối khóa
minutes: 15
pass_mark: 80
attempts: 3
mode: assessed
---
::: question single
id: A1-1
Which?
[ ] This
[x] That
why: Because.
:::

::: question true_false
id: A1-2
Is it?
[x] Đúng
[ ] Sai
why: It is.
:::
"""

COURSE = """\
# A course
code: ATTT-01
audience: Cán bộ xã
minutes: 44
summary: One sentence.
review: 2027-05-22
objectives:
- One
law:
- Two
---
First.

Second **here**.
"""


def line_of(text, wanted):
    return next(n for n, line in enumerate(text.split("\n"), 1) if wanted in line)


@pytest.fixture
def written(tmp_path):
    folder = tmp_path / "attt-01/vi"
    folder.mkdir(parents=True)

    def write(text, name="01-a-lesson.txt"):
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_lesson_becomes_a_head_and_blocks(written):
    lesson = read_lesson(written(LESSON))
    assert (lesson.number, lesson.slug, lesson.title) == (1, "a-lesson", "Why gov.vn matters")
    assert (lesson.minutes, lesson.summary, lesson.review) == (5, "One sentence.", date(2027, 5, 22))
    assert lesson.objectives == ["Tell one address from another", "Report what is odd"]
    assert lesson.law == ["Luật số 116/2025/QH15"]
    assert lesson.body == [
        ("heading", "Read & think"),
        (
            "text",
            "<p>A paragraph with <b>bold</b>, <i>italic</i> and <code>an.address.example</code>, "
            "which goes on; 2 &lt; 3 &amp; so on.</p>"
            "<ul><li>first <b>item</b></li><li>second</li></ul><ol><li>one</li><li>two</li></ol>",
        ),
        (
            "drawing",
            {"drawing": "attt-01/three-pillars.svg", "alt": "A house on posts.", "caption": "One sentence."},
        ),
        ("callout", {"kind": "warn", "title": "Chú ý: đọc kỹ", "text": "<p>First.</p><p>Second.</p>"}),
        ("steps", ["Open <code>a.example</code>", "<b>Stop</b>"]),
        ("accordion", {"title": "Question the reader can skip", "text": "<p>Text.</p>"}),
        (
            "comparison",
            {
                "right_title": "Nên làm",
                "right": ["Read a.example", "Ask"],
                "wrong_title": "Không nên",
                "wrong": ["Hurry"],
            },
        ),
        (
            "check",
            {
                "id": "A1-c1",
                "type": "multiple",
                "text": "Which are right?",
                "options": [
                    {"text": "This", "correct": True},
                    {"text": "that.example", "correct": False},
                    {"text": "These", "correct": True},
                ],
                "explanation": "Because.",
            },
        ),
        ("text", "<p>After.</p>"),
    ]


def test_a_quiz_becomes_a_head_and_questions_of_one_point(written):
    quiz = read_quiz(written(QUIZ, "quiz.txt"))
    assert (quiz.title, quiz.minutes) == ("Bài kiểm tra cuối khóa", 15)
    assert (quiz.pass_mark, quiz.attempts, quiz.mode) == (80, 3, "assessed")
    assert [(q["id"], q["type"], q["points"]) for q in quiz.questions] == [
        ("A1-1", "single", 1),
        ("A1-2", "true_false", 1),
    ]
    options = [(option["text"], option["correct"]) for option in quiz.questions[0]["options"]]
    assert options == [("This", False), ("That", True)]


def test_a_course_becomes_a_head_and_paragraphs(written):
    course = read_course(written(COURSE, "course.txt"))
    assert (course.code, course.audience, course.minutes) == ("ATTT-01", "Cán bộ xã", 44)
    assert course.body == "<p>First.</p><p>Second <b>here</b>.</p>"


def test_a_file_from_windows_reads_the_same(written):
    assert read_lesson(written(LESSON.replace("\n", "\r\n"))) == read_lesson(written(LESSON))


LESSON_FAULTS = [
    # what is replaced, by what, the line refused (by what stands in it), part of the reason
    ("# Why `gov.vn` matters", "Why", "Why", "first line is the title"),
    ("# Why `gov.vn` matters", "# Why **now**", "# Why", "plain text"),
    ("# Why `gov.vn` matters", "# Why `now", "# Why", "backquote"),
    ("minutes: 5", "minutes: five", "minutes", "whole number"),
    ("minutes: 5", "minutes: 0", "minutes", "whole number"),
    ("minutes: 5", "minutes: 5\nminutes: 6", "minutes: 6", "second time"),
    ("minutes: 5", "lenght: 5", "lenght", "the head knows"),
    ("minutes: 5", "minutes: 5\nmore or less", "more or less", "the head knows"),
    ("minutes: 5\n", "", "116/2025", "minutes is missing"),
    ("summary: One sentence.", "summary:", "summary", "nothing here"),
    ("review: 2027-05-22", "review: 22/5/2027", "review", "is a date"),
    ("review: 2027-05-22", "review: 2027-02-30", "review", "is a date"),
    ("objectives:\n", "objectives: many\n", "objectives", "is a list"),
    ("- Luật số 116/2025/QH15\n", "", "law:", "missing or empty"),
    ("\n---\n", "\n", "After.", "no line ---"),
    ("## Read & think", "# Read", "# Read", "one kind of heading"),
    ("## Read & think", "### Read", "### Read", "one kind of heading"),
    ("**bold**", "**bold", "**bold", "asterisk"),
    ("`an.address.example`", "`an.address.example", "an.address", "backquote"),
    ("*italic*", "[a link](https://a.example)", "a link", "links and HTML"),
    ("*italic*", "<b>bold</b>", "<b>", "links and HTML"),
    ("which goes on", "> which goes on", "> which", "does not know"),
    ("which goes on", "* which goes on", "* which", "does not know"),
    ("which goes on", "- which goes on", "- which", "parts a paragraph from a list"),
    ("- second\n", "second\n", "second", "parts a paragraph from a list"),
    ("2. two", "3. two", "3. two", "'2. …'"),
    ("2. **Stop**", "4. **Stop**", "4. **Stop**", "'2. …'"),
    ("1. Open", "Open", "Open", "'1. …'"),
    ("which goes on", "  which goes on", "which goes on", "space at the start"),
    ("so on.\n", "so on. \n", "so on.", "space at the start or end"),
    ("::: drawing three-pillars.svg", "::: drawing", "::: drawing", "named by its file"),
    ("three-pillars.svg", "../three-pillars.svg", "three-pillars", "named by its file"),
    ("three-pillars.svg", "three-pillars.png", "three-pillars", "named by its file"),
    ("alt: A house on posts.\n", "", "::: drawing", "two lines"),
    ("alt: A house", "altt: A house", "altt", "'alt: …'"),
    ("alt: A house on posts.", "alt:", "alt:", "nothing here"),
    ("::: callout warn", "::: callout danger", "::: callout", "info, tip, warn"),
    ("::: callout warn", "::: callout", "::: callout", "info, tip, warn"),
    ("title: Chú ý: đọc kỹ\n", "", "First.", "'title: …'"),
    ("First.\n\nSecond.\n", "", "::: callout", "there is no text"),
    ("First.\n", "## First\n", "## First", "does not know"),
    ("::: steps\n", "::: steps 3\n", "::: steps", "nothing goes with the name"),
    ("::: steps\n", ":::steps\n", ":::steps", "a block opens like"),
    ("::: steps\n", "::: stairs\n", "::: stairs", "no block is called"),
    ("::: steps\n", "::: question single\n", "::: question", "no block is called"),
    ("2. **Stop**\n:::\n", "2. **Stop**\n", "::: accordion", "is not closed"),
    ("why: Because.\n:::\n", "why: Because.\n", "::: check", "is not closed"),
    ("1. Open `a.example`\n2. **Stop**\n", "", "::: steps", "is empty"),
    ("wrong: Không nên\n- Hurry\n", "", "::: compare", "two sides"),
    ("right: Nên làm\n- Read `a.example`\n- Ask\n", "", "::: compare", "two sides"),
    ("- Hurry\n", "", "wrong:", "nothing under wrong"),
    ("- Hurry\n", "Hurry\n", "Hurry", "is a list"),
    ("- Hurry\n", "- **Hurry**\n", "- **Hurry", "plain text"),
    ("::: check multiple", "::: check", "::: check", "single, multiple, true_false"),
    ("::: check multiple", "::: check some", "::: check", "single, multiple, true_false"),
    ("::: check multiple", "::: check single", "::: check", "2 right options in a single"),
    ("::: check multiple", "::: check true_false", "::: check", "2 to 2 options"),
    ("id: A1-c1\n", "", "Which", "'id: …'"),
    ("id: A1-c1", "id: c1", "id: c1", "is not like"),
    ("id: A1-c1", "id: A1-1", "id: A1-1", "is not like"),
    ("Which are right?\n", "", "::: check", "text of the question"),
    ("Which are right?", "Which are **right**?", "Which", "plain text"),
    ("[x] This\n[ ] `that.example`\n[x] These\n", "", "::: check", "and options"),
    ("[x] This", "[X] This", "[X] This", "neither '[ ] ' nor '[x] '"),
    ("[x] This", "[]This", "[]This", "neither '[ ] ' nor '[x] '"),
    ("[x] These", "[X] These", "[X] These", "options only"),
    ("[ ] `that.example`", "- that", "- that", "options only"),
    ("[x] These", "[x] This", "::: check", "all different"),
    ("[ ] `that.example`\n[x] These\n", "", "::: check", "2 to 8 options"),
    ("[x] These\n", "".join(f"[ ] {n}\n" for n in range(7)), "::: check", "2 to 8 options"),
    ("why: Because.\n", "", "[x] These", "'why: …'"),
    ("why: Because.", "why: Because.\nAnd more.", "why: Because.", "and why: last"),
    ("why: Because.", "why: Phương án B sai.", "why:", "by its letter"),
    ("why: Because.", "why: Option C is wrong.", "why:", "by its letter"),
    ("đọc kỹ", unicodedata.normalize("NFD", "đọc kỹ"), "Chú ý", "not NFC"),
]


@pytest.mark.parametrize(("old", "new", "at", "reason"), LESSON_FAULTS)
def test_what_does_not_fit_a_lesson_is_refused_with_file_line_and_reason(written, old, new, at, reason):
    assert LESSON.count(old) >= 1
    text = LESSON.replace(old, new, 1)
    path = written(text)
    with pytest.raises(StarterError) as caught:
        read_lesson(path)
    assert reason in caught.value.reason
    assert caught.value.line == line_of(text, at)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}: ")


QUIZ_FAULTS = [
    ("pass_mark: 80", "pass_mark: 101", "pass_mark", "percentage"),
    ("pass_mark: 80", "pass_mark: 80%", "pass_mark", "whole number"),
    ("attempts: 3\n", "", "mode:", "attempts is missing"),
    ("mode: assessed", "mode: exam", "mode", "assessed or practice"),
    ("mode: assessed", "mode: assessed\nreview: 2027-05-22", "review", "the head knows"),
    ("id: A1-2", "id: A1-1", "id: A1-1", "second time"),
    ("id: A1-2", "id: A1-c2", "A1-c2", "is not like"),
    ("::: question true_false", "::: check true_false", "::: check", "question blocks only"),
    ("::: question true_false", "Text.\n\n::: question true_false", "Text.", "question blocks only"),
    ("[x] Đúng", "[ ] Đúng", "::: question true_false", "0 right options"),
    ("[x] Đúng", "[ ] Maybe\n[x] Đúng", "::: question true_false", "2 to 2 options"),
]


@pytest.mark.parametrize(("old", "new", "at", "reason"), QUIZ_FAULTS)
def test_what_does_not_fit_a_quiz_is_refused_with_file_line_and_reason(written, old, new, at, reason):
    text = QUIZ.replace(old, new, 1)
    with pytest.raises(StarterError) as caught:
        read_quiz(written(text, "quiz.txt"))
    assert reason in caught.value.reason
    # Of two lines that contradict each other, the later one is named.
    assert caught.value.line == max(n for n, line in enumerate(text.split("\n"), 1) if at in line)


def test_a_quiz_without_questions_is_refused(written):
    with pytest.raises(StarterError, match="quiz.txt:6: a quiz without questions"):
        read_quiz(written(QUIZ[: QUIZ.index(":::")], "quiz.txt"))


@pytest.mark.parametrize("added", ["## Heading", "::: steps"])
def test_a_course_is_described_in_paragraphs_only(written, added):
    with pytest.raises(StarterError, match="course.txt:15: .*no headings"):
        read_course(written(COURSE + added + "\n", "course.txt"))


@pytest.mark.parametrize("name", ["1-a.txt", "01-Bài.txt", "01-a_b.txt", "01-a--b.txt", "01.txt", "01-a.md"])
def test_a_lesson_with_another_kind_of_file_name_is_refused(written, name):
    with pytest.raises(StarterError, match="file name"):
        read_lesson(written(LESSON, name))


def test_bytes_that_are_not_utf8_are_refused_with_their_line(written):
    with pytest.raises(StarterError, match="01-a-lesson.txt:3: not UTF-8"):
        read_lesson(written(LESSON.encode().replace(b"One sentence.", b"\xff", 1)))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"---\n", b"\xef\xbb\xbf# Title\n---\n"])
def test_a_file_with_nothing_to_read_is_refused(written, content):
    with pytest.raises(StarterError):
        read_lesson(written(content))


# From here on: the files that are there.

FILES = sorted(STARTER.glob("*/*/*.txt"))
LESSONS = [path for path in FILES if path.name not in ("course.txt", "quiz.txt")]
FOLDERS = sorted({path.parent for path in FILES})
FETCHING_OR_ACTING = {"script", "style", "foreignObject", "image", "a", "set", "animate", "animateTransform"}
SVG = "{http://www.w3.org/2000/svg}"


def short(path):
    return path.relative_to(STARTER).as_posix()


def read(path):
    reader = {"course.txt": read_course, "quiz.txt": read_quiz}.get(path.name, read_lesson)
    return reader(path)


def read_words(value):
    """What a reader of the lesson reads; not the alt texts, which replace the pictures."""
    if isinstance(value, str):
        return re.sub(r"<[^>]+>", " ", value).split()
    if isinstance(value, dict):
        value = [part for key, part in value.items() if key not in ("drawing", "alt", "kind")]
    return [word for part in value for word in read_words(part)]


@pytest.mark.parametrize("path", FILES, ids=short)
def test_every_starter_file_parses(path):
    assert read(path).title


@pytest.mark.parametrize("path", LESSONS, ids=short)
def test_every_lesson_has_a_length_for_one_sitting(path):
    body = [value for kind, value in read_lesson(path).body if kind != "check"]
    assert 350 <= len(read_words(body)) <= 700


@pytest.mark.parametrize("path", FILES, ids=short)
def test_nothing_is_taught_that_still_has_to_be_looked_up(path):
    """What the notes mark as unproved or perhaps out of date: numbers to call, decrees known from the press, counts."""
    text = path.read_text(encoding="utf-8")
    unproved = ["[KT]", "5656", "03/2014/TT-BTTTT", "310/2026", "4.306", "4,306", "3.000 hòm", "3,000 mailboxes"]
    assert not [words for words in unproved if words in text]


@pytest.mark.parametrize("path", LESSONS, ids=short)
def test_every_lesson_has_one_check_and_its_id_names_the_lesson(path):
    lesson = read_lesson(path)
    checks = [value for kind, value in lesson.body if kind == "check"]
    assert len(checks) == 1
    assert re.fullmatch(rf"[A-Z]{lesson.number}-c1", checks[0]["id"])


@pytest.mark.parametrize("path", LESSONS, ids=short)
def test_every_lesson_has_a_drawing_that_is_there_small_and_inert(path):
    drawings = [value["drawing"] for kind, value in read_lesson(path).body if kind == "drawing"]
    assert drawings
    for drawing in drawings:
        data = (DRAWINGS / drawing).read_bytes()
        assert len(data) <= 5000
        # A declared entity or a style sheet could fetch something, or hide what does.
        assert not re.search(rb"<!DOCTYPE|<!ENTITY|<\?xml-|url\(|@import|javascript:|data:", data, re.I)
        root = ElementTree.fromstring(data)
        assert root.tag == f"{SVG}svg"
        assert root.find(f"{SVG}title").text
        for element in root.iter():
            assert element.tag.startswith(SVG)
            assert element.tag.removeprefix(SVG) not in FETCHING_OR_ACTING
            for name, value in element.attrib.items():
                assert not name.lower().startswith("on")
                assert "//" not in value
                assert "href" not in name.lower() or value.startswith("#")


@pytest.mark.parametrize("folder", FOLDERS, ids=short)
def test_the_lessons_of_a_course_count_from_one_and_no_id_or_slug_comes_twice(folder):
    lessons = [read_lesson(path) for path in LESSONS if path.parent == folder]
    assert [lesson.number for lesson in lessons] == list(range(1, len(lessons) + 1))
    ids = Counter(value["id"] for lesson in lessons for kind, value in lesson.body if kind == "check")
    ids.update(question["id"] for question in read_quiz(folder / "quiz.txt").questions)
    assert ids
    assert max(ids.values()) == 1
    assert len({lesson.slug for lesson in lessons}) == len(lessons)


def questions_of(path):
    if path.name == "quiz.txt":
        return read_quiz(path).questions
    return [value for kind, value in read_lesson(path).body if kind == "check"]


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "course.txt"], ids=short)
def test_true_stands_before_false(path):
    """A quiz page keeps of such a question only whether it is true, and takes that from the first option."""
    for question in questions_of(path):
        if question["type"] == "true_false":
            texts = [option["text"] for option in question["options"]]
            assert texts == {"vi": ["Đúng", "Sai"], "en": ["True", "False"]}[path.parent.name]


def vietnamese_of(path):
    """The same lesson or quiz: slugs may be translated, numbers are the same."""
    start = "quiz" if path.name == "quiz.txt" else path.name[:3]
    return next((path.parent.parent / "vi").glob(f"{start}*.txt"), None)


TRANSLATED = [path for path in FILES if path.parent.name != "vi" and path.name != "course.txt"]


@pytest.mark.parametrize("path", TRANSLATED, ids=short)
def test_a_translation_asks_the_same_questions_with_the_same_right_answers(path):
    original = vietnamese_of(path)
    assert original, "a translation of nothing"

    def identity(question):
        return question["id"], question["type"], [option["correct"] for option in question["options"]]

    assert [identity(q) for q in questions_of(path)] == [identity(q) for q in questions_of(original)]


@pytest.mark.parametrize("path", [path for path in TRANSLATED if path.name != "quiz.txt"], ids=short)
def test_a_translation_is_built_like_the_original(path):
    lesson, original = read_lesson(path), read_lesson(vietnamese_of(path))
    assert (lesson.minutes, lesson.review) == (original.minutes, original.review)
    assert [v["drawing"] for k, v in lesson.body if k == "drawing"] == [
        v["drawing"] for k, v in original.body if k == "drawing"
    ]
