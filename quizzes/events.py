"""What quiz_started and quiz_submitted do: they write Attempt.

Loaded by name by training/sync (settings.SYNC_EVENT_HANDLERS), for phones' events and the server's alike. Handlers get
events in the order in which the ledger recorded them, those that waited there first. The rules:

- a start fixes an attempt's quiz and whether it counts; of several starts with one id the earliest gives the time;
- a submission without its start is held, and judged again when something new has come;
- of several submissions of one attempt with different answers the one recorded first stands, for ever. Any other rule
  (the best, the earliest, the lowest seq) lets a phone that has seen the mark of one answer better.

So the rows are the same for the same evidence, in whatever order, portions and repetitions it comes, and where an
attempt has several submissions, for the same evidence as it was recorded.
"""

from uuid import UUID

from courses.models import ActivityKind
from quizzes.judging import Judged, accept, hold, judge, keep, reject
from quizzes.marking import mark_attempt
from quizzes.models import Attempt, Paper, QuestionVersion
from quizzes.rows import read, read_all, upsert

#: What fits the column on every database; nobody has begun a quiz that often.
MOST_EARLIER = 32_767


def quiz_started(arrivals: list) -> None:
    judged = judge(arrivals, ActivityKind.QUIZ)
    attempts = _attempts((each.arrival.official_id, each.arrival.event_id) for each in judged)
    changed = {}
    for each in judged:
        arrival = each.arrival
        key = (arrival.official_id, arrival.event_id)
        attempt = attempts.get(key)
        if attempt is None:
            attempt = attempts[key] = _begun(each)
            changed[key] = attempt
        elif attempt.quiz_id != arrival.activity:
            # Two devices of hers made the same id for different quizzes, which no honest page does.
            reject(arrival, "activity_mismatch")
            continue
        elif _join_start(attempt, _begun(each)):
            changed[key] = attempt
        accept(arrival, "counted" if attempt.counted else "over_limit")
    upsert(list(changed.values()), ("official_id", "key"))


def quiz_submitted(arrivals: list) -> None:
    judged = judge(arrivals, ActivityKind.QUIZ)
    attempts = _attempts((each.arrival.official_id, UUID(each.arrival.data["attempt"])) for each in judged)
    papers = _papers({each.arrival.data["paper"] for each in judged})
    changed = {}
    for each in judged:
        arrival = each.arrival
        key = (arrival.official_id, UUID(arrival.data["attempt"]))
        attempt = attempts.get(key)
        if attempt is None:
            hold(arrival, "attempt_unknown")
            continue
        if attempt.quiz_id != arrival.activity:
            reject(arrival, "activity_mismatch")
            continue
        submission = _marked(each, attempt, papers.get(arrival.data["paper"]))
        if submission is None:
            reject(arrival, "answers_mismatch")
            continue
        if attempt.submitted_at is None:
            attempts[key] = changed[key] = submission
        elif (attempt.paper_id, attempt.answers) != (submission.paper_id, submission.answers):
            hold(arrival, "attempt_answered")
            continue
        accept(arrival, "counted" if attempt.counted else "over_limit")
    upsert(list(changed.values()), ("official_id", "key"))


#: Starts first, so that a delivery that brings both leaves nothing held.
HANDLERS = {"quiz_started": quiz_started, "quiz_submitted": quiz_submitted}


def forget(officials=None) -> None:
    """Delete the facts kept here (of the officials), so that they can be rebuilt from evidence."""
    attempts = Attempt.objects.all()
    if officials is not None:
        attempts = attempts.filter(official__in=officials)
    attempts.delete()


def _attempts(keys) -> dict[tuple[int, UUID], Attempt]:
    officials, names = set(), set()
    for official, name in keys:
        officials.add(official)
        names.add(name)
    found = read_all(Attempt, official=officials, key=names)
    return {(attempt.official_id, attempt.key): attempt for attempt in found}


def _begun(judged: Judged) -> Attempt:
    arrival, step = judged.arrival, judged.step
    earlier = arrival.data["earlier"]
    return Attempt(
        official_id=arrival.official_id,
        key=arrival.event_id,
        quiz_id=arrival.activity,
        course_id=judged.edition.course,
        edition_id=judged.edition.name,
        earlier=min(earlier, MOST_EARLIER),
        started_at=arrival.happened_at,
        received_at=arrival.received_at,
        counted=not step["attempts"] or earlier < step["attempts"],
        pass_mark=step["pass_mark"],
        mode=step["mode"],
    )


def _join_start(attempt: Attempt, start: Attempt) -> bool:
    """Take from another start of the same attempt what is in the learner's favour. True if that changed anything."""
    before = (attempt.started_at, attempt.edition_id, attempt.earlier, attempt.counted, attempt.received_at)
    if attempt.submitted_at is None and (start.started_at, start.edition_id) < (attempt.started_at, attempt.edition_id):
        attempt.edition_id, attempt.pass_mark, attempt.mode = start.edition_id, start.pass_mark, start.mode
        attempt.received_at = start.received_at
    attempt.started_at = min(attempt.started_at, start.started_at)
    attempt.earlier = min(attempt.earlier, start.earlier)
    attempt.counted = attempt.counted or start.counted
    return before != (attempt.started_at, attempt.edition_id, attempt.earlier, attempt.counted, attempt.received_at)


def _marked(judged: Judged, attempt: Attempt, paper: tuple[UUID, list[dict]] | None) -> Attempt | None:
    """The attempt as it is with this submission; None where the paper isn't this quiz's or the answers don't fit."""
    arrival, step = judged.arrival, judged.step
    answers = arrival.data["answers"]
    if paper is None or paper[0] != arrival.activity or len(answers) != len(paper[1]):
        return None
    mark = mark_attempt(paper[1], answers, step["pass_mark"])
    if not mark.valid:
        return None
    return Attempt(
        official_id=attempt.official_id,
        key=attempt.key,
        quiz_id=attempt.quiz_id,
        course_id=attempt.course_id,
        earlier=attempt.earlier,
        started_at=attempt.started_at,
        counted=attempt.counted,
        edition_id=judged.edition.name,
        paper_id=arrival.data["paper"],
        submission=arrival.event_id,
        submitted_at=arrival.happened_at,
        earliest_at=arrival.earliest_at,
        latest_at=arrival.latest_at,
        received_at=arrival.received_at,
        answers=answers,
        earned=mark.earned,
        possible=mark.possible,
        pass_mark=step["pass_mark"],
        passed=mark.passed,
        mode=step["mode"],
    )


_questions: dict[str, list[dict]] = {}


def _papers(names: set[str]) -> dict[str, tuple[UUID, list[dict]]]:
    """The quiz and the questions of each paper that exists. One query, and another for papers not seen before."""
    rows = read(Paper, ("name", "quiz", "versions"), name=names)
    questions = dict(_questions)
    unseen = {name: versions for name, _, versions in rows if name not in questions}
    if unseen:
        wanted = {version for versions in unseen.values() for version in versions}
        contents = dict(read(QuestionVersion, ("name", "content"), name=wanted))
        for name, versions in unseen.items():
            questions[name] = [contents[version] for version in versions]
            keep(_questions, name, questions[name])
    return {name: (quiz, questions[name]) for name, quiz, _ in rows}
