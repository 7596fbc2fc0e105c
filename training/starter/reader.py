"""Reads the starter courses: text files in the format of FORMAT.md, into plain dataclasses.

Called by the load_demo command, which makes pages of what comes out, and by tests/starter. It knows nothing
of Django or Wagtail; a lesson's `body` is only shaped so that a StreamField takes it. What does not fit is
refused with file, line and reason: a lesson that loads with a paragraph missing is worse than none.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn

FILE_NAME = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)\.txt")
FIELD = re.compile(r"([a-z_]+):(?: +(.*))?")
OPENING = re.compile(r"::: ([a-z]+)(?: (\S+))?")
OPTION = re.compile(r"\[([ x])\] (.+)")
NUMBERED = re.compile(r"(\d+)\. (.+)")
DRAWING_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.svg")
ID_OF = {"check": re.compile(r"[A-Z]\d+-c\d+"), "question": re.compile(r"[A-Z]\d+-\d+")}
# Options are shuffled where they are shown, so "option B" would name another one for each reader.
NAMES_AN_OPTION = re.compile(r"(?i:\b(?:phương án|đáp án|câu|ý|option|answer|choice)) [A-H]\b")

CALLOUTS = ("info", "tip", "warn")
QUESTION_TYPES = ("single", "multiple", "true_false")
MODES = ("assessed", "practice")
MOST_OPTIONS = 8

Line = tuple[int, str]


class StarterError(ValueError):
    def __init__(self, path: Path, line: int, reason: str):
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


@dataclass(frozen=True)
class _Described:
    title: str
    minutes: int
    summary: str
    review: date
    objectives: list[str]
    law: list[str]


@dataclass(frozen=True)
class Lesson(_Described):
    number: int
    slug: str
    body: list[tuple[str, Any]]  # as a StreamField takes it: block name, raw value


@dataclass(frozen=True)
class Course(_Described):
    code: str
    audience: str
    body: str  # HTML


@dataclass(frozen=True)
class Quiz:
    title: str
    minutes: int
    pass_mark: int
    attempts: int
    mode: str
    questions: list[dict[str, Any]]


def read_lesson(path: Path) -> Lesson:
    name = FILE_NAME.fullmatch(path.name)
    if not name:
        raise StarterError(path, 1, "a lesson's file name is two digits and an ASCII slug: 01-what-it-is.txt")
    file = _File(path)
    head = file.read_head(minutes=int, summary=str, review=date, objectives=list, law=list)
    body = list(_read_blocks(file))
    return Lesson(number=int(name[1]), slug=name[2], body=body, **head)


def read_course(path: Path) -> Course:
    file = _File(path)
    about = {"code": str, "audience": str, "minutes": int, "summary": str, "review": date}
    head = file.read_head(**about, objectives=list, law=list)
    for line, text in file.body:
        if text.startswith(("#", ":::")):
            file.refuse(line, "a course is described in paragraphs: no headings, no blocks")
    return Course(body=_read_prose(file, file.body), **head)


def read_quiz(path: Path) -> Quiz:
    file = _File(path)
    head = file.read_head(minutes=int, pass_mark=int, attempts=int, mode=str)
    if head["pass_mark"] > 100:
        file.refuse(file.line_of["pass_mark"], f"pass_mark is a percentage, not {head['pass_mark']}")
    if head["mode"] not in MODES:
        file.refuse(file.line_of["mode"], f"mode is assessed or practice, not {head['mode']!r}")
    questions = []
    for line, text, block in _split(file):
        if block is None or block.kind != "question":
            file.refuse(line, f"after its head a quiz holds ::: question blocks only, not {text!r}")
        questions.append({**_read_question(file, block), "points": 1})
    if not questions:
        file.refuse(file.end, "a quiz without questions")
    return Quiz(questions=questions, **head)


@dataclass(frozen=True)
class _Block:
    line: int
    kind: str
    argument: str | None
    content: list[Line]


class _File:
    """One file as numbered lines, head and body apart."""

    def __init__(self, path: Path):
        self.path = path
        self.line_of: dict[str, int] = {}  # each field of the head, each id
        data = path.read_bytes()
        try:
            text = data.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            self.refuse(data.count(b"\n", 0, error.start) + 1, "not UTF-8")
        lines = list(enumerate(text.split("\n"), 1))
        for number, line in lines:
            if not unicodedata.is_normalized("NFC", line):
                self.refuse(number, "not NFC: an accent stands apart from its letter")
            if line != line.strip():
                self.refuse(number, "space at the start or end of the line")
        self.end = max((number for number, line in lines if line), default=1)
        rule = next((n for n, (_, line) in enumerate(lines) if line == "---"), None)
        if rule is None:
            self.refuse(self.end, "no line --- between head and body")
        self.head, self.body = lines[:rule], lines[rule + 1 :]

    def refuse(self, line: int, reason: str) -> NoReturn:
        raise StarterError(self.path, line, reason)

    def remember(self, name: str, line: int) -> None:
        if name in self.line_of:
            self.refuse(line, f"{name} a second time; the first is in line {self.line_of[name]}")
        self.line_of[name] = line

    def read_head(self, **fields: type) -> dict[str, Any]:
        """The title and exactly these fields, none of them empty."""
        number, text = self.head[0] if self.head else (1, "")
        if not text.startswith("# "):
            self.refuse(number, "the first line is the title: # Title")
        head: dict[str, Any] = {"title": _plain(self, number, text[2:])}
        items: list[str] | None = None  # of the list being read
        for number, text in self.head[1:]:
            if items is not None and text.startswith("- "):
                items.append(_plain(self, number, text[2:]))
                continue
            items = None
            field = FIELD.fullmatch(text)
            if not field or field[1] not in fields:
                self.refuse(number, f"the head knows {', '.join(fields)}; not {text!r}")
            name, value = field[1], field[2] or ""
            self.remember(name, number)
            if fields[name] is list:
                if value:
                    self.refuse(number, f"{name} is a list: one item a line below it, starting with '- '")
                head[name] = items = []
            elif fields[name] is int:
                if not re.fullmatch(r"[1-9]\d*", value, re.ASCII):
                    self.refuse(number, f"{name} is a whole number from 1, not {value!r}")
                head[name] = int(value)
            elif fields[name] is date:
                try:
                    head[name] = date.fromisoformat(value)
                except ValueError:
                    self.refuse(number, f"{name} is a date like 2027-05-22, not {value!r}")
            else:
                head[name] = _plain(self, number, value)
        for name in fields:
            if not head.get(name):
                self.refuse(self.line_of.get(name, self.head[-1][0]), f"{name} is missing or empty")
        return head


def _split(file: _File) -> Iterator[tuple[int, str, _Block | None]]:
    """The lines that say something, in order; the line that opens a block comes with the whole block."""
    lines = iter(file.body)
    for number, text in lines:
        if not text.startswith(":::"):
            if text:
                yield number, text, None
            continue
        opening = OPENING.fullmatch(text)
        if not opening:
            file.refuse(number, f"a block opens like '::: steps', not {text!r}")
        content: list[Line] = []
        for line in lines:
            if line[1] == ":::":
                break
            if line[1].startswith(":::"):
                file.refuse(line[0], f"the block opened in line {number} is not closed")
            content.append(line)
        else:
            file.refuse(number, "the block is not closed")
        if not any(text for _, text in content):
            file.refuse(number, "the block is empty")
        yield number, text, _Block(number, opening[1], opening[2], content)


def _read_blocks(file: _File) -> Iterator[tuple[str, Any]]:
    prose: list[Line] = []
    for number, text, block in _split(file):
        if block is None and not text.startswith("#"):
            # What stood between two lines of prose was at most empty lines, which end a paragraph.
            if prose and prose[-1][0] != number - 1:
                prose.append((number - 1, ""))
            prose.append((number, text))
            continue
        if prose:
            yield "text", _read_prose(file, prose)
            prose = []
        if block is None:
            if not text.startswith("## "):
                file.refuse(number, "there is one kind of heading: ## Heading")
            yield "heading", _plain(file, number, text[3:])
        elif block.kind not in READERS:
            file.refuse(number, f"no block is called {block.kind!r} here")
        elif block.argument and block.kind not in WITH_ARGUMENT:
            file.refuse(number, f"nothing goes with the name of this block: {block.argument}")
        else:
            name, reader = READERS[block.kind]
            yield name, reader(file, block)
    if prose:
        yield "text", _read_prose(file, prose)


def _read_drawing(file: _File, block: _Block) -> dict[str, str]:
    if not block.argument or not DRAWING_NAME.fullmatch(block.argument):
        file.refuse(block.line, "a drawing is named by its file: ::: drawing three-pillars.svg")
    if len(block.content) != 2:
        file.refuse(block.line, "a drawing has two lines: alt and caption")
    return {
        "drawing": f"{file.path.resolve().parent.parent.name}/{block.argument}",
        "alt": _read_field(file, block.content[0], "alt"),
        "caption": _read_field(file, block.content[1], "caption"),
    }


def _read_callout(file: _File, block: _Block) -> dict[str, str]:
    if block.argument not in CALLOUTS:
        file.refuse(block.line, f"a callout is one of {', '.join(CALLOUTS)}, not {block.argument}")
    return {"kind": block.argument, **_read_accordion(file, block)}


def _read_accordion(file: _File, block: _Block) -> dict[str, str]:
    title, *text = block.content
    return {"title": _read_field(file, title, "title"), "text": _read_prose(file, text, block.line)}


def _read_steps(file: _File, block: _Block) -> list[str]:
    return [_inline(file, line, step) for line, step in _numbered(file, block.content)]


def _read_comparison(file: _File, block: _Block) -> dict[str, Any]:
    wrong_at = next((n for n, (_, text) in enumerate(block.content) if text.startswith("wrong:")), 0)
    if wrong_at == 0:
        file.refuse(block.line, "a comparison has two sides, right: and then wrong:")
    value: dict[str, Any] = {}
    for side, lines in (("right", block.content[:wrong_at]), ("wrong", block.content[wrong_at:])):
        value[f"{side}_title"] = _read_field(file, lines[0], side)
        for line, text in lines[1:]:
            if not text.startswith("- "):
                file.refuse(line, "each side of a comparison is a list, without empty lines")
        value[side] = [_plain(file, line, text[2:]) for line, text in lines[1:]]
        if not value[side]:
            file.refuse(lines[0][0], f"nothing under {side}")
    return value


def _read_question(file: _File, block: _Block) -> dict[str, Any]:
    """The lines come in one order: id, text, options, why."""
    if block.argument not in QUESTION_TYPES:
        file.refuse(block.line, f"a {block.kind} is one of {', '.join(QUESTION_TYPES)}, not {block.argument}")
    content = [line for line in block.content if line[1]]
    identity = _read_field(file, content[0], "id")
    if not ID_OF[block.kind].fullmatch(identity):
        file.refuse(content[0][0], f"the id {identity!r} is not like {ID_OF[block.kind].pattern}")
    file.remember(identity, content[0][0])
    first_option = next((n for n, (_, part) in enumerate(content) if OPTION.fullmatch(part)), 0)
    if first_option < 2:
        file.refuse(block.line, "after the id come the text of the question and options: '[ ] ' or '[x] '")
    for line, part in content[1:first_option]:
        if part.startswith("["):
            file.refuse(line, "neither '[ ] ' nor '[x] ' with the text of an option")
    text = " ".join(_plain(file, line, part) for line, part in content[1:first_option])
    options = []
    for line, option_text in content[first_option:-1]:
        option = OPTION.fullmatch(option_text)
        if not option:
            file.refuse(line, "after the first option come options only, one a line, and why: last")
        options.append({"text": _plain(file, line, option[2]), "correct": option[1] == "x"})
    why = _read_field(file, content[-1], "why")
    if NAMES_AN_OPTION.search(why):
        file.refuse(content[-1][0], "the explanation names an option by its letter, but options are shuffled")
    most = 2 if block.argument == "true_false" else MOST_OPTIONS
    if not 2 <= len(options) <= most or len({option["text"] for option in options}) != len(options):
        file.refuse(block.line, f"a {block.argument} question has 2 to {most} options, all different")
    right = sum(option["correct"] for option in options)
    if right == 0 or (right > 1 and block.argument != "multiple"):
        file.refuse(block.line, f"{right} right options in a {block.argument} question")
    return {"id": identity, "type": block.argument, "text": text, "options": options, "explanation": why}


# By the name in the file: the name in the StreamField, and what reads it.
READERS = {
    "drawing": ("drawing", _read_drawing),
    "callout": ("callout", _read_callout),
    "accordion": ("accordion", _read_accordion),
    "steps": ("steps", _read_steps),
    "compare": ("comparison", _read_comparison),
    "check": ("check", _read_question),
}
WITH_ARGUMENT = ("drawing", "callout", "check")


def _read_field(file: _File, line: Line, name: str) -> str:
    field = FIELD.fullmatch(line[1])
    if not field or field[1] != name:
        file.refuse(line[0], f"here stands '{name}: …', not {line[1]!r}")
    return _plain(file, line[0], field[2] or "")


def _read_prose(file: _File, lines: list[Line], refused_at: int | None = None) -> str:
    """Paragraphs and lists, apart by empty lines, as HTML."""
    groups = [list(group) for said, group in groupby(lines, key=lambda line: line[1] != "") if said]
    if not groups:
        file.refuse(refused_at or file.end, "there is no text")
    return "".join(_paragraph_or_list(file, group) for group in groups)


def _paragraph_or_list(file: _File, lines: list[Line]) -> str:
    if NUMBERED.fullmatch(lines[0][1]):
        items = "".join(f"<li>{_inline(file, n, text)}</li>" for n, text in _numbered(file, lines))
        return f"<ol>{items}</ol>"
    bullets = [text.startswith("- ") for _, text in lines]
    if all(bullets):
        items = "".join(f"<li>{_inline(file, n, text[2:])}</li>" for n, text in lines)
        return f"<ul>{items}</ul>"
    if any(bullets):
        file.refuse(lines[bullets.index(not bullets[0])][0], "an empty line parts a paragraph from a list")
    for line, text in lines:
        if re.match(r"(#|>|\||---|[*+] |\[[ x]?\])", text):
            file.refuse(line, f"the format does not know {text[:20]!r} here")
    return f"<p>{' '.join(_inline(file, line, text) for line, text in lines)}</p>"


def _numbered(file: _File, lines: list[Line]) -> Iterator[Line]:
    for expected, (line, text) in enumerate(lines, 1):
        item = NUMBERED.fullmatch(text)
        if not item or int(item[1]) != expected:
            file.refuse(line, f"here stands '{expected}. …', not {text!r}")
        yield line, item[2]


def _inline(file: _File, line: int, text: str) -> str:
    """**Bold**, *italic* and `code` as HTML; everything else escaped."""
    _refuse_unreadable(file, line, text)
    html = []
    for n, part in enumerate(escape(text, quote=False).split("`")):
        if n % 2:
            html.append(f"<code>{part}</code>")
            continue
        part = re.sub(r"\*\*([^*\s](?:[^*]*[^*\s])?)\*\*", r"<b>\1</b>", part)
        part = re.sub(r"\*([^*\s](?:[^*]*[^*\s])?)\*", r"<i>\1</i>", part)
        if "*" in part:
            file.refuse(line, "an asterisk without its partner")
        html.append(part)
    return "".join(html)


def _plain(file: _File, line: int, text: str) -> str:
    """For places that hold plain text: an address loses its backquotes, emphasis is refused."""
    _refuse_unreadable(file, line, text)
    if re.search(r"\*[^*\s][^*]*\*", text):
        file.refuse(line, "no bold or italic here: this is plain text")
    return text.replace("`", "")


def _refuse_unreadable(file: _File, line: int, text: str) -> None:
    if not text.strip():
        file.refuse(line, "nothing here")
    if text.count("`") % 2 or "``" in text:
        file.refuse(line, "a backquote without its partner")
    if re.search(r"\]\(|<[a-zA-Z/!]", "".join(text.split("`")[::2])):
        file.refuse(line, "links and HTML are not part of the format")
