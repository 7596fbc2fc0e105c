"""Compiles the translations without gettext installed, so that a fresh machine needs nothing but Python.

Run by `make run`, `make test` and every deployment, like collectstatic.
"""

from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compiles training/locale/*/LC_MESSAGES/*.po."

    def handle(self, *args, **options):
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                polib.pofile(str(source), encoding="utf-8").save_as_mofile(str(source.with_suffix(".mo")))
