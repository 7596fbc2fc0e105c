"""What the admin does and refuses for courses, each refusal with a sentence. Loaded by Wagtail."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page, PageViewRestriction

from courses import checks, deletion, drafts, signals
from courses.editions import current_edition, steps
from courses.links import OpenPageLinkHandler
from courses.models import ActivityPage, CataloguePage, CoursePage, Unwritten


@hooks.register("insert_editor_js")
def scripts_of_editors() -> str:
    names = ("slugs", "paste", "autosave")
    return format_html_join(
        "", '<script type="module" src="{}"></script>', ((static(f"js/admin/{name}.js"),) for name in names)
    )


@hooks.register("register_rich_text_features", order=10)
def links_lead_somewhere(features):
    """In place of Wagtail's own, which links to drafts as well."""
    features.register_link_type(OpenPageLinkHandler)


@hooks.register("before_delete_page")
def keep_what_has_records(request, page):
    pages = _with_translations(page, "delete")
    back = reverse("wagtailadmin_pages:edit", args=[page.pk])
    refused = _refuse_the_home_page(request, pages, back) or _refuse_deletion(request, pages, back)
    return refused or (_ask_before_taking_away(request, pages, back) if request.method == "POST" else None)


@hooks.register("before_unpublish_page")
def keep_the_home_page(request, page):
    back = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return _refuse_the_home_page(request, _with_translations(page, "unpublish"), back)


def _with_translations(page, action: str) -> list[Page]:
    """The page and what Wagtail would treat the same along with it."""
    pages = [page]
    for cascade in hooks.get_hooks("construct_translated_pages_to_cascade_actions"):
        for others in (cascade([page], action) or {}).values():
            pages += others
    return pages


@hooks.register("before_bulk_action")
def check_bulk_action(request, action_type, objects, action):
    if action.models != [Page]:
        return None
    if action.next_url == request.path:
        # Without "next" Wagtail would lead back to the action itself, without the pages it was for: not found.
        action.next_url = reverse("wagtailadmin_explore_root")
    if action_type == "delete":
        return (
            _refuse_the_home_page(request, objects, action.next_url)
            or _refuse_deletion(request, objects, action.next_url)
            or _ask_before_taking_away(request, objects, action.next_url)
        )
    if action_type == "unpublish":
        return _refuse_the_home_page(request, objects, action.next_url)
    if action_type == "publish":
        pages = list(objects)
        if action.cleaned_form.cleaned_data.get("include_descendants"):
            for page in objects:
                pages += page.get_descendants().not_live()
        return _refuse_publishing(request, pages, action.next_url)
    return None


def _refuse_the_home_page(request, pages, back):
    """It is the site; trainers may author below it. An administrator knows what she does."""
    if request.user.is_superuser or not any(isinstance(page.specific, CataloguePage) for page in pages):
        return None
    messages.error(request, _("The home page stays: without it there is no course and no site."))
    return redirect(back)


def _refuse_deletion(request, pages, back):
    refused = deletion.refusal(pages)
    if not refused:
        return None
    titles = ", ".join(f"“{activity.title}”" for activity in refused)
    messages.error(
        request,
        _(
            "Not deleted: officials have results for %(titles)s, and records are kept. "
            "Unpublish it instead: nobody sees it any more, and every result stays."
        )
        % {"titles": titles},
    )
    return redirect(back)


def _ask_before_taking_away(request, pages, back):
    """One language of what officials study may be deleted, once its author has read what they will find then."""
    if "take_away" in request.POST:
        return None
    studied = [page.specific for page in pages if page.live and deletion.is_studied(page)]
    if not studied:
        return None
    doomed = {page.pk for page in pages}
    return TemplateResponse(
        request,
        "courses/admin/take_away.html",
        {
            "taken": [
                {
                    "page": page,
                    "language": page.locale.get_display_name(),
                    "notes": signals.notes_on_unpublishing(page.translation_key),
                    "left_in": ", ".join(
                        other.locale.get_display_name()
                        for other in page.get_translations().live().exclude(pk__in=doomed).select_related("locale")
                    ),
                }
                for page in studied
            ],
            # What Wagtail's own page asked goes along, so that it is not asked twice.
            "asked": [
                (name, value)
                for name, values in request.POST.lists()
                for value in values
                if name != "csrfmiddlewaretoken"
            ],
            "back": back,
        },
    )


def _refuse_publishing(request, pages, back):
    faulty = False
    for page in pages:
        page = page.specific
        for problem in checks.problems(page) if isinstance(page, ActivityPage) else []:
            faulty = True
            messages.error(
                request, _("Not published, “%(title)s”: %(problem)s") % {"title": page.title, "problem": problem}
            )
    return redirect(back) if faulty else None


@hooks.register("before_publish_page")
def store_files(request, page):
    drafts.store_files(page)


@hooks.register("after_publish_page")
def say_what_follows(request, page):
    """What a trainer may not have thought of. Nothing is held up."""
    if not isinstance(page, ActivityPage):
        return
    course = page if isinstance(page, CoursePage) else CoursePage.objects.parent_of(page).first()
    if page.live and course is not None and not course.live:
        messages.warning(
            request,
            _("Nobody sees “%(title)s” yet: its course “%(course)s” is not published.")
            % {"title": page.title, "course": course.title},
        )
    if isinstance(page, CoursePage) and page.live and not _asks_for_something(page):
        messages.warning(
            request,
            _("Nobody can complete “%(title)s” yet: no lesson and no quiz that is needed is published in it.")
            % {"title": page.title},
        )
    if page.expire_at:
        for note in signals.notes_on_unpublishing(page.translation_key):
            messages.warning(
                request,
                _("“%(title)s” will be taken away on %(date)s. %(note)s")
                % {
                    "title": page.title,
                    "date": date_format(timezone.localtime(page.expire_at), "SHORT_DATETIME_FORMAT"),
                    "note": note,
                },
            )


def _asks_for_something(course: CoursePage) -> bool:
    edition = current_edition(course.translation_key)
    return edition is not None and any(step["required"] for step in steps(edition))


@hooks.register("after_publish_page")
@hooks.register("after_unpublish_page")
def say_what_is_not_written(request, page):
    """Learners still find what was there before."""
    course = page if isinstance(page, CoursePage) else CoursePage.objects.parent_of(page).first()
    if course is not None and Unwritten.objects.filter(pk=course.translation_key).exists():
        messages.error(
            request,
            _(
                "Learners still see “%(course)s” as it was: a fault keeps it from being written. "
                "It is tried again every minute."
            )
            % {"course": course.title},
        )


@hooks.register("before_serve_page", order=-1)
def refuse_restricted(page, request, serve_args, serve_kwargs):
    """Before Wagtail's own check, which sends the signed-in to the sign-in page as well: round and round."""
    restrictions = page.get_view_restrictions().exclude(restriction_type=PageViewRestriction.PASSWORD)
    if all(restriction.accept_request(request) for restriction in restrictions):
        return None
    if request.user.is_authenticated:
        raise Http404
    return redirect_to_login(request.get_full_path())


@hooks.register("before_serve_document")
def keep_uploads_from_learners(document, request):
    """Learners get documents with the lessons that show them (/m/…), under the lesson's own rules."""
    if not request.user.has_perm("wagtailadmin.access_admin"):
        raise Http404
