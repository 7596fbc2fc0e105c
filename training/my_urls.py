"""/me/…: the pages of the person signed in. The names are those the shell's tabs use."""

from django.urls import path

from training import views

urlpatterns = [
    path("", views.my_courses, name="me"),
    path("results/", views.my_results, name="my_results"),
    path("storage/", views.my_storage, name="my_storage"),
    path("results/<uuid:key>/", views.my_review, name="my_review"),
    path("account/", views.account, name="account"),
    path("account/revoke/", views.revoke_device, name="revoke_device"),
    path("account/language/", views.set_language, name="set_language"),
]
