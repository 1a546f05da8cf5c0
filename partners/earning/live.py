"""Services, donations and sheets on the live push: which and in which state, never whose words."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from partners.models import Donation, HoursCertificate, ServiceRecord, SettlementSheet


def _rows(objects: Sequence) -> dict[int, dict]:
    return {
        obj.pk: {
            "number": obj.number,
            "state": obj.state,
            "state_label": obj.get_state_display(),
            "version": obj.version,
            "url": reverse(f"admin:partners_{obj._meta.model_name}_change", args=[obj.pk]),
        }
        for obj in objects
    }


for model in (ServiceRecord, Donation, SettlementSheet, HoursCertificate):
    describe(model._meta.label_lower, rows=model.objects.with_rows)(_rows)
