"""What the admin gets from this project: HR's menu, addresses and log words, and what authors are told of phones and
learners. Loaded by Wagtail.
"""

from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from courses import signals
from courses.models import Activity
from training.officials import access
from training.records.models import Enrolment
from training.records.standing import IS_IN_PROGRESS
from training.sync import packs


def who_is_studying(key) -> str:
    """What an author reads before unpublishing a course, or a part of one."""
    course = Activity.objects.filter(pk=key).values("course")
    count = Enrolment.objects.filter(IS_IN_PROGRESS, course__in=course).count()
    if not count:
        return ""
    words = ngettext(
        "%(count)d official is studying this course and has not completed it.",
        "%(count)d officials are studying this course and have not completed it.",
        count,
    )
    return words % {"count": count}


signals.unpublish_notes.append(who_is_studying)
signals.pack_sizes.append(packs.weight)


class HrMenuItem(MenuItem):
    def is_shown(self, request):
        return access.is_hr(request.user)


class OverseerMenuItem(MenuItem):
    def is_shown(self, request):
        return access.answers_for_everything(request.user)


@hooks.register("register_admin_urls")
def hr_urls():
    return [
        path("officials/", include("training.officials.admin_urls")),
        path("assignments/", include("training.records.admin_urls")),
        path("reports/training/", include("training.reports.admin_urls")),
    ]


@hooks.register("register_admin_menu_item")
def officials():
    return HrMenuItem(_("Officials"), reverse("hr_officials"), name="officials", icon_name="group", order=300)


@hooks.register("register_admin_menu_item")
def assignments():
    return HrMenuItem(
        _("Assign courses"), reverse("hr_assignments"), name="assignments", icon_name="calendar-check", order=310
    )


class HrPanel(Component):
    """The first thing on an HR officer's first page, which is empty but for it: she has no pages to edit."""

    name, order, template_name = "hr", 50, "officials/admin/home.html"

    def get_context_data(self, parent_context):
        return {
            "links": [
                (_("Completion by unit and course"), reverse("reports_completion")),
                (_("Waiting for a decision"), reverse("reports_waiting")),
                (_("Officials"), reverse("hr_officials")),
                (_("Assigned courses"), reverse("hr_assignments")),
            ]
        }


@hooks.register("construct_homepage_panels")
def work_of_hr(request, panels):
    if access.is_hr(request.user):
        panels.append(HrPanel())


@hooks.register("construct_help_menu")
def without_news_of_wagtail(request, items):
    """They lead out of the site, to pages in English, with a badge until each has been opened."""
    items[:] = [item for item in items if item.name != "editor-guide" and not item.name.startswith("whats-new")]


@hooks.register("register_log_actions")
def log_actions(actions):
    actions.register_action("officials.move", _("Move"), _("Moved to another unit or post"))
    actions.register_action("officials.deactivate", _("Close account"), _("Account closed"))
    actions.register_action("officials.reactivate", _("Take back"), _("Taken back into service"))
    actions.register_action("officials.one_time_code", _("One-time code"), _("One-time code made"))
    actions.register_action("officials.give_role", _("Give a role"), _("Role given"))
    actions.register_action("officials.end_role", _("End a role"), _("Role ended"))
    actions.register_action("records.assign", _("Assign"), _("Course assigned"))
    actions.register_action("records.change_deadline", _("Change deadline"), _("Deadline changed"))
    actions.register_action("records.withdraw", _("Withdraw"), _("Assignment withdrawn"))


@hooks.register("register_reports_menu_item")
def completion_report():
    return HrMenuItem(
        _("Completion"), reverse("reports_completion"), name="completion", icon_name="table", order=100
    )


@hooks.register("register_reports_menu_item")
def waiting_for_a_decision():
    return HrMenuItem(
        _("Waiting for a decision"), reverse("reports_waiting"), name="waiting", icon_name="warning", order=110
    )


@hooks.register("register_reports_menu_item")
def access_log():
    return OverseerMenuItem(
        _("Access log"), reverse("reports_access_log"), name="access-log", icon_name="history", order=900
    )
