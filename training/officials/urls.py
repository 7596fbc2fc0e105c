"""/accounts/…, in both languages. The worker leaves all of it alone: these pages always come from the server."""

from django.urls import path

from training.officials import views

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.set_password, name="set_password"),
]
