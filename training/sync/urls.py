"""Addresses under /api/: what phones talk to. The last one answers for everything else there, so nothing
redirects.
"""

from django.urls import path, re_path

from training.sync import views

urlpatterns = [
    path("devices/", views.register_device),
    path("me/", views.me),
    path("sync/", views.sync),
    path("attempts/<uuid:key>/review/", views.review),
    path("courses/", views.courses),
    path("courses/<uuid:key>/pack/", views.pack),
    re_path(r"", views.nothing_here),
]
