"""Where the study forms of a page go when JavaScript is off, in every language."""

from django.urls import path

from training.sync import plain_forms

urlpatterns = [
    path("finish/", plain_forms.finish, name="study_finish"),
    path("submit/", plain_forms.submit, name="study_submit"),
    path("confirm/", plain_forms.confirm, name="study_confirm"),
]
