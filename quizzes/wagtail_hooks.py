"""What the admin needs for editing quizzes. Loaded by Wagtail."""

from django.utils.safestring import mark_safe
from wagtail import hooks


@hooks.register("insert_global_admin_css")
def hide_identities() -> str:
    """A question's identity travels with the form and is nobody's to edit; its label must not show either."""
    return mark_safe('<style>[data-contentpath="question"]{display:none}</style>')
