"""What statements say about points earned and settled."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.earning.tariffs import steps_told
from partners.ledger.reasons import register_evidence, register_reason
from partners.models import Donation, Earning, ServiceRecord, SettlementSheet


def earnings_told(label: str, ids: Collection[int], numbers: dict[int, str]) -> dict[int, str]:
    """Return words for rows of evidence by id: kind, rule and reckoning, number. Other topics may use it for theirs."""
    rows = Earning.objects.filter(evidence_type=label, evidence_id__in=ids).select_related("kind", "rule__kind")
    return {
        row.evidence_id: _("%(kind)s · by the rule %(tariff)s since %(since)s: %(steps)s · no. %(number)s")
        % {
            "kind": row.kind, "tariff": row.rule.tariff, "since": f"{row.rule.valid_from:%Y-%m-%d}",
            "steps": steps_told(row.steps), "number": numbers.get(row.evidence_id, row.evidence_id),
        }
        for row in rows
    }  # fmt: skip


def _records_told(ids: Collection[int]) -> dict[int, str]:
    label = ServiceRecord._meta.label_lower
    return earnings_told(label, ids, {pk: ServiceRecord(pk=pk).number for pk in ids})


def _donations_told(ids: Collection[int]) -> dict[int, str]:
    numbers = dict(Donation.objects.filter(pk__in=ids).values_list("pk", "receipt"))
    return earnings_told(Donation._meta.label_lower, ids, numbers)


def _sheets_told(ids: Collection[int]) -> dict[int, str]:
    rows = SettlementSheet.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: _("settlement sheet %(number)s") % {"number": number} for pk, number in rows}


register_reason("service", gettext_lazy("Service rendered"))
register_reason("donation", gettext_lazy("Donation"))
register_reason("project", gettext_lazy("Outcome of a project"))
register_reason("settlement", gettext_lazy("Settled with the merchant"))
register_evidence("partners.servicerecord", _records_told)
register_evidence("partners.donation", _donations_told)
register_evidence("partners.settlementsheet", _sheets_told)
