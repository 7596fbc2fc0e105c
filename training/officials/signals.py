"""What happens to officials that packages above this one must act on; they connect in their apps.py."""

from django.dispatch import Signal

#: Provides args: officials (primary keys whose main posting began, ended or moved).
postings_changed = Signal()
#: Provides args: official, by. Whoever holds her phones now is no longer trusted.
devices_disowned = Signal()
