"""Agreements, obligations and confirmations on the live push: numbers and states, no words and no names."""

from collections.abc import Sequence

from django.db.models import Model
from django.urls import reverse

from governance.live import describe
from mediation.models import Agreement, JudicialConfirmation, Obligation


def _rows(rows: Sequence[Model], name: str) -> dict[int, dict]:
    return {
        row.pk: {
            "number": row.number if hasattr(row, "number") else row.agreement.number, "state": row.state,
            "state_label": row.get_state_display(), "version": row.version,
            "url": reverse(f"admin:mediation_{name}_change", args=[row.pk]),
        }
        for row in rows
    }  # fmt: skip


@describe("mediation.agreement", rows=lambda: Agreement.objects.with_rows())
def agreement_rows(rows: Sequence[Agreement]) -> dict[int, dict]:
    """Return what a toast shows of each agreement."""
    return _rows(rows, "agreement")


@describe("mediation.obligation", rows=lambda: Obligation.objects.with_rows())
def obligation_rows(rows: Sequence[Obligation]) -> dict[int, dict]:
    """Return what a toast shows of each obligation."""
    return _rows(rows, "obligation")


@describe("mediation.judicialconfirmation", rows=lambda: JudicialConfirmation.objects.with_rows())
def confirmation_rows(rows: Sequence[JudicialConfirmation]) -> dict[int, dict]:
    """Return what a toast shows of each confirmation."""
    return _rows(rows, "judicialconfirmation")
