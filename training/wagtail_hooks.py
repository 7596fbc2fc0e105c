"""What the admin gets from this project: HR's menu, addresses and log words. Loaded by Wagtail."""

from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from training.officials import access


class HrMenuItem(MenuItem):
    def is_shown(self, request):
        return access.is_hr(request.user)


class OverseerMenuItem(MenuItem):
    def is_shown(self, request):
        return access.answers_for_everything(request.user)


@hooks.register("register_admin_urls")
def hr_urls():
    return [
        path("reports/training/", include("training.reports.admin_urls")),
    ]


@hooks.register("register_reports_menu_item")
def completion_report():
    return HrMenuItem(
        _("Completion"), reverse("reports_completion"), name="completion", icon_name="table", order=100
    )


@hooks.register("register_reports_menu_item")
def access_log():
    return OverseerMenuItem(
        _("Access log"), reverse("reports_access_log"), name="access-log", icon_name="history", order=900
    )
