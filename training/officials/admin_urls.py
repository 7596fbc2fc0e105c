"""Addresses of HR's screens for officials, below /admin/officials/. Registered by training/wagtail_hooks.py."""

from django.urls import path

from training.officials import admin_views as views
from training.officials import role_views

urlpatterns = [
    path("", views.OfficialList.as_view(), name="hr_officials"),
    path("add/", views.AddOfficial.as_view(), name="hr_official_add"),
    path("<uuid:public_id>/", views.EditOfficial.as_view(), name="hr_official_edit"),
    path("<uuid:public_id>/move/", views.MoveOfficial.as_view(), name="hr_official_move"),
    path("<uuid:public_id>/close/", views.DeactivateOfficial.as_view(), name="hr_official_deactivate"),
    path("<uuid:public_id>/take-back/", views.ReactivateOfficial.as_view(), name="hr_official_reactivate"),
    path("<uuid:public_id>/code/", views.GiveCode.as_view(), name="hr_official_code"),
    path("<uuid:public_id>/roles/", role_views.Roles.as_view(), name="hr_official_roles"),
    path("<uuid:public_id>/roles/<int:grant>/end/", role_views.EndRole.as_view(), name="hr_official_role_end"),
]
