"""Keeps derived rows in step where Django calls us: the flat unit tree, and the groups that go with grants."""


def connect() -> None:
    pass
