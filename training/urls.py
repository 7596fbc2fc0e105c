"""Every address of the site. What has a language is under i18n_patterns: Vietnamese without prefix, English at /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("", include("training.app_urls")),
    path("", include("pwa.urls")),
    path("api/", include("training.sync.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("courses.media_urls")),
]

urlpatterns += i18n_patterns(
    path("accounts/", include("training.officials.urls")),
    path("me/", include("training.my_urls")),
    path("study/", include("training.sync.study_urls")),
    path("", include("courses.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
