"""The personal state: what one official's phone needs to know of her that is not the same for everyone.

Called by the view of /api/me/ and by the server's own pages of the person (/me/). docs/sync-protocol.md, part 6,
is the specification. The number of queries is fixed, however many courses there are.
"""

import hashlib
from collections import defaultdict

import orjson
from django.conf import settings
from django.db.models import Q
from django.utils import translation

from courses.editions import steps as steps_of
from courses.models import Activity, ActivityKind, Edition, Fragment
from courses.reading import read_in_part, readable_fragments
from quizzes.attempts import explanations_allowed
from quizzes.models import Attempt
from training.officials.models import Official, Posting
from training.records.models import Enrolment, LessonProgress
from training.sync import clock
from training.sync.intake import standing
from training.sync.models import CoursePack, Device


def personal_state(official: Official, encoding: str = "br") -> dict:
    """Without ``server_time`` and ``csrf``, which belong to the answer. ``encoding`` decides which sizes are
    said.
    """
    posting = Posting.objects.on().filter(official=official, is_main=True).select_related("unit").first()
    # A unit is named in the institution's language, whatever the language of the page that asks.
    with translation.override(settings.LANGUAGE_CODE):
        unit = posting.unit.full_name if posting else ""
    phones = Device.objects.filter(official=official, kind=Device.Kind.PHONE).order_by("pk")
    return {
        "official": str(official.public_id),
        "name": official.full_name,
        "unit": unit,
        "language": official.language,
        "device": {
            device.kid: standing(device) for device in phones.only("kid", "received_through", "revoked_at")
        },
        "courses": _courses(official, encoding),
    }


def etag(state: dict, *more: str) -> str:
    """A phone that is registered and has delivered nothing yet changes nothing it did not know itself: without it, so
    that the first answer need not come twice.
    """
    if "device" in state:
        told = {kid: said for kid, said in state["device"].items() if said["received_through"] or said["revoked"]}
        state = {**state, "device": told}
    return hashlib.sha256(orjson.dumps([state, *more])).hexdigest()[:32]


def _courses(official: Official, encoding: str) -> list[dict]:
    """What she owes or has begun, and what she may begin: urgent first, then by title."""
    enrolments = {row.course_id: row for row in Enrolment.objects.filter(official=official)}
    shown = Shown(readable_fragments(official))
    packs = current_packs(encoding)
    rows = Activity.objects.filter(Q(pk__in=enrolments) | Q(pk__in=shown.courses), kind=ActivityKind.COURSE)
    activities = list(rows.only("pk", "title", "edition_id"))
    editions = Edition.objects.in_bulk([course.edition_id for course in activities if course.edition_id])
    done = Done(official)
    found = []
    for course in activities:
        enrolment, edition = enrolments.get(course.pk), editions.get(course.edition_id)
        found.append(
            {
                "course": str(course.pk),
                "title": shown.titles.get(str(course.pk)) or _titles(edition, course),
                "path": shown.paths.get(str(course.pk), {}),
                "assigned": bool(enrolment and enrolment.is_assigned),
                "due_on": enrolment.due_on.isoformat() if enrolment and enrolment.due_on else None,
                "started": bool(enrolment and enrolment.started_at),
                "completed_on": enrolment.completed_on.isoformat()
                if enrolment and enrolment.completed_on
                else None,
                "edition": edition.name if edition else "",
                "packs": packs.get(course.pk, {}) if course.pk in shown.courses else {},
                "steps": [_step(step, shown, done) for step in steps_of(edition)] if edition else [],
            }
        )
    _add_past(found, done)
    return sorted(found, key=_urgency)


def _add_past(courses: list[dict], done: "Done") -> None:
    """Lessons she has finished and quizzes she has submitted that belong to no course any more (unpublished, say), as
    they were when she did: what she has earned stays in sight. A course without such has no ``past``. One query for
    quizzes and one for lessons, where there are any.
    """
    present = {step["activity"] for course in courses for step in course["steps"]}
    by_course = defaultdict(list)
    for quiz, begun in done.attempts.items():
        submitted = [attempt for attempt in begun if attempt.submitted_at is not None]
        if submitted and quiz not in present:
            by_course[str(submitted[-1].course_id)].append((quiz, begun, submitted))
    wanted = {one.edition_id for several in by_course.values() for *_, submitted in several for one in submitted}
    editions = Edition.objects.in_bulk(wanted)
    lessons = _past_lessons({key: course for key, course in done.lessons.items() if key not in present}, done.official)
    for course in courses:
        past = lessons.get(course["course"], [])
        past += [_past(*one, editions) for one in by_course.get(course["course"], ())]
        if past:
            course["past"] = past


def _past_lessons(lessons: dict[str, str], official: Official) -> dict[str, list[dict]]:
    """By course, with the titles of the last edition she studied them in."""
    found = defaultdict(dict)
    if lessons:
        studied = Edition.objects.filter(studied_by__official=official, course__in=set(lessons.values()))
        for edition in studied.order_by("number"):
            for step in steps_of(edition):
                if lessons.get(step["activity"]) == str(edition.course_id):
                    found[str(edition.course_id)][step["activity"]] = {
                        "activity": step["activity"],
                        "kind": step["kind"],
                        "title": step["titles"],
                        "path": {},
                        "minutes": 0,
                        "required": False,
                        "done": True,
                    }
    return {course: list(steps.values()) for course, steps in found.items()}


def _past(quiz: str, begun: list, submitted: list, editions: dict) -> dict:
    # Each by the rule of the edition it names, as when it is looked at again (training/sync/reviews.py).
    rules = [
        next(step for step in steps_of(editions[one.edition_id]) if step["activity"] == quiz) for one in submitted
    ]
    last = rules[-1]
    return {
        "activity": quiz,
        "kind": last["kind"],
        "title": last["titles"],
        "path": {},
        "minutes": 0,
        "required": False,
        "mode": last["mode"],
        "pass_mark": last["pass_mark"],
        "allowed": last["attempts"],
        "done": any(one.passed and one.counted for one in submitted),
        "attempts": [
            _attempt(one, explanations_allowed(begun, rule)) for one, rule in zip(submitted, rules, strict=True)
        ],
    }


def _titles(edition: Edition | None, course: Activity) -> dict:
    return edition.content["titles"] if edition else {"vi": course.title}


def _urgency(course: dict) -> tuple:
    begun = course["assigned"] or course["started"]
    title = course["title"].get("vi") or next(iter(course["title"].values()), "")
    return bool(course["completed_on"]), not begun, course["due_on"] or "9999", title, course["course"]


class Shown:
    """Titles, paths and minutes of what may be read, by activity and language."""

    def __init__(self, fragments):
        self.titles, self.paths = defaultdict(dict), defaultdict(dict)
        self.minutes: dict[str, int] = {}
        self.courses = set()
        rows = fragments.filter(activity__isnull=False).order_by("language")
        for key, course, language, title, path, minutes in rows.values_list(
            "activity_id", "course_id", "language", "title", "path", "minutes"
        ):
            name = str(key)
            self.titles[name][language], self.paths[name][language] = title, path
            self.minutes[name] = max(minutes, self.minutes.get(name, 0))
            if key == course:
                self.courses.add(course)


class Done:
    """Her lessons and attempts."""

    def __init__(self, official: Official):
        self.official = official
        lessons = LessonProgress.objects.filter(official=official).values_list("lesson_id", "course_id")
        #: The course of each, as its event said.
        self.lessons = {str(key): str(course) for key, course in lessons}
        self.attempts = defaultdict(list)
        for attempt in Attempt.objects.filter(official=official).order_by("started_at", "key"):
            self.attempts[str(attempt.quiz_id)].append(attempt)


def _step(step: dict, shown: Shown, done: Done) -> dict:
    key = step["activity"]
    entry = {
        "activity": key,
        "kind": step["kind"],
        "title": shown.titles.get(key) or step.get("titles", {}),
        "path": shown.paths.get(key, {}),
        "minutes": shown.minutes.get(key, 0),
        "required": step["required"],
    }
    if step["kind"] != ActivityKind.QUIZ:
        return {**entry, "done": key in done.lessons}
    begun, allowed = done.attempts[key], step["attempts"]
    submitted = [attempt for attempt in begun if attempt.submitted_at is not None]
    passed = any(attempt.passed and attempt.counted for attempt in submitted)
    explained = explanations_allowed(begun, step)
    return {
        **entry,
        "mode": step["mode"],
        "pass_mark": step["pass_mark"],
        "allowed": allowed,
        "done": passed,
        "attempts": [_attempt(one, explained) for one in submitted],
    }


def _attempt(attempt: Attempt, explained: bool) -> dict:
    return {
        "attempt": str(attempt.key),
        "submitted_at": clock.text(attempt.submitted_at),
        "score": attempt.score,
        "passed": attempt.passed,
        "counted": attempt.counted,
        "explanations": explained,
    }


def current_packs(encoding: str) -> dict:
    """By course and language: hash and sizes, as a phone that accepts this encoding will see them travel."""
    size = "bytes_br" if encoding == "br" else "bytes_gzip"
    packs = defaultdict(dict)
    rows = CoursePack.objects.filter(is_current=True).order_by("language")
    for course, language, name, size_of_text, media in rows.values_list(
        "course_id", "language", "hash", size, "media_bytes"
    ):
        packs[course][language] = {"hash": name, "bytes": size_of_text, "media_bytes": media}
    return packs


def catalogue(user, encoding: str) -> list[dict]:
    """Every course this user may read, with the packs she gets."""
    in_part = read_in_part(user)
    shown = Shown(readable_fragments(user).filter(kind=Fragment.Kind.COURSE))
    packs = current_packs(encoding)
    return [
        {
            "course": str(course),
            "title": shown.titles[str(course)],
            "path": shown.paths[str(course)],
            "packs": {
                language: pack
                for language, pack in packs.get(course, {}).items()
                if (course, language) not in in_part
            },
        }
        for course in sorted(shown.courses)
    ]
