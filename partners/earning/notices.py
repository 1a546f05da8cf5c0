"""What notices may say about services, donations and settlement sheets: numbers, kinds, states and places, no names.

The rules that ring are reference data (``fixtures/0009_earning_notices.json``).
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notices import Parties, notice_context
from partners.models import Donation, ServiceRecord, SettlementSheet, Transfer

NAMED = {"number": _("number of the paper"), "state": _("state"), "place": _("community")}


@notice_context(
    "partners.servicerecord",
    variables=NAMED | {"kind": _("kind of service")},
    rows=lambda: ServiceRecord.objects.with_rows(),
    parties=lambda record: Parties(reporter=record.reported_by_id),
)
def record_words(record: ServiceRecord, *, public: bool) -> dict:
    """Return a service in texts: who reported it reads its page, staff theirs."""
    page = reverse("admin:partners_servicerecord_change", args=[record.pk])
    return {"number": record.number, "kind": record.kind.name, "state": record.get_state_display(),
            "place": record.area.name, "url": reverse("residents_points:records") if public else page}  # fmt: skip


@notice_context(
    "partners.donation",
    variables=NAMED,
    rows=lambda: Donation.objects.with_rows(),
    parties=lambda gift: Parties(units={"lead": [gift.partner.unit_id] if gift.partner.unit_id else []}),
)
def donation_words(gift: Donation, *, public: bool) -> dict:
    """Return a donation in texts."""
    page = reverse("admin:partners_donation_change", args=[gift.pk])
    return {"number": gift.receipt, "state": gift.get_state_display(), "place": gift.area.name,
            "url": reverse("residents_points:records") if public else page}  # fmt: skip


@notice_context(
    "partners.settlementsheet",
    variables=NAMED | {"points": _("number of points")},
    rows=lambda: SettlementSheet.objects.with_rows(),
    parties=lambda sheet: Parties(units={"lead": [sheet.merchant.unit_id]}),
)
def sheet_words(sheet: SettlementSheet, *, public: bool) -> dict:
    """Return a settlement sheet in texts."""
    page = reverse("admin:partners_settlementsheet_change", args=[sheet.pk])
    return {"number": sheet.number, "state": sheet.get_state_display(), "place": sheet.area.name,
            "points": f"{sheet.points}",
            "url": reverse("residents_points:sheet", args=[sheet.pk]) if public else page}  # fmt: skip


@notice_context(
    "partners.transfer",
    variables={"points": _("number of points"), "place": _("community")},
    rows=lambda: Transfer.objects.with_rows(),
    parties=lambda gift: Parties(
        units={"lead": [gift.counterpart.unit_id] if gift.counterpart and gift.counterpart.unit_id else []},
        reporter=gift.counterpart.user_id if gift.counterpart else None,
    ),
)
def gift_words(gift: Transfer, *, public: bool) -> dict:
    """Return points given in texts, for who received them: how many and where; their page says from whom."""
    page = reverse("admin:partners_transfer_change", args=[gift.pk])
    return {"points": f"{gift.amount}", "place": gift.area.name,
            "url": reverse("residents_points:home") if public else page}  # fmt: skip
