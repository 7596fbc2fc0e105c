"""Where officials tell of postings that began, ended or moved; connected in apps.py."""

from training.officials.signals import postings_changed
from training.records import enrolments


def connect() -> None:
    postings_changed.connect(follow, dispatch_uid="records_follow_postings")


def follow(sender, officials, **kwargs):
    enrolments.follow_postings(officials)
