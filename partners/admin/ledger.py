"""Admin of the points bank: accounts and movements to look at; nothing is written here."""

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge
from partners.admin.earning_base import FormPages, ReasonForm, trail_of
from partners.earning.deciding import month_of
from partners.earning.monthly import month_named, month_statement, months_back
from partners.earning.pages.carrying import KINDS, paged, paper_response
from partners.earning.papers import month_paper
from partners.ledger.accounts import account_set_in_use, balance_of
from partners.ledger.permissions import DECIDING, KEEPING, is_own_account
from partners.ledger.points import unsettled
from partners.ledger.reasons import lines_told, reasons_told, title_of
from partners.ledger.statement import statement_lines
from partners.models import SIDES, Account, AccountKind, Hold, HoldStage, Transfer

MONTHS = 3  # months whose statements the page offers

HOLD_TONES = {
    HoldStage.OPEN: "blue", HoldStage.POSTED: "green", HoldStage.VOIDED: "grey", HoldStage.TIMED_OUT: "amber",
}  # fmt: skip


def evidence_of(transfer: Transfer) -> str:
    """Return what proves a transfer as people call it, with its number."""
    if not transfer.evidence_type:
        return "—"
    try:
        kind = apps.get_model(transfer.evidence_type)._meta.verbose_name
    except LookupError:
        kind = transfer.evidence_type  # of an app that is no longer installed
    return f"{kind} {transfer.evidence_id}"


def _yes_or_no(is_so: bool) -> str:
    return str(_("Yes") if is_so else _("No"))


def _kept(obj: Account, points: int) -> str:
    """Only members' points are kept with the account; what the others have is the sum of their movements."""
    return str(points) if obj.kind == AccountKind.MEMBER else "—"


@admin.register(Account)
class AccountAdmin(FormPages, ReadOnlyAdmin):
    """Accounts of members and merchants, and the sides of each community's books; the page is the statement."""

    list_display = ["id", "owner", "kind", "area", "free", "set_aside", "debt", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["user__name", "user__username", "unit__name", "unit__code"]
    list_select_related = ["area", "user", "unit"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_urls(self):
        wrap = self.admin_site.admin_view
        month = wrap(self.month_view)
        return [
            path("<int:object_id>/<str:month>.<str:kind>", month, name="partners_account_month"),
            path("<int:object_id>/use/<int:on>/", wrap(self.use_view), name="partners_account_use"),
            *super().get_urls(),
        ]

    @display(description=_("owner"))
    def owner(self, obj):
        return obj.user or obj.unit or obj.area

    @display(description=_("available"), ordering="available")
    def free(self, obj):
        return _kept(obj, obj.available)

    @display(description=_("set aside"), ordering="held")
    def set_aside(self, obj):
        return _kept(obj, obj.held)

    @display(description=_("owed"), ordering="owed")
    def debt(self, obj):
        return _kept(obj, obj.owed)

    def _found(self, request, object_id) -> Account:
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        return obj

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The statement: every line names its reason. Nothing is written here."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        account = self._found(request, object_id)
        lines, older = paged(request, statement_lines(account))
        told = lines_told(lines)
        proposes = account.kind == AccountKind.MEMBER and grant_for(DECIDING, account, request.user) is not None
        adjust = f"{reverse('admin:partners_adjustment_add')}?account={account.pk}"
        context = {
            **self.admin_site.each_context(request), "title": str(account), "opts": self.opts, "account": account,
            "trail": trail_of(account),
            "lines": [(line, told[line.pk]) for line in lines], "older": older, "facts": self._facts(account),
            "months": [] if account.kind in SIDES else months_back(timezone.localdate(), MONTHS),
            "adjust_url": adjust if proposes else "", "use_url": self._use_url(request, account),
        }  # fmt: skip
        return TemplateResponse(request, "partners/earning/admin/account.html", context)

    def _use_url(self, request, account: Account) -> str:
        """Return where who keeps the books takes an account out of use, or into use again; "" for nobody else."""
        keeps = grant_for(KEEPING, account, request.user) is not None
        if account.kind in SIDES or not keeps or is_own_account(account, request.user):
            return ""
        return reverse("admin:partners_account_use", args=[account.pk, int(not account.is_active)])

    @method_decorator(csrf_protect)
    def use_view(self, request, object_id, on):
        """Take an account out of use (``on`` 0), or into use again (1), with a reason; an old page does nothing new."""
        account = self._found(request, str(object_id))
        if not self._use_url(request, account):
            raise PermissionDenied
        back = reverse("admin:partners_account_change", args=[account.pk])
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def carry_out(given):
            account_set_in_use(account, actor=request.user, is_active=bool(on), **given)
            return back

        button = _("Take into use again") if on else _("Take out of use")
        lead = _("Out of use nothing is earned, spent or given; what is set aside ends as usual.")
        return self.form_page(request, form, title=str(account), button=button, carry_out=carry_out, back=back,
                              lead=lead)  # fmt: skip

    def _facts(self, account: Account) -> list[tuple]:
        return [*self._balance(account), (_("in use"), _yes_or_no(account.is_active))]

    def _balance(self, account: Account) -> list[tuple]:
        if account.kind == AccountKind.MERCHANT:
            return [(_("community"), account.area), (_("Not settled yet"), unsettled(account))]
        if account.kind != AccountKind.MEMBER:
            return [(_("community"), account.area)]
        found = balance_of(account)
        return [(_("community"), account.area), (_("can be spent"), found.spendable), (_("set aside"), found.held),
                (_("owed"), found.owed), (_("ends within 30 days"), found.ending)]  # fmt: skip

    def month_view(self, request, object_id, month, kind):
        """The statement of a month as Word or Excel."""
        account, day = self._found(request, object_id), month_named(month)
        if account.kind in SIDES or day is None or kind not in KINDS:
            raise Http404
        return paper_response(month_paper(month_statement(account, *month_of(day))), kind)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Every movement of points, newest first."""

    list_display = ["id", "kind", "amount", "account", "counterpart", "what_for", "actor", "occurred_at"]
    fields = ["kind", "amount", "account", "counterpart", "area", "what_for", "proof", "evidence", "reverses", "actor",
              "key", "occurred_at", "recorded_at"]  # fmt: skip
    readonly_fields = ["what_for", "proof", "evidence"]
    list_filter = ["kind"]
    search_fields = ["=key", "=account__user__name", "=account__unit__name"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=_("what for"))
    def what_for(self, obj):
        return title_of(obj)

    @display(description=_("in words"))
    def proof(self, obj):
        return reasons_told([obj])[obj.pk].detail or "—"

    @display(description=_("evidence"))
    def evidence(self, obj):
        return evidence_of(obj)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Points set aside, and how that ended."""

    list_display = ["id", "account", "amount", "until", "stage_badge"]
    list_filter = ["stage"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=_("state"), ordering="stage")
    def stage_badge(self, obj):
        return badge(obj.get_stage_display(), HOLD_TONES[obj.stage])
