"""Addresses of the app on the phone. They have no language of their own; included at the root, before django-pwa's."""

from django.urls import path

from training import app

urlpatterns = [
    path("serviceworker.js", app.service_worker, name="serviceworker"),
    path("manifest.json", app.manifest, name="manifest"),
    path("shell/<slug:language>/", app.shell_page, name="shell"),
    path("offline/", app.offline, name="offline"),
    path("en/offline/", app.offline),
    path("icons.svg", app.icons, name="icons"),
    path("health/", app.health, name="health"),
]
