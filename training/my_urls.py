"""/me/…: the pages of the person signed in. The names are those the shell's tabs use."""

from django.urls import path
from django.views.generic import RedirectView

from training import views

urlpatterns = [
    path("", views.my_courses, name="me"),
    path("results/", views.my_results, name="my_results"),
    path("results/<uuid:key>/", views.my_review, name="my_review"),
    path("storage/", views.my_storage, name="my_storage"),
    path("sign-out/", RedirectView.as_view(pattern_name="logout"), name="my_sign_out"),
    path("account/", views.account, name="account"),
    path("account/revoke/", views.revoke_device, name="revoke_device"),
    path("account/language/", views.set_language, name="set_language"),
]
