"""A grant that begins or ends by date, while its holder is signed in: the admin opens and closes with it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from training.officials import groups
from training.officials.grants_today import MARK
from training.officials.models import Grant, Role

TODAY = timezone.localdate()


@pytest.fixture
def grant(official, unit):
    return Grant.objects.create(official=official, role=Role.TRAINER, unit=unit)


def ended(grant):
    """By date, as a day passes: nobody saves it."""
    Grant.objects.filter(pk=grant.pk).update(valid_from=TODAY - timedelta(days=9), valid_to=TODAY - timedelta(days=1))


def on_the_next_day(client):
    session = client.session
    session[MARK] = (TODAY - timedelta(days=1)).isoformat()
    session.save()


def test_the_admin_closes_on_the_day_after_a_grants_last(client, official, grant):
    client.force_login(official)
    assert client.get("/admin/").status_code == 200
    ended(grant)
    on_the_next_day(client)
    assert client.get("/admin/").status_code == 302
    assert not official.groups.exists()


@pytest.mark.parametrize("door", ["/admin/", "/media/original_images/a.jpg", "/documents/1/a.pdf"])
def test_every_door_that_groups_open_asks_for_the_grants_of_today(client, official, grant, door):
    client.force_login(official)
    ended(grant)
    on_the_next_day(client)
    client.get(door)
    assert not official.groups.exists()


def test_it_opens_on_the_day_a_grant_begins(client, official, grant):
    Grant.objects.filter(pk=grant.pk).update(valid_from=TODAY + timedelta(days=1))
    client.force_login(official)
    assert client.get("/admin/").status_code == 302
    Grant.objects.filter(pk=grant.pk).update(valid_from=TODAY)
    on_the_next_day(client)
    assert client.get("/admin/").status_code == 200


def test_every_night_the_groups_follow_the_grants_of_those_who_are_not_there(official, colleague, grant):
    ended(grant)
    begun = Grant(official=colleague, role=Role.HR, unit=grant.unit)
    Grant.objects.bulk_create([begun])
    call_command("settle_grants")
    assert not official.groups.exists()
    assert list(colleague.groups.values_list("name", flat=True)) == [groups.NAMES[Role.HR]]

