"""The demo's disputes: told through the services, at every stage."""

import pytest
from django.conf import settings
from django.core.management import call_command

from mediation.demo_disputes import load_disputes
from mediation.disputes.completeness import missing_of
from mediation.models import Dispute, MediationRule, PoliceReport

FIXTURES = [
    "0010_dispute_types", "0100_areas", "0110_units", "0112_mediation_units",
    "0122_mediation_people", "0150_estates", "0132_mediation_appointments", "0133_mediation_rules",
]  # fmt: skip


@pytest.mark.django_db
def test_the_demo_has_disputes_at_every_stage():
    call_command("loaddata", *[settings.BASE_DIR / "fixtures" / f"{name}.json" for name in FIXTURES], verbosity=0)
    assert load_disputes() == 11
    states = set(Dispute.objects.values_list("state", flat=True))
    assert states == {"registered", "awaiting_consent", "accepted", "mediating", "closed", "referred"}
    assert {"general", "complex", "major"} == set(Dispute.objects.values_list("tier", flat=True))
    assert PoliceReport.objects.count() == 1 and MediationRule.objects.get().reminder_days == [7, 20, 27]
    assert not any(missing_of(row) for row in Dispute.objects.all())
