"""Uploads are for the admin: nobody else gets at a file by its name in the folder."""

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(world):
    from pathlib import Path

    path = Path(settings.MEDIA_ROOT) / "original_images" / "secret.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("draft")
    return "/media/original_images/secret.txt"


def test_a_trainer_sees_what_was_uploaded(trainer, upload):
    answer = trainer.get(upload)
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_nobody_else_does(official, client, upload):
    assert official.get(upload).status_code == 404
    assert client.get(upload).status_code == 404


def test_no_path_leads_out_of_the_folder(trainer, world):
    assert trainer.get("/media/../site.sqlite3").status_code in (400, 404)
    assert trainer.get("/media/%2e%2e/site.sqlite3").status_code in (400, 404)
