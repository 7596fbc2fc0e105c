"""Addresses of HR's screens for officials, below /admin/officials/. Registered by training/wagtail_hooks.py."""

from django.urls import path

from training.officials import admin_views as views

urlpatterns = [
    path("", views.OfficialList.as_view(), name="hr_officials"),
    path("add/", views.AddOfficial.as_view(), name="hr_official_add"),
    path("<uuid:public_id>/", views.EditOfficial.as_view(), name="hr_official_edit"),
    path("<uuid:public_id>/move/", views.MoveOfficial.as_view(), name="hr_official_move"),
    path("<uuid:public_id>/close/", views.DeactivateOfficial.as_view(), name="hr_official_deactivate"),
    path("<uuid:public_id>/take-back/", views.ReactivateOfficial.as_view(), name="hr_official_reactivate"),
    path("<uuid:public_id>/code/", views.GiveCode.as_view(), name="hr_official_code"),
]
