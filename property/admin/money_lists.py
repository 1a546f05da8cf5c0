"""Admin lists of payments, with their receipts, and of public income. Both are written on the page of the books."""

from django.contrib import admin
from django.http import Http404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from unfold.decorators import display

from cases.admin.filters import DayRangeFilter
from governance.admin.base import ReadOnlyAdmin
from property.costs.files import paper_response
from property.costs.papers import receipt_paper
from property.models import Charge, IncomeEntry, Payment


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """What households paid, what was given back and reversed."""

    list_display = [
        "receipt_number", "paid_on", "dwelling", "account_code", "kind", "amount", "method", "reference",
        "receipt_file",
    ]  # fmt: skip
    list_display_links = None
    export_display = (
        "receipt_number", "paid_on", "dwelling", "account_code", "kind", "amount", "method", "reference", "made_at",
    )  # fmt: skip
    list_filter = ["kind", "method"]
    list_filter_submit = True
    list_select_related = ["books__estate", "dwelling__building__estate", "dwelling__entrance", "account__dwelling"]
    search_fields = ["dwelling__code", "reference"]
    search_help_text = gettext_lazy("Code of the dwelling or number of the transfer")
    ordering = ["-id"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.receipt_view)
        return [path("<int:object_id>/receipt/", view, name="property_payment_receipt"), *super().get_urls()]

    @display(description=gettext_lazy("receipt"), ordering="number")
    def receipt_number(self, obj):
        return obj.receipt

    @display(description=gettext_lazy("account of a household"))
    def account_code(self, obj):
        return obj.account.code

    @display(description=gettext_lazy("as a file"))
    def receipt_file(self, obj):
        url = reverse("admin:property_payment_receipt", args=[obj.pk])
        return format_html('<a class="jc-link" href="{}">Word</a>', url)

    @method_decorator(require_GET)
    def receipt_view(self, request, object_id):
        """A receipt as a Word file."""
        rows = Payment.objects.visible_to(request.user).select_related(
            "books__estate__area", "books__company", "dwelling__building__estate", "dwelling__entrance",
            "reverses__books__estate", "account__dwelling",
        )  # fmt: skip
        payment = rows.filter(pk=object_id).first() if self.has_view_permission(request) else None
        if payment is None:
            raise Http404
        return paper_response(receipt_paper(payment), "docx")


@admin.register(Charge)
class ChargeAdmin(ReadOnlyAdmin):
    """What each dwelling is charged for a cost period, corrections as lines of their own."""

    list_display = ["period", "dwelling", "weight", "amount", "corrected_line"]
    list_display_links = None
    list_select_related = [
        "period__books__estate", "dwelling__building__estate", "dwelling__entrance", "correction",
    ]  # fmt: skip
    search_fields = ["dwelling__code", "period__name"]
    search_help_text = gettext_lazy("Code of the dwelling or name of the cost period")
    ordering = ["-period", "dwelling__code", "id"]

    @display(description=gettext_lazy("correction"))
    def corrected_line(self, obj):
        return obj.correction or ""


@admin.register(IncomeEntry)
class IncomeEntryAdmin(ReadOnlyAdmin):
    """The ledgers of public income."""

    list_display = ["estate", "ordinal", "booked_on", "direction", "kind", "purpose", "amount", "balance"]
    list_display_links = None
    list_filter = ["direction", "kind", ("booked_on", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["books__estate"]
    search_fields = ["purpose", "books__estate__name"]
    ordering = ["-id"]

    @display(description=gettext_lazy("estate"), ordering="books__estate__name")
    def estate(self, obj):
        return obj.books.estate.name
