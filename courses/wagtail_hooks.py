"""What the admin does and refuses for courses, each refusal with a sentence. Loaded by Wagtail."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page, PageViewRestriction

from courses import checks, deletion
from courses.models import ActivityPage


@hooks.register("insert_editor_js")
def slugs_from_vietnamese_titles() -> str:
    return format_html('<script type="module" src="{}"></script>', static("js/admin/slugs.js"))


@hooks.register("before_delete_page")
def keep_what_has_records(request, page):
    pages = [page]
    for cascade in hooks.get_hooks("construct_translated_pages_to_cascade_actions"):
        for others in (cascade([page], "delete") or {}).values():
            pages += others
    return _refuse_deletion(request, pages, reverse("wagtailadmin_pages:edit", args=[page.pk]))


@hooks.register("before_bulk_action")
def check_bulk_action(request, action_type, objects, action):
    if action.models != [Page]:
        return None
    back = getattr(action, "next_url", None) or reverse("wagtailadmin_explore_root")
    if action_type == "delete":
        return _refuse_deletion(request, objects, back)
    if action_type == "publish":
        return _refuse_publishing(request, objects, back)
    return None


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
