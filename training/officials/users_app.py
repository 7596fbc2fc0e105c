"""Wagtail's app of users with our screen in place of its own (users_admin.py). Named in INSTALLED_APPS."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "training.officials.users_admin.PowersViewSet"
