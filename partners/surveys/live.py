"""Questionnaires on the live push: what staff see of them."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from partners.models import Survey


@describe("partners.survey", rows=lambda: Survey.objects.with_rows())
def survey_rows(rows: Sequence[Survey]) -> dict[int, dict]:
    """Return what a toast shows of each questionnaire."""
    return {
        one.pk: {
            "number": one.title, "state": one.state, "state_label": one.get_state_display(), "version": one.version,
            "url": reverse("admin:partners_survey_change", args=[one.pk]),
        }
        for one in rows
    }  # fmt: skip
