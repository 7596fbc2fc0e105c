"""What is left of Wagtail's own screens of users: an administrator sees who has which power, and each her settings.

People are added, named, moved and let go on HR's screens (admin_views.py), where postings, grants, phones and the log
go along. Wagtail's would make an account without a name, and delete one that has records. Its viewset is named by
users_app.py; the account page, and what stands in the place of bulk actions, by training/urls.py.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.db.models import Q
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import AccountView, BaseSettingsPanel, NameEmailSettingsPanel
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.users.views.users import IndexView, UserViewSet

from training.officials.groups import NAMES
from training.officials.models import Official
from training.officials.names import found


class PowersForm(forms.ModelForm):
    """Administrator or not, and the groups she is put into by hand. Those of grants follow the grants."""

    class Meta:
        model = Official
        fields = ["is_superuser", "groups"]
        labels = {"is_superuser": _("Administrator")}
        help_texts = {
            "is_superuser": _("May do everything, and sees everybody."),
            "groups": _("HR officers and trainers are not made here, but by a role: see “Roles” of the official."),
        }
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args, editing_self=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = Group.objects.exclude(name__in=NAMES.values())
        if editing_self:
            # Nobody locks herself out.
            del self.fields["is_superuser"]

    def clean_groups(self):
        by_grant = Q(name__in=NAMES.values(), user=self.instance)
        return Group.objects.filter(Q(pk__in=self.cleaned_data["groups"]) | by_grant).distinct()


class PowersIndex(IndexView):
    """Found by name, marks or no marks, or staff number."""

    page_title = _("Administrators and groups")

    @property
    def columns(self):
        _checkbox, *columns = super().columns
        return columns

    def search_queryset(self, queryset):
        return queryset.filter(found(self.search_query)) if self.search_query else queryset


class NobodyAddedNorDeleted(ModelPermissionPolicy):
    def user_has_permission(self, user, action):
        return action not in ("add", "delete") and super().user_has_permission(user, action)

    def user_has_any_permission(self, user, actions):
        return any(self.user_has_permission(user, action) for action in actions)


class PowersViewSet(UserViewSet):
    index_view_class = PowersIndex
    edit_template_name = "wagtailadmin/generic/edit.html"
    index_template_name = "wagtailadmin/generic/index.html"
    copy_view_enabled = False
    menu_label = _("Administrators and groups")

    @property
    def permission_policy(self):
        return NobodyAddedNorDeleted(self.model)

    def get_form_class(self, for_update=False):
        return PowersForm


class EmailForm(forms.ModelForm):
    class Meta:
        model = Official
        fields = ["email"]


class EmailPanel(BaseSettingsPanel):
    """In place of names, which are in her papers and changed by HR."""

    name = "email"
    title = _("Official e-mail")
    order = NameEmailSettingsPanel.order
    form_class = EmailForm


class OwnAccountView(AccountView):
    def get_panels(self):
        panels = [each for each in super().get_panels() if not isinstance(each, NameEmailSettingsPanel)]
        return [EmailPanel(self.request, self.request.user, panels[0].profile), *panels]


own_account = never_cache(require_admin_access(OwnAccountView.as_view()))


@never_cache
@require_admin_access
def one_by_one(request, **kwargs):
    """In the place of Wagtail's bulk actions for users, which delete accounts and close them."""
    messages.error(request, _("Nothing was changed. Accounts are opened and closed one by one, under Officials."))
    return redirect("hr_officials")
