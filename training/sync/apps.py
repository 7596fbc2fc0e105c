"""How phones and server talk: devices, deliveries, the ledger of events, course packs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "training.sync"
    label = "sync"
    verbose_name = _("Phones and results")
