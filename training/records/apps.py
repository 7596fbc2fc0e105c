"""What is owed and what is done: assignments, enrolments, lesson progress, completions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "training.records"
    label = "records"
    verbose_name = _("Training records")

    def ready(self):
        from training.records import signal_handlers

        signal_handlers.connect()
