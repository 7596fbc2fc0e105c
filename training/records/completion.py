"""How facts become a completion: the rule (`met`, `earliest`: pure functions) and its application to many at once.

Called by training/records/events.py after every delivery, for the officials and courses it touched. docs/marking.md
tells the same in words.

The rule: a course is complete when some edition that her events name has every required step met by her facts,
whichever edition those came from: a lesson is met when finished, a quiz when passed by an attempt that counts. It is
complete from the moment the last of these facts happened. Where several editions are met, the one that was met first
decides, and of those met at the same moment the newest. Deciding by the first moment keeps the result a function of
the set of events: the newest of all would give another edition and another date to whoever delivers in two portions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation

from courses.models import ActivityKind
from quizzes.judging import JudgedEdition, editions_named
from quizzes.models import Attempt
from quizzes.rows import read, read_all
from training.officials.models import Posting, Unit
from training.records.models import Completion, LessonProgress, StudiedEdition


class Moment(NamedTuple):
    """When something happened by its phone's clock, and the interval in which it really did."""

    at: datetime
    earliest_at: datetime
    latest_at: datetime


@dataclass(frozen=True)
class Pass:
    moment: Moment
    score: int
    pass_mark: int

    @property
    def at(self) -> datetime:
        return self.moment.at


@dataclass
class Facts:
    """What an official has done that can meet a step."""

    lessons: dict[UUID, Moment] = field(default_factory=dict)
    passes: dict[UUID, list[Pass]] = field(default_factory=lambda: defaultdict(list))

    def met_at(self, activity: UUID) -> Moment | None:
        """When the step was first met; None while it isn't. Each bound by itself: any of several passes may have been
        the first.
        """
        if activity in self.lessons:
            return self.lessons[activity]
        moments = [each.moment for each in self.passes.get(activity, ())]
        return Moment(*map(min, zip(*moments, strict=True))) if moments else None


@dataclass(frozen=True)
class Met:
    edition: JudgedEdition
    completed_at: datetime
    #: The first and the last day on which the last of the facts needed can have happened.
    earliest_on: date
    latest_on: date
    score: int | None
    pass_mark: int | None


def met(edition: JudgedEdition, facts: Facts) -> Met | None:
    """The completion these facts make of this edition, if they do."""
    moments = [facts.met_at(activity) for activity in edition.required()]
    if not moments or None in moments:
        return None
    completed_at, earliest_at, latest_at = map(max, zip(*moments, strict=True))
    best = _best_pass(edition, facts, completed_at)
    return Met(
        edition=edition,
        # Written into evidence with milliseconds, like every time there; a finer one would never be equal again.
        completed_at=completed_at.replace(microsecond=completed_at.microsecond // 1000 * 1000),
        earliest_on=timezone.localdate(earliest_at),
        latest_on=timezone.localdate(latest_at),
        score=best.score if best else None,
        pass_mark=best.pass_mark if best else None,
    )


def earliest(editions: Iterable[JudgedEdition], facts: Facts) -> Met | None:
    """The completion of a course: of the edition met first, the newest where several were met at once."""
    candidates = [candidate for edition in editions if (candidate := met(edition, facts))]
    return min(candidates, key=lambda each: (each.completed_at, -each.edition.number), default=None)


def _best_pass(edition: JudgedEdition, facts: Facts, until: datetime) -> Pass | None:
    """The best pass of the course's final quiz up to the completion: what came later changes no certificate."""
    quizzes = [key for key in edition.required() if edition.steps[key]["kind"] == ActivityKind.QUIZ]
    assessed = [key for key in quizzes if edition.steps[key]["mode"] == "assessed"]
    for final in (assessed or quizzes)[-1:]:
        passes = [each for each in facts.passes[final] if each.at <= until]
        return max(passes, key=lambda each: (each.score, -each.pass_mark, -each.at.timestamp()))
    return None


@dataclass(frozen=True)
class Decision:
    """A completion that is to be issued, with all that it copies."""

    official: int
    met: Met
    completed_on: date
    posting: Posting | None

    def evidence(self) -> dict[str, Any]:
        """The data of its completion_issued event; everything the Completion row will say."""
        posting = self.posting
        titles = self.met.edition.titles
        # The name goes on record in the institution's language, whatever the language of the request.
        with translation.override(settings.LANGUAGE_CODE):
            unit_name = posting.unit.full_name if posting else ""
        return {
            "completed_at": _text(self.met.completed_at),
            "completed_on": self.completed_on.isoformat(),
            "earliest_on": self.met.earliest_on.isoformat(),
            "latest_on": self.met.latest_on.isoformat(),
            "edition": self.met.edition.name,
            "score": self.met.score,
            "pass_mark": self.met.pass_mark,
            "course_title": titles.get(settings.LANGUAGE_CODE) or next(iter(titles.values()), ""),
            "unit": posting.unit.code if posting else None,
            "unit_name": unit_name,
            "category": posting.category if posting else "",
            "position": posting.position if posting else "",
        }


def decide(pairs: Mapping[int, set[UUID]], studied: dict[int, list[JudgedEdition]]) -> list[Decision]:
    """What is to be issued for the courses of each official. A fixed number of queries for any number of them.

    An issued completion is issued anew only when evidence that came late puts it at an earlier moment, or, at the
    same moment, on another edition, a better score or other bounds of time. It never moves to a later moment and never
    disappears.
    """
    courses = set().union(*pairs.values())
    wanted = {official: [each for each in studied[official] if each.course in pairs[official]] for official in pairs}
    steps = {activity for editions in wanted.values() for each in editions for activity in each.required()}
    facts = facts_of(pairs, steps)
    columns = ("official", "course", "completed_at", "edition", "score", "pass_mark", "earliest_on", "latest_on")
    issued = {row[:2]: row[2:] for row in read(Completion, columns, official=pairs, course=courses)}
    found = []
    for official, courses_of_hers in pairs.items():
        for course in sorted(courses_of_hers):
            reached = earliest([each for each in wanted[official] if each.course == course], facts[official])
            if reached and _is_news(reached, issued.get((official, course))):
                found.append((official, reached, timezone.localdate(reached.completed_at)))
    postings = _postings_on({(official, day) for official, _, day in found})
    return [Decision(official, reached, day, postings.get((official, day))) for official, reached, day in found]


def facts_of(officials: Iterable[int], activities: set[UUID]) -> dict[int, Facts]:
    """Which of the lessons each official has finished, which of the quizzes passed. Two queries."""
    facts = {official: Facts() for official in officials}
    moment = ("earliest_at", "latest_at")
    finished = read(LessonProgress, ("official", "lesson", "finished_at", *moment), official=facts, lesson=activities)
    for official, lesson, *when in finished:
        facts[official].lessons[lesson] = Moment(*when)
    columns = ("official", "quiz", "passed", "counted", "earned", "possible", "pass_mark", "submitted_at", *moment)
    for official, quiz, passed, counted, earned, possible, pass_mark, *when in read(
        Attempt, columns, official=facts, quiz=activities
    ):
        if passed and counted:
            facts[official].passes[quiz].append(Pass(Moment(*when), earned * 10_000 // possible, pass_mark))
    return facts


def studied_editions(officials: Iterable[int]) -> dict[int, list[JudgedEdition]]:
    """The editions that events of each official name. Two queries."""
    rows = read(StudiedEdition, ("official", "edition"), official=set(officials))
    editions = editions_named(name for _, name in rows)
    studied = defaultdict(list)
    for official, name in rows:
        studied[official].append(editions[name])
    return studied


def _is_news(reached: Met, issued: tuple | None) -> bool:
    if issued is None:
        return True
    completed_at, *basis = issued
    if reached.completed_at != completed_at:
        return reached.completed_at < completed_at
    return [reached.edition.name, reached.score, reached.pass_mark, reached.earliest_on, reached.latest_on] != basis


def _postings_on(wanted: set[tuple[int, date]]) -> dict[tuple[int, date], Posting]:
    """Each official's main posting on the day; the one that began last, should the dates overlap."""
    if not wanted:
        return {}
    rows = read_all(Posting, official={official for official, _ in wanted})
    main = sorted((row for row in rows if row.is_main), key=lambda row: (row.valid_from, row.pk), reverse=True)
    units = {unit.pk: unit for unit in read_all(Unit, id={row.unit_id for row in main})}
    postings = defaultdict(list)
    for posting in main:
        posting.unit = units[posting.unit_id]
        postings[posting.official_id].append(posting)
    found = {}
    for official, day in wanted:
        for posting in postings[official]:
            if posting.valid_from <= day and (posting.valid_to is None or day <= posting.valid_to):
                found[official, day] = posting
                break
    return found


def _text(moment: datetime) -> str:
    return moment.astimezone(tz=timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
