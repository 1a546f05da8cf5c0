"""Admin of the points bank: accounts and movements to look at; nothing is written here."""

from django.apps import apps
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from governance.templatetags.jiceng import badge
from partners.models import Account, AccountKind, Adjustment, AdjustmentStage, Hold, HoldStage, Transfer

HOLD_TONES = {
    HoldStage.OPEN: "blue", HoldStage.POSTED: "green", HoldStage.VOIDED: "grey", HoldStage.TIMED_OUT: "amber",
}  # fmt: skip
ADJUSTMENT_TONES = {
    AdjustmentStage.PROPOSED: "blue", AdjustmentStage.APPROVED: "green", AdjustmentStage.DECLINED: "grey",
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


def _kept(obj: Account, points: int) -> str:
    """Only members' points are kept with the account; what the others have is the sum of their movements."""
    return str(points) if obj.kind == AccountKind.MEMBER else "—"


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Accounts of members and merchants, and the sides of each community's books."""

    list_display = ["id", "owner", "kind", "area", "free", "set_aside", "debt", "is_active"]
    fields = ["owner", "kind", "area", "free", "set_aside", "debt", "is_active", "opened_at"]
    readonly_fields = ["owner", "free", "set_aside", "debt"]
    list_filter = ["kind", "is_active"]
    search_fields = ["user__name", "user__username", "unit__name", "unit__code"]
    list_select_related = ["area", "user", "unit"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

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


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Every movement of points, newest first."""

    list_display = ["id", "kind", "amount", "account", "counterpart", "reason", "actor", "occurred_at"]
    fields = ["kind", "amount", "account", "counterpart", "area", "reason", "evidence", "reverses", "actor", "key",
              "occurred_at", "recorded_at"]  # fmt: skip
    readonly_fields = ["evidence"]
    list_filter = ["kind", "reason"]
    search_fields = ["=key", "=account__user__name", "=account__unit__name"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

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


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    """Corrections that one person proposed and another decided."""

    list_display = ["id", "account", "amount", "stage_badge", "proposed_by", "decided_by", "proposed_at"]
    list_filter = ["stage"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=_("state"), ordering="stage")
    def stage_badge(self, obj):
        return badge(obj.get_stage_display(), ADJUSTMENT_TONES[obj.stage])
