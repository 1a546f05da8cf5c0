"""Admin of residencies and ownerships: the queues of claims, the page of each, entries by staff."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from governance.admin.base import refusal_page
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Invalid, Refused
from governance.models import Ownership, Residency
from governance.registry.entries import OwnershipEntryForm, ResidencyEntryForm
from governance.registry.people import person_of, reads_people
from governance.registry.permissions import KEEPERS
from governance.registry.services import ownership_enter, residency_enter
from governance.registry.trail import evidence_for, trail_for
from governance.registry.workflow import DECIDES, TieState
from governance.scoping import roles_of, visible_q
from governance.templatetags.jiceng import badge

TONES = {
    TieState.CLAIMED: "amber",
    TieState.VERIFIED: "green",
    TieState.REFUSED: "red",
    TieState.WITHDRAWN: "grey",
    TieState.ENDED: "grey",
}
EVERY_STATE = "all"


class QueueFilter(DropdownFilter):
    """The claims to verify, unless another state is asked for."""

    title = gettext_lazy("state")
    parameter_name = "state"
    all_option = None

    def lookups(self, request, model_admin):
        return [*TieState.choices, (EVERY_STATE, gettext_lazy("All"))]

    def value(self):
        return super().value() or TieState.CLAIMED

    def queryset(self, request, queryset):
        return queryset if self.value() == EVERY_STATE else queryset.filter(state=self.value())


class TieAdmin(WorkflowAdmin):
    """Base of both pages. ``enter`` is the service of an entry by staff, ``entry_form`` asks for it."""

    page_template = "governance/admin/registry_page.html"
    list_filter = [QueueFilter]
    list_filter_submit = True
    list_display_links = ["where"]
    ordering = ["-id"]
    entry_form: type[forms.Form]
    enter = None
    people_fields: tuple[str, ...] = ()

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_list_display(self, request):
        # A column's method sees only its row; who reads decides what it shows.
        return [*self.list_display[:1], _person_column(request.user), *self.list_display[1:]]

    def get_search_fields(self, request):
        """Names and phones can be searched by those who read them: a search that finds tells."""
        readable = self.people_fields if roles_of(request.user) & KEEPERS else ()
        return ("dwelling__code", "dwelling__number", "dwelling__building__estate__name", *readable)

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & KEEPERS)

    @display(description=gettext_lazy("dwelling"), ordering="dwelling__code")
    def where(self, obj):
        return str(obj.dwelling)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    def page_context(self, request, obj):
        return {
            "tone": TONES[obj.state],
            "person": person_of(obj, request.user),
            "evidence": evidence_for(obj, request.user),
            "trail": trail_for(obj, request.user)[::-1],
        }

    def history_view(self, request, object_id, extra_context=None):
        """The page itself shows the history; the bare list of events would name people to who may not read them."""
        if not reads_people(self.find(request, object_id), request.user):
            raise Http404
        return super().history_view(request, object_id, extra_context)

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Enter somebody, confirmed at once. GET shows the form, POST enters."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = self.entry_form(request.POST if posted else None, request.FILES if posted else None, user=request.user)
        if posted and form.is_valid():
            try:
                entered = type(self).enter(actor=request.user, **form.arguments())
            except Invalid as error:
                form.add_error(error.field if error.field in form.fields else None, error.detail)
            except Refused as error:
                return refusal_page(self, request, error, back=request.path)
            else:
                messages.success(request, _("%(object)s was entered.") % {"object": entered})
                return HttpResponseRedirect(self.page_url(entered))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Enter: %(what)s") % {"what": self.opts.verbose_name},
            "opts": self.opts,
            "form": form,
            "back": reverse(f"admin:governance_{self.opts.model_name}_changelist"),
        }
        status = 400 if posted else 200
        return TemplateResponse(request, "governance/admin/registry_entry.html", context, status=status)


def _person_column(user):
    """Return the list column with the person as ``user`` may read them."""

    @display(description=gettext_lazy("person"))
    def person(obj):
        told = person_of(obj, user)
        return f"{told['name']} {told['phone']}".strip()

    return person


@admin.register(Residency)
class ResidencyAdmin(TieAdmin):
    """Who lives where."""

    entry_form = ResidencyEntryForm
    enter = staticmethod(residency_enter)
    people_fields = ("user__name", "user__phone")
    list_display = ["where", "kind", "state_badge", "valid_from", "valid_to", "area"]


@admin.register(Ownership)
class OwnershipAdmin(TieAdmin):
    """Who owns what share of which dwelling, and who votes for it."""

    entry_form = OwnershipEntryForm
    enter = staticmethod(ownership_enter)
    people_fields = ("owner_name", "owner_phone")
    list_display = ["where", "share_column", "is_voter", "state_badge", "valid_from", "valid_to", "area"]

    @display(description=gettext_lazy("share"))
    def share_column(self, obj):
        return obj.share_text


def _row(tie) -> WorkRow:
    url = reverse(f"admin:governance_{tie._meta.model_name}_change", args=[tie.pk])
    what = tie.get_kind_display() if isinstance(tie, Residency) else tie.share_text
    return WorkRow(url, str(tie.dwelling), text=str(what), place=str(tie.area), badge=tie.get_state_display(),
                   tone=TONES[tie.state])  # fmt: skip


@provides_work
def claims_to_verify(user) -> list[WorkList]:
    """The claims that wait for this person's community, oldest first."""
    if not roles_of(user) & KEEPERS:
        return []
    lists = []
    titles = {Residency: _("Residents to confirm"), Ownership: _("Owners to confirm")}
    for order, (model, title) in enumerate(titles.items(), start=20):
        rows = model.objects.filter(visible_q(DECIDES, user)).waiting().with_rows().order_by("id")
        url = reverse(f"admin:governance_{model._meta.model_name}_changelist")
        lead = _("Look at the evidence, then confirm, or refuse with a reason.")
        lists.append(work_list(f"{model._meta.model_name}-claims", title, rows, _row, url, lead=lead, order=order))
    return lists
