"""Half a year of the demo officials' work, told by phones: every event is signed and goes through the real intake.

Called by load_demo. Each demo official gets a phone of her own here, with a real key, and a temperament: some finish
everything, some stop half-way, some fail the quiz, some never begin, some have not been heard from. Nothing is
written to the records directly.
"""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.utils import timezone

from courses.editions import current_edition, steps
from courses.models import Activity, ActivityKind
from quizzes.models import Paper, QuestionVersion
from training.officials.models import Official, Unit
from training.records import enrolments
from training.records.models import Assignment
from training.starter.people import SEED
from training.sync import devices, intake, jose
from training.sync.models import Device

#: (course code, unit code, days from the day of loading to the deadline, days since it was assigned)
ASSIGNMENTS = [
    ("ATTT-01", "12", 8, 150),
    ("KNS-01", "12", 60, 90),
    ("CKS-01", "12", 130, 120),
    ("CKS-01", "03595", -7, 120),
]
#: How people go about it: (share, lessons done of each course, tries at the quiz, chance of a right answer)
TEMPERAMENTS = {
    "thorough": (0.48, 1.0, 2, 0.97),
    "struggling": (0.16, 1.0, 4, 0.62),
    "half_way": (0.18, 0.5, 0, 0.0),
    "beginner": (0.10, 0.15, 0, 0.0),
    "absent": (0.08, 0.0, 0, 0.0),
}


#: Whose phone was lost and revoked, and is still in use.
LOST_PHONES = {"CB-0105", "CB-0110"}


class Phone:
    """A phone as the sync protocol describes it: a key, a sequence, events signed as they are made."""

    def __init__(self, official: Official, registered_at: datetime):
        self.official = official
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.jwk = jose.public_jwk(self.key.public_key())
        self.kid = jose.thumbprint(self.jwk)
        self.seq = 0
        self.heard = registered_at
        self.waiting: list[tuple[datetime, str]] = []

    def record(self, kind: str, activity, edition: str, at: datetime, data: dict) -> str:
        self.seq += 1
        event = {
            "id": str(
                uuid.UUID(int=random.Random(f"{self.official.staff_number}-{self.seq}").getrandbits(128), version=4)
            ),
            "official": str(self.official.public_id),
            "seq": self.seq,
            "kind": kind,
            "activity": str(activity),
            "edition": edition,
            "occurred_at": _stamp(at),
            "clock": {"server": _stamp(self.heard), "device": _stamp(self.heard)},
            "data": data,
        }
        self.waiting.append((at, jose.sign(event, self.key, self.kid)))
        return event["id"]

    def deliver(self, at: datetime) -> None:
        intake.take(
            {
                "delivery": str(uuid.uuid4()),
                "sent_at": _stamp(at),
                "devices": {self.kid: {"highest_seq": self.seq, "pending": 0}},
                "events": [jws for _, jws in self.waiting],
            },
            received_at=at,
        )
        self.waiting, self.heard = [], at


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def load_assignments() -> None:
    """What the province has assigned, to everybody and to one commune, as an HR officer would."""
    today = timezone.localdate()
    by = Official.objects.get(staff_number="TC-0000")
    for code, unit, due_in, since in ASSIGNMENTS:
        course = Activity.objects.get(kind=ActivityKind.COURSE, code=code)
        assignment, made = Assignment.objects.get_or_create(
            course=course,
            unit=Unit.objects.get(code=unit),
            defaults={
                "due_on": today + timedelta(days=due_in),
                "assigned_on": today - timedelta(days=since),
                "assigned_by": by,
            },
        )
        if made:
            enrolments.assign(assignment)


def load_history(officials: list[Official], say: Callable[[str], None]) -> int:
    """The events of everyone but the accounts a visitor signs in with; returns how many were delivered."""
    courses = [
        _Course(activity, current_edition(activity.key), since, codes) for activity, since, codes in _assigned_courses()
    ]
    people = [o for o in officials if o.staff_number.startswith("CB-") and o.staff_number not in ("CB-0001", "CB-0002")]
    total = 0
    for number, official in enumerate(people, start=1):
        if Device.objects.filter(official=official).exists():
            continue
        # A chance of her own, so that who was absent the first time is absent when the demo is loaded again; and whole
        # or not at all, so that a loading cut short is finished by the next.
        with transaction.atomic():
            total += _live(official, courses, random.Random(f"{SEED}-{official.staff_number}"))
        if number % 50 == 0:
            say(f"  {number} of {len(people)} officials, {total} events")
    return total


class _Course:
    """What the simulation needs to know of a course."""

    def __init__(self, activity: Activity, edition, since: int, unit_codes: list[str]):
        self.activity, self.edition, self.since, self.unit_codes = activity, edition, since, unit_codes
        self.lessons = [step["activity"] for step in steps(edition) if step["kind"] == ActivityKind.LESSON]
        self.quiz = next(step for step in steps(edition) if step["kind"] == ActivityKind.QUIZ)
        self.paper = Paper.objects.get(name=self.quiz["papers"]["vi"])
        versions = QuestionVersion.objects.in_bulk(self.paper.versions)
        self.questions = [versions[name].content for name in self.paper.versions]

    def reaches(self, unit_code: str) -> bool:
        return any(code == "12" or unit_code.startswith(code) for code in self.unit_codes)

    def answers(self, right: float, chance: random.Random) -> list[list[int]]:
        return [
            sorted(question["key"]) if chance.random() < right else [chance.randrange(len(question["options"]))]
            for question in self.questions
        ]


def _assigned_courses():
    found: dict[str, tuple[int, list[str]]] = {}
    for code, unit, _, since in ASSIGNMENTS:
        longest, units = found.get(code, (0, []))
        found[code] = (max(longest, since), [*units, unit])
    for code, (since, units) in found.items():
        yield Activity.objects.get(kind=ActivityKind.COURSE, code=code), since, units


def _live(official: Official, courses: list[_Course], chance: random.Random) -> int:
    """One official's half year; returns the number of events delivered."""
    kinds = list(TEMPERAMENTS)
    kind = chance.choices(kinds, [TEMPERAMENTS[k][0] for k in kinds])[0]
    _, share, tries, right = TEMPERAMENTS[kind]
    if kind == "absent":
        return 0
    now = timezone.now()
    begun = _working_time(now - timedelta(days=chance.randint(60, 175)), chance)
    phone = Phone(official, begun)
    Official.objects.filter(pk=official.pk).update(last_login=begun)
    devices.register(
        official, phone.jwk, chance.choice(["Chrome, Android", "Chrome, Android", "Zalo, Android"]), at=begun
    )
    unit = official.postings.on().select_related("unit").first().unit.code
    made = []
    for course in courses:
        if course.reaches(unit) and (share == 1.0 or chance.random() < 0.8):
            made += _study(course, share, tries, right, chance)
    at = begun
    silent_after = now - timedelta(days=chance.choice([0, 0, 1, 3, 12, 30]))
    pace = (silent_after - begun) / (len(made) + 1)
    for step in made:
        at = min(
            max(_working_time(at + pace * chance.uniform(0.5, 1.0), chance), at + timedelta(minutes=4)), silent_after
        )
        step(phone, at)
        # Signal comes once in some days: what was done meanwhile goes together.
        if chance.random() < 0.3:
            at += timedelta(minutes=chance.choice([0, 0, 5, 240]))
            phone.deliver(min(at, now))
    # She opens the app now and then after that, too: a delivery without events says so.
    phone.deliver(max(at, silent_after, phone.heard))
    if official.staff_number in LOST_PHONES and made:
        _use_after_revocation(phone, courses[0])
    return phone.seq


def _use_after_revocation(phone: Phone, course: _Course) -> None:
    """A phone reported lost was revoked; somebody still finishes a lesson on it: held for a person to decide."""
    devices.revoke(Device.objects.get(kid=phone.kid), by=None)
    now = timezone.now()
    phone.record("lesson_finished", course.lessons[0], course.edition.name, now, {"seconds": 60})
    phone.deliver(now)


def _study(course: _Course, share: float, tries: int, right: float, chance: random.Random) -> list[Callable]:
    """The steps of one course, each a function of (phone, time)."""
    edition = course.edition.name
    lessons = course.lessons[: max(1, round(len(course.lessons) * share))]
    steps_made: list[Callable] = [
        lambda phone, at: phone.record("course_downloaded", course.activity.key, edition, at, {"pack": edition})
    ]
    for lesson in lessons:
        seconds = chance.randint(120, 600)
        steps_made.append(
            lambda phone, at, lesson=lesson, seconds=seconds: phone.record(
                "lesson_finished", lesson, edition, at, {"seconds": seconds}
            )
        )
    for attempt in range(chance.randint(1, tries) if tries else 0):
        answers = course.answers(right, chance)

        def take_quiz(phone, at, attempt=attempt, answers=answers):
            quiz = course.quiz["activity"]
            begun = phone.record("quiz_started", quiz, edition, at - timedelta(minutes=3), {"earlier": attempt})
            data = {"attempt": begun, "paper": course.paper.name, "answers": answers}
            phone.record("quiz_submitted", quiz, edition, at, data)

        steps_made.append(take_quiz)
    return steps_made


def _working_time(at: datetime, chance: random.Random) -> datetime:
    """The same day, at an hour at which people of a commune office study."""
    local = timezone.localtime(at)
    hour = time(chance.choice([7, 8, 9, 10, 11, 14, 15, 16, 19, 20]), chance.randint(0, 59), chance.randint(0, 59))
    return min(datetime.combine(local.date(), hour, local.tzinfo), timezone.now())
