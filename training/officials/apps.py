"""Who: officials, their units, postings and roles, and who may see whom."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficialsConfig(AppConfig):
    name = "training.officials"
    label = "officials"
    verbose_name = _("Officials and units")

    def ready(self):
        from training.officials import signal_handlers

        signal_handlers.connect()
