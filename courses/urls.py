"""Learners' pages: whatever path Wagtail could serve. Mounted under i18n_patterns, before Wagtail's own addresses."""

from django.urls import re_path

from courses import views

urlpatterns = [
    re_path(r"^((?:[\w\-]+/)*)$", views.page, name="learner_page"),
]
