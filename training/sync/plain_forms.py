"""Studying with JavaScript off: finish a lesson or submit a quiz by a plain form. Counts the same.

A page's fragment is the same for everyone, so its forms carry no CSRF token. They lead to a small page of her own
that shows what is about to be recorded and carries the token; only its form writes, by having the server witness.
"""

import uuid
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from courses.editions import steps
from courses.models import ActivityKind, Fragment
from courses.reading import readable_fragments
from quizzes.models import Attempt, Paper
from training.sync.codes import ACCEPTED
from training.sync.devices import note_plain_form
from training.sync.witness import Draft, witness_all

#: Digits of an option's index; more is no answer to anything.
LONGEST_INDEX = 3


class Unusable(Exception):
    """The form does not fit what it is about; the sentence is for the person."""


def _came_from(request) -> str:
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        path = "/" + referer.partition("://")[2].partition("/")[2]
        if path not in map(reverse, ("study_finish", "study_submit", "study_confirm")):
            return path
    # From the page that asks her to confirm, which can't be opened again: back to the lesson or quiz it is about.
    try:
        fragment = _in_language(Fragment.objects.filter(activity=_activity(request)))
    except Http404:
        fragment = None
    return fragment.path if fragment else reverse("me")


def _study_form(view):
    """Signed in, by POST, never kept by a cache; what is not usable becomes a sentence. By GET nothing is asked or
    recorded: whoever opens the address (from the history, after signing in) is led to her courses.
    """

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapped(request):
        if request.method != "POST":
            return redirect("me")
        if not request.user.is_authenticated:
            return redirect_to_login(_came_from(request))
        fragment = _fragment(request)
        try:
            return view(request, fragment)
        except Unusable as unusable:
            context = {"fragment": fragment, "problem": str(unusable), "who": request.user.full_name}
            return render(request, "sync/confirm.html", context, status=409)

    return wrapped


def _activity(request) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("activity", ""))
    except ValueError as error:
        raise Http404 from error


def _in_language(rows) -> Fragment | None:
    """The page in the language of the address, or else in one it has."""
    several = {fragment.language: fragment for fragment in rows}
    return several.get(get_language()) or next(iter(several.values()), None)


def _fragment(request) -> Fragment:
    """The page of the activity, as far as she may read it."""
    key = _activity(request)
    kinds = [ActivityKind.LESSON, ActivityKind.QUIZ]
    rows = readable_fragments(request.user).filter(activity=key, kind__in=kinds).select_related("course")
    fragment = _in_language(rows)
    if fragment is None:
        raise Http404
    return fragment


@csrf_exempt
@_study_form
def finish(request, fragment):
    if fragment.kind != ActivityKind.LESSON:
        raise Http404
    return _ask(request, fragment, [])


@csrf_exempt
@_study_form
def submit(request, fragment):
    if fragment.kind != ActivityKind.QUIZ:
        raise Http404
    paper, answers = _answers(request, fragment)
    fields = [("paper", paper.name)]
    fields += [(f"q{place}", index) for place, chosen in enumerate(answers) for index in chosen]
    context = {"open_count": sum(not chosen for chosen in answers), "count": len(answers)}
    allowed = _attempts_allowed(fragment)
    if allowed:
        context |= {"allowed": allowed, "number": _attempts_before(request.user, fragment).count() + 1}
    return _ask(request, fragment, fields, **context)


def _attempts_allowed(fragment: Fragment) -> int:
    """0 where there is no limit."""
    edition = fragment.course.edition
    key = str(fragment.activity_id)
    return next((step["attempts"] for step in steps(edition) if step["activity"] == key), 0) if edition else 0


def _attempts_before(official, fragment: Fragment):
    return Attempt.objects.filter(official=official, quiz=fragment.activity_id)


def _ask(request, fragment, fields, **more):
    """The page that carries the token. ``once`` names what its form records: sent twice, it is recorded once."""
    once = _once(request.user, fragment).sign(str(uuid.uuid4()))
    context = {
        "fragment": fragment,
        "fields": [("activity", fragment.activity_id), ("once", once), *fields],
        "who": request.user.full_name,
        **more,
    }
    return render(request, "sync/confirm.html", context)


def _once(official, fragment) -> Signer:
    """For her and what it is about: with another lesson's, this one would pass for recorded when that one was."""
    return Signer(salt=f"study.once:{official.public_id}:{fragment.activity_id}")


@_study_form
def confirm(request, fragment):
    try:
        name = uuid.UUID(_once(request.user, fragment).unsign(request.POST.get("once", "")))
    except (BadSignature, ValueError) as error:
        raise Unusable(_("This page is too old. Open the lesson or quiz again.")) from error
    if not fragment.course.edition_id:
        raise Unusable(_("This course can't be studied at the moment."))
    if fragment.kind == ActivityKind.LESSON:
        _record(request.user, fragment, [("lesson_finished", name, {"seconds": 0})])
        return redirect(_following(fragment))
    paper, answers = _answers(request, fragment)
    earlier = _attempts_before(request.user, fragment).exclude(key=name).count()
    submission = {"attempt": str(name), "paper": paper.name, "answers": answers}
    _record(
        request.user,
        fragment,
        [
            ("quiz_started", name, {"earlier": earlier}),
            ("quiz_submitted", uuid.uuid5(name, "submitted"), submission),
        ],
    )
    return redirect("my_results")


def _record(official, fragment: Fragment, events: list[tuple]) -> None:
    now = timezone.now()
    drafts = [
        Draft(kind, fragment.activity_id, fragment.course.edition_id, now, data, event_id=name)
        for kind, name, data in events
    ]
    with transaction.atomic():
        if any(arrival.verdict != ACCEPTED for arrival in witness_all(official, drafts)):
            # All or nothing: an attempt that was begun and can't be submitted would be one fewer for her.
            raise Unusable(_("This page has changed since you opened it, so nothing was recorded. Open it again."))
        note_plain_form(official)


def _answers(request, fragment: Fragment) -> tuple[Paper, list[list[int]]]:
    paper = Paper.objects.filter(pk=request.POST.get("paper", "")[:64], quiz=fragment.activity_id).first()
    if paper is None:
        raise Unusable(_("The quiz has changed since you opened it. Open it again."))
    answers = []
    for place in range(len(paper.versions)):
        chosen = request.POST.getlist(f"q{place}")
        if not all(index.isascii() and index.isdigit() and len(index) <= LONGEST_INDEX for index in chosen):
            raise Unusable(_("An answer can't be read. Open the quiz again."))
        answers.append(sorted({int(index) for index in chosen}))
    return paper, answers


def _following(fragment: Fragment) -> str:
    """The next lesson or quiz of the course, else the course itself."""
    pages = Fragment.objects.filter(course=fragment.course_id, language=fragment.language)
    following = pages.filter(position__gt=fragment.position).order_by("position").first()
    return (following or pages.order_by("position").first() or fragment).path
