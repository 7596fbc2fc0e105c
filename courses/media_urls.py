"""Files by their hash. Mounted at the root: they have no language."""

from django.urls import re_path

from courses import views

urlpatterns = [
    re_path(r"^m/([0-9a-f]{64}\.[a-z0-9]{2,5})$", views.media, name="media_file"),
]
