"""Addresses of HR's screens for assignments, below /admin/assignments/. Registered by training/wagtail_hooks.py."""

from django.urls import path

from training.records import admin_views as views

urlpatterns = [
    path("", views.AssignmentList.as_view(), name="hr_assignments"),
    path("add/", views.Assign.as_view(), name="hr_assign"),
    path("<int:pk>/deadline/", views.ChangeDeadline.as_view(), name="hr_assignment_deadline"),
    path("<int:pk>/withdraw/", views.Withdraw.as_view(), name="hr_assignment_withdraw"),
]
