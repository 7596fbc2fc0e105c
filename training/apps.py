"""The institution: the Django project itself, as an app, so that its commands and admin hooks are found."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"
    label = "training"
