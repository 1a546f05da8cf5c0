"""Credit files on the live push: which and in which state, never whose words."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from partners.models import CreditAppeal, CreditCandidate, CreditFormula, CreditList, CreditNote, CreditProfile


def _rows(objects: Sequence) -> dict[int, dict]:
    return {
        obj.pk: {
            "state": obj.state, "state_label": obj.get_state_display(), "version": obj.version,
            "url": reverse(f"admin:partners_{obj._meta.model_name}_change", args=[obj.pk]),
        }
        for obj in objects
    }  # fmt: skip


def _profiles(objects: Sequence) -> dict[int, dict]:
    return {
        obj.pk: {"year": obj.year, "level": obj.level,
                 "url": reverse("admin:partners_creditprofile_change", args=[obj.pk])}
        for obj in objects
    }  # fmt: skip


for model in (CreditFormula, CreditNote, CreditAppeal, CreditList, CreditCandidate):
    describe(model._meta.label_lower, rows=model.objects.with_rows)(_rows)
describe(CreditProfile._meta.label_lower, rows=CreditProfile.objects.with_rows)(_profiles)
