"""Addresses of the report screens, below /admin/reports/. Registered by training/wagtail_hooks.py."""

from django.urls import path

from training.reports import person_views, phone_views, views

urlpatterns = [
    path("completion/", views.CompletionReport.as_view(), name="reports_completion"),
    path("completion/persons/", views.PersonsReport.as_view(), name="reports_persons"),
    path("persons/<uuid:public_id>/", person_views.PersonRecord.as_view(), name="reports_person"),
    path(
        "persons/<uuid:public_id>/revoke/<int:device>/",
        phone_views.RevokeDevice.as_view(),
        name="reports_revoke_device",
    ),
    path(
        "persons/<uuid:public_id>/trust/<int:device>/",
        phone_views.TrustDevice.as_view(),
        name="reports_trust_device",
    ),
    path("persons/<uuid:public_id>/decide/", phone_views.DecideHeld.as_view(), name="reports_decide"),
    path("waiting/", phone_views.WaitingList.as_view(), name="reports_waiting"),
    path("access/", person_views.AccessLog.as_view(), name="reports_access_log"),
]
