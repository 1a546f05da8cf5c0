"""Shifts, requests and sightings on the live push: which and in which state, never what was seen."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from property.models import DisputeSighting, JoinRequest, ShiftDuty, StewardShift


def _rows(objects: Sequence) -> dict[int, dict]:
    return {
        obj.pk: {
            "number": getattr(obj, "number", None) or str(obj),
            "state": obj.state,
            "state_label": obj.get_state_display(),
            "version": obj.version,
            "url": reverse(f"admin:property_{obj._meta.model_name}_change", args=[obj.pk]),
        }
        for obj in objects
    }


describe("property.stewardshift", rows=lambda: StewardShift.objects.select_related("team", "plan", "area"))(_rows)
describe("property.shiftduty", rows=lambda: ShiftDuty.objects.with_rows().select_related("shift__plan"))(_rows)
describe("property.joinrequest", rows=lambda: JoinRequest.objects.with_rows())(_rows)
describe("property.disputesighting", rows=lambda: DisputeSighting.objects.with_rows())(_rows)
