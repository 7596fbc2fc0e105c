"""What a group of trainers needs to author courses in the admin, and nothing with people.

Called by training/trainers.py for the catalogue pages; safe to call again.
"""

from django.contrib.auth.models import Group, Permission
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page
from wagtailmedia.models import get_media_model

#: "bulk_delete" deletes pages that have others below them, such as a course; what has records is refused all the same.
PAGE_PERMISSIONS = ["add_page", "change_page", "publish_page", "bulk_delete_page", "lock_page", "unlock_page"]


def give_authoring(group: Group, page: Page) -> None:
    """Authoring of everything below ``page``, with pictures, documents, audio and video, and translations."""
    group.permissions.add(_permission("wagtailadmin", "access_admin"))
    group.permissions.add(_permission("simple_translation", "submit_translation"))
    for codename in PAGE_PERMISSIONS:
        permission = _permission("wagtailcore", codename)
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)
    root = Collection.get_first_root_node()
    for model in (get_image_model(), get_document_model(), get_media_model()):
        for action in ("add", "change", "choose", "delete"):
            permission = Permission.objects.filter(
                content_type__app_label=model._meta.app_label, codename=f"{action}_{model._meta.model_name}"
            ).first()
            if permission:
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=root, permission=permission
                )


def _permission(app: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app, codename=codename)
