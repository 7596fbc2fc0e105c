"""Forms of signing in and of setting a password."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from training.officials.sign_in import LONGEST_NUMBER, LONGEST_PASSWORD


class SignInForm(AuthenticationForm):
    """Says one thing for every refusal, so that nobody learns from it which staff numbers exist."""

    username = forms.CharField(label=_("Staff number"), max_length=LONGEST_NUMBER, strip=True)
    password = forms.CharField(label=_("Password"), max_length=LONGEST_PASSWORD, strip=False)
    error_messages = {
        "invalid_login": _("The staff number or the password is not right."),
        "inactive": _("The staff number or the password is not right."),
    }


class PasswordForm(SetPasswordForm):
    """A new password; with the old one unless she has just come in with a one-time code."""

    old_password = forms.CharField(max_length=LONGEST_PASSWORD, strip=False, required=False)

    def __init__(self, user, *args, knows_old=True, **kwargs):
        super().__init__(user, *args, **kwargs)
        self.knows_old = knows_old
        for name in ("new_password1", "new_password2"):
            self.fields[name].max_length = LONGEST_PASSWORD
            self.fields[name].error_messages["required"] = _("Type the new password.")
        if not knows_old:
            del self.fields["old_password"]

    def clean_old_password(self):
        old = self.cleaned_data.get("old_password") or ""
        if not self.user.check_password(old):
            raise forms.ValidationError(_("The present password is not right. Nothing was changed."))
        return old

    def save(self, commit=True):
        self.user.must_set_password = False
        self.user.one_time_code, self.user.one_time_code_expires_at = "", None
        return super().save(commit)
