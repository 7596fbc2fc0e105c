"""What HR reads: queries, filters, admin views, exports, and the log of who looked."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "training.reports"
    label = "reports"
    verbose_name = _("Reports")
