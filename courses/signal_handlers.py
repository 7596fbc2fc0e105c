"""Where Wagtail calls us: publishing, unpublishing, moving and deleting pages. Each handler calls one verb."""


def connect() -> None:
    pass
