"""HR's screens for officials in the admin: list, add, edit, move, let go, take back, one-time code.

Each view looks the person up among those the actor may manage (access.py), so a guessed address finds nobody. A name
searched for is posted and stands in no address.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.debug import sensitive_variables
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log

from training.officials import access, staffing
from training.officials.admin_access import HrScreen, official_or_404
from training.officials.admin_forms import (
    FirstPostingForm,
    LeaveForm,
    MoveForm,
    OfficialFilter,
    OfficialForm,
    RevokeForm,
    TakeBackForm,
)
from training.officials.models import Official, Posting, say_whose_sections
from training.officials.names import found

PAGE_SIZE = 50


class OfficialScreen(HrScreen, View):
    header_icon = "group"

    def get_breadcrumbs_items(self):
        return self.trail((reverse("hr_officials"), _("Officials")), ("", self.get_header_title()))


class OfficialList(OfficialScreen):
    def get_breadcrumbs_items(self):
        return self.trail(("", _("Officials")))

    def get_header_title(self):
        return _("Officials")

    def get_header_buttons(self):
        return [HeaderButton(_("Add an official"), reverse("hr_official_add"), icon_name="plus")]

    def get(self, request):
        return self.answer(request.GET, "")

    def post(self, request):
        return self.answer(request.POST, request.POST.get("q", "").strip()[:100])

    def answer(self, data, search):
        form = OfficialFilter(data, actor=self.request.user)
        if not form.is_valid():
            raise Http404
        officials = chosen_officials(self.request.user, form.cleaned_data, search)
        page = Paginator(officials.order_by("name_sort", "staff_number"), PAGE_SIZE).get_page(data.get("p"))
        return self.show(
            "officials/admin/list.html",
            form=form,
            search=search,
            page=page,
            lines=lines_of(page.object_list, self.request.user),
        )


def chosen_officials(actor, choice: dict, search: str):
    """Her officials by unit subtree, category, status and name."""
    left = choice["status"] == "left"
    # Whoever left today is posted until tonight, and has left all the same.
    if left:
        officials = access.readable_officials(actor).exclude(pk__in=access.officials_of(actor).filter(is_active=True))
    else:
        officials = access.officials_of(actor).filter(is_active=True)
    if choice["status"] == "new":
        officials = officials.filter(last_login=None)
    if choice["unit"] or choice["category"]:
        mains = Posting.objects.filter(official=OuterRef("pk"), is_main=True)
        if left:
            # Where she stood last, not wherever she ever did.
            officials = officials.alias(last=Subquery(mains.order_by("-valid_from", "-pk").values("pk")[:1]))
            mains = Posting.objects.filter(pk=OuterRef("last"))
        else:
            mains = mains.on()
        if choice["unit"]:
            mains = mains.filter(unit__in=access.subtree(choice["unit"]))
        if choice["category"]:
            mains = mains.filter(category=choice["category"])
        officials = officials.filter(Exists(mains))
    if search:
        officials = officials.filter(found(search))
    return officials


def lines_of(officials, actor) -> list[dict]:
    """Each with her main posting of today, else her last. Four queries for a page."""
    officials = list(officials)
    manageable = set(
        access.manageable_officials(actor)
        .filter(pk__in=[each.pk for each in officials])
        .values_list("pk", flat=True)
    )
    postings: dict[int, Posting] = {}
    mains = Posting.objects.filter(official__in=officials, is_main=True).select_related("unit")
    for posting in mains.order_by("valid_from", "pk"):
        postings[posting.official_id] = posting
    for posting in mains.on():
        postings[posting.official_id] = posting
    say_whose_sections(posting.unit for posting in postings.values())
    return [
        {"official": each, "posting": postings.get(each.pk), "may_manage": each.pk in manageable}
        for each in officials
    ]


class AddOfficial(OfficialScreen):
    def get_header_title(self):
        return _("Add an official")

    def get(self, request):
        return self.form(OfficialForm(), FirstPostingForm(actor=request.user))

    def post(self, request):
        person = OfficialForm(request.POST)
        posting = FirstPostingForm(request.POST, actor=request.user)
        if not (person.is_valid() & posting.is_valid()):
            return self.form(person, posting)
        try:
            official = staffing.add(person.save(commit=False), posting.posting(), by=request.user)
        except IntegrityError as error:
            person.taken_meanwhile(error)
            return self.form(person, posting)
        messages.success(
            request,
            _("%(name)s is added. Print a one-time code for the first sign-in.") % {"name": official.full_name},
        )
        return redirect("hr_official_code", public_id=official.public_id)

    def form(self, *forms):
        return self.show_forms("officials/admin/form.html", forms, button=_("Add"), back=reverse("hr_officials"))


class OneOfficial(OfficialScreen):
    """Base of the screens about one official the actor may manage."""

    official: Official

    def get_breadcrumbs_items(self):
        return self.trail(
            (reverse("hr_officials"), _("Officials")),
            (self.edit_url(), self.official.full_name),
            ("", self.get_header_title()),
        )

    def dispatch(self, request, public_id):
        if not self.may_enter(request.user):
            return super().dispatch(request)
        self.official = official_or_404(access.manageable_officials(request.user), public_id)
        if request.method != "POST":
            return super().dispatch(request)
        with transaction.atomic():
            # Two officers at once: the second waits, and her form is judged by what the first wrote.
            staffing.lock(self.official)
            self.official.refresh_from_db()
            return super().dispatch(request)

    def edit_url(self):
        return reverse("hr_official_edit", args=[self.official.public_id])

    def form(self, form, *, button, hint):
        return self.show_forms(
            "officials/admin/form.html",
            [form],
            button=button,
            hint=hint,
            official=self.official,
            back=self.edit_url(),
        )

    def done(self, words):
        messages.success(self.request, words)
        return redirect(self.edit_url())


class EditOfficial(OneOfficial):
    def get_header_title(self):
        return self.official.full_name

    def get_breadcrumbs_items(self):
        return self.trail((reverse("hr_officials"), _("Officials")), ("", self.official.full_name))

    def get(self, request):
        return self.edit(OfficialForm(instance=self.official))

    def post(self, request):
        form = OfficialForm(request.POST, instance=Official.objects.get(pk=self.official.pk))
        if not form.is_valid():
            return self.edit(form)
        try:
            with transaction.atomic():
                self.official = form.save()
        except IntegrityError as error:
            form.taken_meanwhile(error)
            return self.edit(form)
        log(self.official, "wagtail.edit", user=request.user, data={"fields": form.changed_data})
        return self.done(_("The changes are saved."))

    def edit(self, form):
        postings = (
            self.official.postings.filter(is_main=True).select_related("unit").order_by("-valid_from", "-pk")
        )
        return self.show_forms(
            "officials/admin/edit.html",
            [form],
            button=_("Save"),
            official=self.official,
            postings=postings,
            gives_roles=access.gives_roles(self.request.user),
            back=reverse("hr_officials"),
        )


class MoveOfficial(OneOfficial):
    def get_header_title(self):
        return _("Move to another unit or post")

    def get(self, request):
        return self.ask(MoveForm(actor=request.user, current=self.current()))

    def post(self, request):
        form = MoveForm(request.POST, actor=request.user, current=self.current())
        if not form.is_valid():
            return self.ask(form)
        posting = staffing.move(self.official, **form.cleaned_data, by=request.user)
        return self.done(_("She is posted at %(unit)s from that day on.") % {"unit": posting.unit.full_name})

    def current(self):
        if not self.official.is_active:
            raise Http404
        return staffing.open_main_posting(self.official)

    def ask(self, form):
        hint = _(
            "Her results go with her; completions keep the unit of their day. From then on she owes the "
            "courses assigned to the new unit."
        )
        if form.current is not None and form.current.valid_from > timezone.localdate():
            words = _("The move planned for %(day)s is replaced by this one.")
            hint = f"{words % {'day': date_format(form.current.valid_from, 'SHORT_DATE_FORMAT')}} {hint}"
        return self.form(form, button=_("Move"), hint=hint)


class DeactivateOfficial(OneOfficial):
    def get_header_title(self):
        return _("Close the account")

    def get(self, request):
        return self.ask(LeaveForm(official=self.official))

    def post(self, request):
        form = LeaveForm(request.POST, official=self.official)
        if not form.is_valid():
            return self.ask(form)
        staffing.deactivate(self.official, **form.cleaned_data, by=request.user)
        return self.done(_("The account is closed. Her record is kept."))

    def ask(self, form):
        if not self.official.is_active:
            raise Http404
        return self.form(
            form,
            button=_("Close the account"),
            hint=_(
                "She can no longer sign in. Her record is kept, and results from before that are still on her "
                "phone count when they arrive."
            ),
        )


class ReactivateOfficial(OneOfficial):
    def get_header_title(self):
        return _("Take back into service")

    def get(self, request):
        return self.ask(TakeBackForm(actor=request.user, current=self.last()))

    def post(self, request):
        if self.official.is_active:
            return self.done(_("The account is open again."))
        form = TakeBackForm(request.POST, actor=request.user, current=self.last())
        if not form.is_valid():
            return self.ask(form)
        staffing.reactivate(self.official, **form.cleaned_data, by=request.user)
        return self.done(_("The account is open again."))

    def last(self):
        if self.official.is_active:
            raise Http404
        return staffing.last_main_posting(self.official)

    def ask(self, form):
        return self.form(
            form, button=_("Take back"), hint=_("She signs in as before, or with a new one-time code.")
        )


class GiveCode(OneOfficial):
    """Asks first; the answer to the POST is the page to print. It is shown once and kept by nobody."""

    def get_header_title(self):
        return _("One-time code")

    def get(self, request):
        return self.ask(RevokeForm())

    @sensitive_variables("code")
    def post(self, request):
        form = RevokeForm(request.POST)
        if not form.is_valid() or not self.official.is_active:
            return self.ask(form)
        code = staffing.give_code(self.official, request.user, **form.cleaned_data)
        posting = self.official.postings.on().filter(is_main=True).select_related("unit").first()
        say_whose_sections([posting.unit] if posting else ())
        return self.show(
            "officials/admin/code.html",
            official=self.official,
            posting=posting,
            code=code,
            expires_at=self.official.one_time_code_expires_at,
            sign_in=request.build_absolute_uri(reverse("login")),
        )

    def ask(self, form):
        if not self.official.is_active:
            raise Http404
        return self.form(
            form,
            button=_("Make a one-time code"),
            hint=_(
                "Her password and any code from before stop working at once. She chooses a new password when she "
                "signs in."
            ),
        )
