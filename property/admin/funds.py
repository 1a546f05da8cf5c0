"""Admin of maintenance funds: balance, ledger, what resolutions let be used."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from governance.admin.workflow import WorkflowAdmin
from governance.models import Event
from governance.templatetags.jiceng import badge
from property.costs.fund import used_by_resolution
from property.costs.ledger import balance_of
from property.costs.looks import BOOKS_TONES
from property.costs.vouchers import with_vouchers
from property.models import FundEntry, FundUse, MaintenanceFund

SHOWN = 50


@admin.register(MaintenanceFund)
class MaintenanceFundAdmin(WorkflowAdmin):
    """The maintenance funds of estates; an estate without one is not here, its books say so."""

    page_template = "property/costs/admin/fund.html"
    list_display = ["books", "bank", "state_badge", "balance", "opened_on"]
    list_display_links = ["books"]
    list_select_related = ["books__estate"]
    ordering = ["books__estate__code"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_balance()

    def page_rows(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), BOOKS_TONES[obj.state])

    @display(description=gettext_lazy("balance (yuan)"))
    def balance(self, obj):
        return obj.balance or 0

    def page_context(self, request, obj):
        lines = FundEntry.objects.visible_to(request.user).filter(fund=obj)
        uses = FundUse.objects.visible_to(request.user).filter(fund=obj).select_related("resolution")
        used = used_by_resolution(obj)
        trail = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        return {
            "tone": BOOKS_TONES[obj.state],
            "balance": balance_of(lines),
            "lines": with_vouchers(list(lines.select_related("resolution", "reverses")[:SHOWN])),
            "uses": [(use, used.get(use.resolution_id, 0)) for use in uses[:SHOWN]],
            "trail": trail.select_related("actor", "unit", "remark").order_by("-id")[:SHOWN],
        }
