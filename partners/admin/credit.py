"""Admin of credit files: formulas, files with explained lines, facts that lower them, appeals."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin, PartsInline, ReadOnlyAdmin, refusal_page
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.errors import Refused
from governance.scoping import grant_for, visible_q
from governance.templatetags.jiceng import badge
from governance.workflow import act
from partners.admin.earning_base import EarningAdmin, FormPages, trail_of
from partners.credit.computing import COMPUTES, profile_compute
from partners.credit.forms import NoteForm
from partners.credit.looks import CREDIT_APPEAL_TONES, FORMULA_TONES, NOTE_TONES
from partners.credit.notes import note_record
from partners.credit.offered import offered
from partners.credit.querysets import RUNS, SETS
from partners.credit.telling import lines_told, sum_told
from partners.credit.workflow import FormulaState
from partners.models import CreditAppeal, CreditFormula, CreditLevel, CreditNote, CreditProfile, CreditWeight


class CreditWeightInline(PartsInline):
    """What a formula weighs."""

    model = CreditWeight
    fields = ["line", "weight", "cap"]


class CreditLevelInline(PartsInline):
    """The levels of a formula."""

    model = CreditLevel
    fields = ["code", "name", "least", "meaning"]


@admin.register(CreditFormula)
class CreditFormulaAdmin(FormPages, KernelAdmin):
    """Formulas by version. A draft is edited; one in force only shows: a new one is made that begins later."""

    list_display = ["name", "code", "area", "weighed", "valid_from", "valid_to", "state_badge"]
    list_filter = ["state"]
    list_filter_submit = True
    search_fields = ["name", "code"]
    ordering = ["-valid_from", "code"]
    inlines = [CreditWeightInline, CreditLevelInline]
    autocomplete_fields = ["area"]
    fields = ["code", "name", "area", "base", "floor", "ceiling", "notice_hours", "appeal_days", "review_days",
              "valid_from", "source"]  # fmt: skip
    change_form_outer_before_template = "partners/credit/admin/formula_links.html"

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_readonly_fields(self, request, obj=None):
        if obj is not None and obj.state != FormulaState.DRAFT:
            return self.fields
        return ["code", "area"] if obj else []

    def get_inline_instances(self, request, obj=None):
        found = super().get_inline_instances(request, obj)
        if obj is not None and obj.state != FormulaState.DRAFT:
            for inline in found:
                inline._parent_may_change = lambda request, obj: False
        return found

    @display(description=gettext_lazy("lines"))
    def weighed(self, obj):
        return "、".join(str(row) for row in obj.weights.all())

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), FORMULA_TONES[obj.state])

    def get_urls(self):
        view = self.admin_site.admin_view(self.in_force_view)
        return [path("<int:object_id>/in-force/", view, name="partners_creditformula_in_force"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        row = self.get_object(request, object_id)
        may = row is not None and row.state == FormulaState.DRAFT and grant_for(SETS, row, request.user) is not None
        url = reverse("admin:partners_creditformula_in_force", args=[row.pk]) if may else ""
        return super().change_view(request, object_id, form_url, {"in_force_url": url, **(extra_context or {})})

    @method_decorator(csrf_protect)
    def in_force_view(self, request, object_id):
        """Ask once more, then put a draft in force."""
        row = self.get_object(request, str(object_id))
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        back = reverse("admin:partners_creditformula_change", args=[row.pk])

        def carry_out(given):
            act(row, "put_in_force", actor=request.user)
            messages.success(request, _("In force: %(formula)s.") % {"formula": row})
            return back

        form = forms.Form(request.POST if request.method == "POST" else None)
        lead = _("From its first day on; the one before ends the day before. It is never edited from now on.")
        return self.form_page(request, form, title=f"{_('Put in force')}: {row}", button=_("Put in force"), back=back,
                              carry_out=carry_out, lead=lead)  # fmt: skip


@admin.register(CreditProfile)
class CreditProfileAdmin(ReadOnlyAdmin):
    """Credit files with explained lines, the facts behind them and all earlier computations."""

    list_display = ["partner", "kind", "year", "score", "level_name", "closed_at"]
    list_filter = ["year", "level_name", AreaFilter]
    list_filter_submit = True
    search_fields = ["partner__name"]
    ordering = ["-year", "-score", "-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("kind"))
    def kind(self, obj):
        return obj.partner.get_kind_display()

    def get_urls(self):
        view = self.admin_site.admin_view(self.compute_view)
        return [path("<int:object_id>/compute/", view, name="partners_creditprofile_compute"), *super().get_urls()]

    def _find(self, request, object_id) -> CreditProfile:
        row = self.get_object(request, str(object_id))
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        computations = list(row.computations.with_rows().order_by("-number")[:50])
        context = {
            **self.admin_site.each_context(request), "title": str(row), "opts": self.opts, "profile": row,
            "lines": lines_told(computations[0]) if computations else [], "computations": computations,
            "told": sum_told(computations[0]) if computations else "", "trail": trail_of(row),
            "notes": row.partner.credit_notes.with_rows().filter(happened_on__year=row.year).order_by("-id")[:100],
            "appeals": row.appeals.with_rows().order_by("-id")[:50],
            "may_compute": grant_for(COMPUTES, row, request.user) is not None,
        }  # fmt: skip
        return self.rendered(request, context)

    def rendered(self, request, context):
        """Answer with the page of a file."""

        return TemplateResponse(request, "partners/credit/admin/profile.html", context)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def compute_view(self, request, object_id):
        """Compute the file anew."""
        row = self._find(request, object_id)
        page = reverse("admin:partners_creditprofile_change", args=[row.pk])
        try:
            profile_compute(row.partner, row.year, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=page)
        return HttpResponseRedirect(page)


@admin.register(CreditNote)
class CreditNoteAdmin(EarningAdmin):
    """Facts that lower files: each counts only once the partner was told."""

    tones, adds = NOTE_TONES, True
    list_display = ["line", "partner", "happened_on", "figure", "told_at", "state_badge"]
    list_display_links = ["line"]
    list_filter = ["state", "line", AreaFilter]
    search_fields = ["partner__name", "what"]
    ordering = ["-id"]

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), NOTE_TONES[obj.state])

    def page_context(self, request, obj):
        return super().page_context(request, obj) | {"transitions": offered(obj, request.user)}

    def facts(self, obj):
        reply = [(_("answer of the partner"), obj.reply)] if obj.reply else []
        return [
            (_("partner"), obj.partner), (_("credit item"), obj.get_line_display()), (_("what happened"), obj.what),
            (_("on"), f"{obj.happened_on:%Y-%m-%d}"), (_("counts as"), obj.figure),
            (_("recorded by"), obj.recorded_by), (_("recorded at"), obj.recorded_at),
            (_("told at"), obj.told_at or _("not yet: it does not count")), *reply,
        ]  # fmt: skip

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Record a fact: the partner is told of it at once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = NoteForm(*sent, user=request.user)

        def carry_out(given):
            made = note_record(actor=request.user, **given)
            messages.success(request, f"{made}: {made.get_state_display()}")
            return self.page_url(made)

        lead = _("The partner is told at once, may answer and appeal. Until it is told, the fact does not count.")
        return self.form_page(request, form, title=_("Record a fact"), button=_("Record and tell the partner"),
                              carry_out=carry_out, back=self.list_url(), lead=lead)  # fmt: skip


@admin.register(CreditAppeal)
class CreditAppealAdmin(EarningAdmin):
    """Appeals: somebody else decides than who recorded the fact."""

    tones = CREDIT_APPEAL_TONES
    list_display = ["partner", "line", "filed_at", "due_at", "state_badge", "decided_by"]
    list_display_links = ["partner"]
    list_filter = ["state", "line", AreaFilter]
    search_fields = ["partner__name"]
    ordering = ["-id"]

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), CREDIT_APPEAL_TONES[obj.state])

    def page_context(self, request, obj):
        return super().page_context(request, obj) | {"transitions": offered(obj, request.user)}

    def facts(self, obj):
        note = obj.note
        about = [] if note is None else [
            (_("what happened"), note.what), (_("on"), f"{note.happened_on:%Y-%m-%d}"),
            (_("recorded by"), note.recorded_by), *([(_("answer of the partner"), note.reply)] if note.reply else []),
        ]  # fmt: skip
        decided = [(_("decided by"), obj.decided_by), (_("decided at"), obj.decided_at)] if obj.decided_by else []
        return [
            (_("partner"), obj.partner), (_("credit item"), obj.get_line_display()), *about,
            (_("grounds of the appeal"), obj.grounds),
            (_("appealed by"), obj.filed_by), (_("appealed at"), obj.filed_at), (_("to be decided by"), obj.due_at),
            *decided,
        ]  # fmt: skip

    def files(self, obj):
        note = [(_("The fact"), reverse("admin:partners_creditnote_change", args=[obj.note_id]))] if obj.note_id else []
        if obj.profile_id:
            note.append((_("Credit file"), reverse("admin:partners_creditprofile_change", args=[obj.profile_id])))
        return note


def _waiting_row(row: CreditAppeal) -> WorkRow:
    return WorkRow(
        reverse("admin:partners_creditappeal_change", args=[row.pk]), str(row), text=row.grounds, place=row.area.name,
        badge=row.get_state_display(), tone=CREDIT_APPEAL_TONES[row.state], note=f"{row.due_at:%m-%d}",
    )  # fmt: skip


@provides_work
def appeals_waiting(user) -> list[WorkList]:
    """Appeals that wait for a decision of who keeps the files here."""
    found = visible_q(RUNS, user)
    if found is None:
        return []
    rows = CreditAppeal.objects.open().filter(found).exclude(recorder=user).with_rows().order_by("due_at", "pk")
    url = f"{reverse('admin:partners_creditappeal_changelist')}?state__exact=open"
    made = work_list("credit-appeals", _("Appeals to decide"), rows, _waiting_row, url, order=46)
    return [made] if made.count else []
