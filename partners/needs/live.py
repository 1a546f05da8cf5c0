"""Needs and visits on the live push: what staff see of them."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from partners.models import Need, NeedVisit


@describe("partners.need", rows=lambda: Need.objects.with_rows())
def need_rows(rows: Sequence[Need]) -> dict[int, dict]:
    """Return what a toast shows of each need."""
    return {
        need.pk: {
            "number": need.number, "state": need.state, "state_label": need.get_state_display(),
            "version": need.version, "url": reverse("admin:partners_need_change", args=[need.pk]),
        }
        for need in rows
    }  # fmt: skip


@describe("partners.needvisit", rows=lambda: NeedVisit.objects.with_rows())
def visit_rows(rows: Sequence[NeedVisit]) -> dict[int, dict]:
    """Return what a toast shows of each visit."""
    return {
        visit.pk: {"number": str(visit.pk), "url": reverse("admin:partners_needvisit_change", args=[visit.pk])}
        for visit in rows
    }
