"""Every address of the site. What has a language is under i18n_patterns: Vietnamese without prefix, English at /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from training import uploads, views
from training.officials.users_admin import one_by_one, own_account
from training.officials.views import sign_out_of_admin

urlpatterns = [
    path("", include("training.app_urls")),
    path("", include("pwa.urls")),
    path("api/", include("training.sync.urls")),
    path("qr.svg", views.qr, name="qr"),
    # One sign-in page for everyone: the lock-out, the record and one-time codes are the same for the admin.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/logout/", sign_out_of_admin),
    path("admin/account/", own_account),
    path("admin/bulk/officials/<path:rest>", one_by_one),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:path>", uploads.upload),
    path("", include("courses.media_urls")),
]

urlpatterns += i18n_patterns(
    path("accounts/", include("training.officials.urls")),
    path("me/", include("training.my_urls")),
    path("open/", views.open_in_browser, name="open"),
    path("study/", include("training.sync.study_urls")),
    path("", include("courses.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
