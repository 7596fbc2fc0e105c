"""Every kind of answer carries its policy, and says who may frame it."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def policy(client, path) -> dict[str, str]:
    rules = client.get(path).headers["Content-Security-Policy"].split(";")
    return dict(rule.strip().partition(" ")[::2] for rule in rules)


@pytest.mark.parametrize("path", ["/api/me/", "/api/courses/", "/api/nothing-here/"])
def test_no_answer_of_the_api_may_load_or_be_framed(client, path):
    assert policy(client, path) == {"default-src": "'none'", "frame-ancestors": "'none'"}


@pytest.mark.parametrize("path", ["/accounts/login/", "/en/accounts/login/", "/no-such-page/", "/offline/"])
def test_no_page_of_a_learner_runs_inline_script_or_may_be_framed(client, path):
    rules = policy(client, path)
    assert (rules["default-src"], rules["script-src"], rules["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert "unsafe" not in rules["style-src"]


def test_only_the_site_itself_may_frame_the_admin(admin_client):
    rules = policy(admin_client, reverse("wagtailadmin_home"))
    assert (rules["default-src"], rules["frame-ancestors"]) == ("'self'", "'self'")
