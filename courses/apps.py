"""What is taught: pages, blocks, activities and editions, and what a page needs on a phone."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self):
        from courses import signal_handlers

        signal_handlers.connect()
