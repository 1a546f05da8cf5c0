"""Joint work on the live push: numbers and states only; who may see a row is asked anew for each of its events."""

from collections.abc import Sequence

from django.db.models import Model
from django.urls import reverse

from governance.live import describe
from mediation.models import (
    DepartmentTask,
    EscalationRequest,
    HelperInvitation,
    RespectedHelper,
    Sitting,
    Track,
)


def _described(model: type[Model]) -> None:
    label = model._meta.label_lower

    @describe(label, rows=lambda: model.objects.with_rows())
    def rows_told(rows: Sequence[Model]) -> dict[int, dict]:
        return {row.pk: _told(row) for row in rows}


def _told(row: Model) -> dict:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    number = row.dispute.number if hasattr(row, "dispute_id") else str(row.pk)
    return {
        "number": number, "state": row.state, "state_label": row.get_state_display(), "version": row.version,
        "url": reverse(name, args=[row.pk]),
    }  # fmt: skip


for found in (EscalationRequest, Track, DepartmentTask, Sitting, RespectedHelper, HelperInvitation):
    _described(found)
