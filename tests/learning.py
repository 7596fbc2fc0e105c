"""A small institution and the phones of its officials, for tests of what events do.

Courses, editions and papers are written as rows, without pages; arrivals are handed to the handlers the way
training/sync/intake.py hands them over after it has checked signatures.
"""

import hashlib
import itertools
import json
import uuid
from datetime import UTC, date, datetime, timedelta

from courses.models import Activity, ActivityKind, Edition
from quizzes.models import Attempt, Paper, QuestionVersion
from training.officials.models import Category, Official, Posting, Unit, UnitClosure, UnitPlacement
from training.records.models import Completion, Enrolment, LessonProgress, StudiedEdition
from training.sync import judging
from training.sync.arrival import Arrival
from training.sync.codes import DECIDED_BY_ORDER, WAITING

#: 09:00 in Vietnam.
MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


# --- who -------------------------------------------------------------------------------------------------------


def make_unit(code: str, parent: Unit | None = None, kind: str = "commune") -> Unit:
    unit = Unit.objects.create(code=code, name=code.title(), kind=kind, valid_from=date(2025, 7, 1))
    if parent:
        UnitPlacement.objects.create(unit=unit, parent=parent, valid_from=date(2025, 7, 1))
    UnitClosure.objects.rebuild()
    return unit


def make_official(staff_number: str, unit: Unit | None = None, since: date = date(2026, 1, 1)) -> Official:
    official = Official.objects.create_user(staff_number, full_name=f"Official {staff_number}")
    if unit:
        post(official, unit, since)
    return official


def post(official: Official, unit: Unit, since: date, until: date | None = None) -> Posting:
    return Posting.objects.create(
        official=official,
        unit=unit,
        category=Category.CIVIL_SERVANT,
        position="Clerk",
        valid_from=since,
        valid_to=until,
    )


# --- what ------------------------------------------------------------------------------------------------------


def make_version(right: list[int], kind: str = "multiple", options: int = 4, points: int = 1) -> QuestionVersion:
    content = {
        "type": kind,
        "points": points,
        "rule": {"name": "exact"},
        "text": "Which?",
        "options": [f"Option {n}" for n in range(options)],
        "key": right,
        "explanation": "Because.",
    }
    return QuestionVersion.objects.create(
        name=hashlib.sha256(uuid.uuid4().bytes).hexdigest(),
        question=uuid.uuid4(),
        language="vi",
        content=content,
        content_hash=hashlib.sha256(json.dumps(content).encode()).hexdigest(),
        salt=b"0" * 16,
    )


class Course:
    """A course as editions know it: activities, editions, and a paper for each quiz."""

    def __init__(self, lessons: int = 2, quizzes: int = 1, questions: int = 4, **rules):
        self.activity = Activity.objects.create(key=uuid.uuid4(), kind=ActivityKind.COURSE, title="Safe at work")
        Activity.objects.filter(pk=self.activity.pk).update(course=self.activity)
        self.lessons = [self._part(ActivityKind.LESSON) for _ in range(lessons)]
        self.quizzes = [self._part(ActivityKind.QUIZ) for _ in range(quizzes)]
        self.papers = {quiz: self.make_paper(quiz, questions) for quiz in self.quizzes}
        self.editions = []
        self.mint(**rules)

    def _part(self, kind) -> uuid.UUID:
        return Activity.objects.create(key=uuid.uuid4(), kind=kind, course=self.activity, title=kind.label).pk

    def add_lesson(self) -> uuid.UUID:
        self.lessons.append(self._part(ActivityKind.LESSON))
        return self.lessons[-1]

    def make_paper(self, quiz: uuid.UUID, questions: int = 4) -> Paper:
        versions = [make_version([1]).name for _ in range(questions)]
        name = hashlib.sha256("\n".join(versions).encode()).hexdigest()
        return Paper.objects.create(name=name, quiz_id=quiz, versions=versions)

    def mint(self, lessons=None, quizzes=None, allowed=3, pass_mark=75, mode="assessed", optional=()) -> Edition:
        steps = [
            {"activity": str(key), "kind": "lesson", "required": key not in optional, "titles": {"vi": "Bài"}}
            for key in (self.lessons if lessons is None else lessons)
        ]
        steps += [
            {
                "activity": str(key),
                "kind": "quiz",
                "required": key not in optional,
                "titles": {"vi": "Kiểm tra"},
                "mode": mode,
                "pass_mark": pass_mark,
                "attempts": allowed,
                "papers": {"vi": self.papers[key].name},
            }
            for key in (self.quizzes if quizzes is None else quizzes)
        ]
        content = {
            "format": 1,
            "course": str(self.activity.pk),
            "titles": {"vi": "An toàn khi làm việc", "en": "Safe at work"},
            "rule": {"name": "all_required"},
            "steps": steps,
        }
        edition = Edition.objects.create(
            name=hashlib.sha256(json.dumps([content, len(self.editions)]).encode()).hexdigest(),
            course=self.activity,
            number=len(self.editions) + 1,
            content=content,
        )
        self.editions.append(edition)
        Activity.objects.filter(pk=self.activity.pk).update(edition=edition)
        self.activity.refresh_from_db()
        return edition

    @property
    def edition(self) -> Edition:
        return self.editions[-1]


#: Answers to a paper of four questions.
ALL_RIGHT, THREE_RIGHT, ALL_WRONG = [[1]] * 4, [[1], [1], [1], [0]], [[0]] * 4


# --- phones and the way in -------------------------------------------------------------------------------------


class Phone:
    _devices = itertools.count(1)

    def __init__(self, official: Official, course: Course):
        self.official, self.course, self.device = official, course, next(self._devices)
        self.seq = 0

    def event(self, kind, activity, data, at=0.0, edition=None, event_id=None) -> Arrival:
        self.seq += 1
        moment = after(at)
        return Arrival(
            official_id=self.official.pk,
            public_id=self.official.public_id,
            event_id=event_id or uuid.uuid4(),
            seq=self.seq,
            kind=kind,
            activity=activity,
            edition=(edition or self.course.edition).name,
            occurred_at=moment,
            happened_at=moment,
            earliest_at=MORNING,
            latest_at=moment,
            received_at=moment + timedelta(hours=5),
            data=data,
            device_id=self.device,
        )

    def finish(self, lesson, at=0.0, edition=None) -> Arrival:
        return self.event("lesson_finished", lesson, {"seconds": 240}, at, edition)

    def download(self, at=0.0, edition=None) -> Arrival:
        return self.event("course_downloaded", self.course.activity.pk, {"pack": "0" * 64}, at, edition)

    def start(self, quiz, at=0.0, earlier=0, edition=None, event_id=None) -> Arrival:
        return self.event("quiz_started", quiz, {"earlier": earlier}, at, edition, event_id)

    def submit(self, start: Arrival, answers, at=0.0, edition=None, paper=None) -> Arrival:
        data = {
            "attempt": str(start.event_id),
            "paper": (paper or self.course.papers[start.activity]).name,
            "answers": answers,
        }
        return self.event("quiz_submitted", start.activity, data, at, edition)

    def attempt(self, quiz, answers, at=0.0, earlier=0, edition=None) -> list[Arrival]:
        start = self.start(quiz, at, earlier, edition)
        return [start, self.submit(start, answers, at + 1, edition)]

    def whole_course(self, answers=ALL_RIGHT, at=0.0) -> list[Arrival]:
        done = [self.finish(lesson, at + n) for n, lesson in enumerate(self.course.lessons)]
        for n, quiz in enumerate(self.course.quizzes):
            done += self.attempt(quiz, answers, at + 10 + 5 * n)
        return done


class Intake:
    """Hands arrivals to the handlers, keeps what is held for the next time, and puts on record what they conclude."""

    def __init__(self):
        self.evidence: list[Arrival] = []
        self.seq = 0

    def deliver(self, *arrivals) -> list[str]:
        """The codes, in order, of what was delivered."""
        known = {(each.device_id, each.event_id): each for each in self.evidence}
        fresh = []
        for arrival in arrivals:
            if (arrival.device_id, arrival.event_id) not in known:
                known[arrival.device_id, arrival.event_id] = arrival
                fresh.append(arrival)
        held = [each for each in self.evidence if each.code in WAITING]
        self._record(fresh, judging.judge(fresh + held, self._attest))
        if any(each.code in DECIDED_BY_ORDER for each in held):
            self.replay()
            self._record([], judging.judge(held, self._attest))
        return [known[arrival.device_id, arrival.event_id].code for arrival in arrivals]

    def _record(self, fresh, own) -> None:
        self.seq += len(own)
        for arrival in fresh + own:
            self.evidence.append(arrival)
            arrival.row = len(self.evidence)

    def replay(self, order=None) -> None:
        """As rebuild_records does it: forget everything, judge all evidence anew, write no new evidence."""
        for module in judging.modules():
            if hasattr(module, "forget"):
                module.forget()
        judging.judge(list(order or self.evidence))

    def _attest(self, found, already) -> list[Arrival]:
        return [
            Arrival(
                official_id=one.official_id,
                public_id=uuid.uuid4(),
                event_id=uuid.uuid4(),
                seq=self.seq + already + n,
                kind=one.kind,
                activity=one.activity,
                edition=one.edition,
                occurred_at=one.occurred_at,
                happened_at=one.occurred_at,
                earliest_at=one.occurred_at,
                latest_at=one.occurred_at,
                received_at=one.occurred_at,
                data={**one.data, "by": None},
                is_server=True,
                device_id=-one.official_id,
            )
            for n, one in enumerate(found, start=1)
        ]


def rows(issue: bool = False) -> dict[str, list]:
    """Every fact and conclusion as plain values; with ``issue`` also when and as which event it was issued."""
    issued = {"recorded_at", "issued_seq"}
    hidden = {"id"} if issue else {"id"} | issued
    return {
        model.__name__: sorted(
            [
                {name: value for name, value in row.items() if name not in hidden}
                for row in model.objects.order_by().values()
            ],
            key=repr,
        )
        for model in (Attempt, LessonProgress, StudiedEdition, Completion, Enrolment)
    }
