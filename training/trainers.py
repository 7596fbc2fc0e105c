"""What the group of trainers may do in the admin: author under the catalogue, and nothing with people.

Called by load_demo and set_up_site. Membership follows the dated grants
(training/officials/signal_handlers.py); what may be authored is the catalogue and its media.
"""

from django.contrib.auth.models import Group

from courses.models import CataloguePage
from courses.permissions import give_authoring
from training.officials.groups import group_for
from training.officials.models import Role


def let_trainers_author(home: CataloguePage) -> Group:
    """Permissions of the trainers' group on the home page and everything below it. Safe to call again."""
    group = group_for(Role.TRAINER)
    for page in [home, *CataloguePage.objects.exclude(pk=home.pk)]:
        give_authoring(group, page)
    return group
