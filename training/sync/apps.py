"""How phones and server talk: devices, deliveries, the ledger of events, course packs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "training.sync"
    label = "sync"
    verbose_name = _("Phones and results")

    def ready(self):
        from courses.signals import course_settled
        from training.sync import disowned, packs

        course_settled.connect(packs.on_course_settled, dispatch_uid="sync.packs")
        disowned.connect()
