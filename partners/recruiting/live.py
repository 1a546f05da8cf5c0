"""Partners, their papers and offers on the live push: what staff see of them. Names of people stand in none."""

from collections.abc import Callable, Sequence

from django.urls import reverse

from governance.live import describe
from partners.models import Offer, OfferPlace, OfferSlot, Partner, PartnerAgreement, Qualification


def _described(model, number: Callable[..., str]) -> None:
    name = model._meta.model_name

    @describe(f"partners.{name}", rows=lambda: model.objects.with_rows())
    def rows(rows: Sequence) -> dict[int, dict]:
        return {
            one.pk: {
                "number": number(one),
                "state": one.state,
                "state_label": one.get_state_display(),
                "version": one.version,
                "url": reverse(f"admin:partners_{name}_change", args=[one.pk]),
            }
            for one in rows
        }


_described(Partner, lambda row: f"{row.get_kind_display()} {row.pk}")
_described(Qualification, lambda row: f"{row.kind} {row.pk}")
_described(PartnerAgreement, lambda row: row.number)
_described(Offer, lambda row: row.title)
_described(OfferSlot, lambda row: row.offer.title)
_described(OfferPlace, lambda row: row.slot.offer.title)
