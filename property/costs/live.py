"""What the live push shows of books, funds, cost periods and disclosures: whose and in which state, no figures."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from property.models import CostPeriod, Disclosure, EstateBooks, MaintenanceFund


def _rows(objects: Sequence) -> dict[int, dict]:
    return {
        obj.pk: {
            "number": str(obj),
            "state": obj.state,
            "state_label": obj.get_state_display(),
            "version": obj.version,
            "url": reverse(f"admin:property_{obj._meta.model_name}_change", args=[obj.pk]),
        }
        for obj in objects
    }


for _model in (EstateBooks, MaintenanceFund, CostPeriod, Disclosure):
    describe(_model._meta.label_lower, rows=lambda model=_model: model.objects.with_rows())(_rows)
