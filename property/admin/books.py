"""Admin of an estate's books: the page everything of its money is done from, arrears, the account of a dwelling."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods
from unfold.decorators import display

from cases.admin.scores import PostedForm
from governance.admin.refusals import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Invalid
from governance.exchange.exports import FORMATS, export_recorded, table_file
from governance.forms import form_for
from governance.models import Dwelling, Estate, Event, OrgUnit, UnitKind
from governance.scoping import grants_of
from governance.templatetags.jiceng import badge
from governance.workflow import available
from property.costs.accounts import account_of, accounts_of
from property.costs.books import books_open
from property.costs.ledger import balance_of
from property.costs.looks import (
    BOOKS_TONES,
    DISCLOSURE_TONES,
    PERIOD_TONES,
    arrears_of,
    household_views,
    knows_households,
    totals_of,
)
from property.costs.vouchers import with_vouchers
from property.costs.workflow import PeriodState
from property.models import CostPeriod, Disclosure, EstateBooks, FundEntry, HouseholdAccount, IncomeEntry

SHOWN = 12


class BooksForm(forms.Form):
    """Whose books, and who keeps them."""

    estate = forms.ModelChoiceField(Estate.objects.none(), label=gettext_lazy("estate"))
    company = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=gettext_lazy("property company"), required=False,
        empty_label=gettext_lazy("The community itself"),
    )  # fmt: skip

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.fields["estate"].queryset = Estate.objects.visible_to(user).filter(is_active=True, books=None)
        companies = OrgUnit.objects.visible_to(user).filter(kind=UnitKind.PROPERTY_COMPANY, is_active=True)
        self.fields["company"].queryset = companies


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


@admin.register(EstateBooks)
class EstateBooksAdmin(PostedForm, WorkflowAdmin):
    """The books of estates."""

    page_template = "property/costs/admin/books.html"
    list_display = ["estate", "state_badge", "company", "fund_balance", "income_balance", "opened_on"]
    list_display_links = ["estate"]
    list_filter = ["state"]
    list_select_related = ["estate", "company", "fund"]
    search_fields = ["estate__name", "estate__code"]
    ordering = ["estate__code"]

    def has_add_permission(self, request):
        return request.user.has_perm("property.add_estatebooks")

    def get_queryset(self, request):
        return super().get_queryset(request).with_balances()

    def page_rows(self, request):
        return super().get_queryset(request).with_rows()

    def get_urls(self):
        def named(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=f"property_estatebooks_{name}")

        return [
            named("<int:object_id>/arrears/", self.arrears_view, "arrears"),
            named("<int:object_id>/dwelling/<int:dwelling_id>/", self.dwelling_view, "dwelling"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), BOOKS_TONES[obj.state])

    @display(description=gettext_lazy("maintenance fund (yuan)"))
    def fund_balance(self, obj):
        if not hasattr(obj, "fund"):
            return badge(_("no fund"), "grey")
        return obj.fund_balance or 0

    @display(description=gettext_lazy("public income (yuan)"))
    def income_balance(self, obj):
        return obj.income_balance or 0

    def page_context(self, request, obj):
        today, user = timezone.localdate(), request.user
        collects = knows_households(obj, user)
        late = arrears_of(obj, today) if collects else []
        fund = getattr(obj, "fund", None)
        income = IncomeEntry.objects.visible_to(user).filter(books=obj)
        periods = CostPeriod.objects.visible_to(user).filter(books=obj).exclude(state=PeriodState.DISCARDED)
        waiting = Disclosure.objects.visible_to(user).filter(books=obj).select_related("books__estate")
        return {
            "tone": BOOKS_TONES[obj.state],
            "today": today,
            "fund": fund,
            "fund_balance": balance_of(FundEntry.objects.visible_to(user).filter(fund=fund)) if fund else None,
            "income": with_vouchers(list(income[:SHOWN])),
            "income_balance": balance_of(income),
            "periods": [(period, PERIOD_TONES[period.state]) for period in periods[:SHOWN]],
            "disclosures": [(row, "red" if row.is_overdue else DISCLOSURE_TONES[row.state]) for row in waiting[:SHOWN]],
            "totals": totals_of(accounts_of(obj).values(), today),
            "collects": collects,
            "arrears": late[:SHOWN],
            "more": max(len(late) - SHOWN, 0),
            "trail": _trail(self, obj, collects=collects),
        }

    def form_context(self, request, obj, step):
        """A payment begun at an account knows the account and what it owes."""
        asked = request.GET.get("account", "")
        if request.method != "GET" or step.name not in ("pay", "refund") or not _is_key(asked):
            return {}
        row = HouseholdAccount.objects.visible_to(request.user).with_owners().filter(books=obj, pk=int(asked)).first()
        if row is None:
            return {}
        account = account_of(obj, row.pk)
        amount = account.owed if step.name == "pay" else account.credit
        form = form_for(self.opts.label_lower, step)(obj=obj, step=step, user=request.user)
        form.initial |= {
            "dwelling": row.dwelling.code, "account": row.code, "owed": account.balance, "amount": amount or None
        }  # fmt: skip
        return {"form": form}

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def arrears_view(self, request, object_id):
        """All households that have not paid in time; POST gives them out as a file."""
        obj = self._collected(request, object_id)
        rows = arrears_of(obj, timezone.localdate())
        if request.method == "POST":
            try:
                return _arrears_file(request, obj, rows)
            except Invalid as error:
                return refusal_page(self, request, error, back=request.path)
        context = {
            **self.admin_site.each_context(request), "title": _("Arrears"), "title_part": _("Arrears"),
            "subtitle": str(obj), "opts": self.opts, "object": obj, "arrears": rows, "today": timezone.localdate(),
            "back": self.page_url(obj),
        }  # fmt: skip
        return TemplateResponse(request, "property/costs/admin/arrears.html", context)

    @method_decorator(require_GET)
    def dwelling_view(self, request, object_id, dwelling_id):
        """The accounts of one dwelling, of who owns it and of former owners: bills, payments, receipts."""
        obj = self._collected(request, object_id)
        rows = Dwelling.objects.visible_to(request.user).with_address()
        dwelling = rows.filter(pk=dwelling_id, building__estate=obj.estate_id).first()
        if dwelling is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request), "title": str(dwelling), "opts": self.opts, "object": obj,
            "dwelling": dwelling, "today": timezone.localdate(),
            "accounts": household_views(obj, dwelling, request.user),
            "transitions": {step.name for step in available(obj, request.user)}, "back": self.page_url(obj),
        }  # fmt: skip
        return TemplateResponse(request, "property/costs/admin/dwelling.html", context)

    def _collected(self, request, object_id) -> EstateBooks:
        """Return the books for somebody who may know what households owe."""
        obj = self.find(request, object_id)
        if not knows_households(obj, request.user):
            raise PermissionDenied
        return obj

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Open the books of an estate."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BooksForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            books = books_open(actor=request.user, **given)
            messages.success(request, _("Opened: %(period)s.") % {"period": books})
            return self.page_url(books)

        return self.form_page(
            request, form, title=_("Open the books of an estate"), button=_("Open the books"), carry_out=carry_out,
            lead=_("Costs, charges, payments, public income and the maintenance fund of the estate are kept in them."),
            back=reverse("admin:property_estatebooks_changelist"),
        )  # fmt: skip


def _trail(page, obj, *, collects: bool):
    """Return what happened last; the reason of a refund may tell of a household, so it is for who collects."""
    rows = Event.objects.filter(subject_type=page.opts.label_lower, subject_id=obj.pk)
    rows = rows if collects else rows.exclude(name__startswith="books.payment_")
    return rows.select_related("actor", "unit", "remark").order_by("-id")[:SHOWN]


def _arrears_file(request, books: EstateBooks, rows) -> FileResponse:
    kind = request.POST.get("format", "xlsx")
    header = [_("Dwelling"), _("Account"), _("Owner"), _("Overdue (yuan)"), _("Owed in all (yuan)"), _("Since")]
    cells = [
        [row.dwelling.address, row.account.code, row.account.names, row.overdue, row.owed, row.since] for row in rows
    ]
    file, count = table_file(kind, header, cells)
    export_recorded(
        request.user, grant=grants_of(request.user)[0], model="property.charge", filters=["arrears"], rows=count,
        kind=kind,
    )  # fmt: skip
    name = f"{_('Arrears')}-{books.estate.code}-{timezone.localdate():%Y%m%d}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[kind])
