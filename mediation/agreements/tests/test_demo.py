"""The demo's agreements: confirmed, before the court, running, being signed; told through the services."""

import pytest
from django.conf import settings
from django.core.management import call_command

from mediation.demo_agreements import load_agreements
from mediation.demo_followup import load_followup
from mediation.followup.visits import question_of
from mediation.models import FollowUpVisit, JudicialConfirmation

FIXTURES = [
    "0010_dispute_types", "0100_areas", "0110_units", "0112_mediation_units",
    "0122_mediation_people", "0150_estates", "0132_mediation_appointments", "0133_mediation_rules",
]  # fmt: skip


@pytest.mark.django_db
def test_the_demo_has_agreements_at_every_stage_and_a_visit_to_make():
    call_command("loaddata", *[settings.BASE_DIR / "fixtures" / f"{name}.json" for name in FIXTURES], verbosity=0)
    assert load_agreements() == 5
    rows = list(JudicialConfirmation.objects.order_by("id").values_list("state", "reminded_day"))
    assert rows == [("valid", 7), ("jointly_applied", 7), ("eligible", 20), ("eligible", 7)]
    # of the newest the first visit is due, with the question about confirmation
    load_followup()
    (visit,) = FollowUpVisit.objects.filter(state="due")
    assert (visit.kind, question_of(visit).reminded_day) == ("week", 7)
    assert FollowUpVisit.objects.filter(state="overdue").count() == 1
