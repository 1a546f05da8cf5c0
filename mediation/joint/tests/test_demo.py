"""The demo of joint work is told through the services, on the fixtures of the fictional city."""

import time

import pytest
from django.conf import settings
from django.core.management import call_command

from mediation.demo_joint import load_joint
from mediation.models import DepartmentTask, Dispute, EscalationRequest, HelperInvitation, Sitting, Track

NEEDED = ("0010_dispute_types", "0100_areas", "0110_units", "0112_mediation_units",
          "0120_people", "0122_mediation_people", "0130_appointments", "0132_mediation_appointments", "0140_calendar",
          "0150_estates",
          "0160_venues", "0161_opening_hours")  # fmt: skip


@pytest.mark.django_db
def test_the_demo_shows_a_helper_three_tracks_and_tasks():
    found = [settings.BASE_DIR / "fixtures" / f"{name}.json" for name in NEEDED]
    call_command("loaddata", *[str(path) for path in found if path.exists()], verbosity=0)
    began = time.process_time()
    assert load_joint() == 4
    assert time.process_time() - began < 5
    assert sorted(Dispute.objects.values_list("tier", flat=True)) == ["complex", "general", "general", "major"]
    assert Track.objects.count() == 3 and Track.objects.filter(is_lead=True).count() == 1
    assert sorted(DepartmentTask.objects.values_list("state", flat=True)) == ["answered", "asked"]
    assert HelperInvitation.objects.get().state == "accepted"
    assert EscalationRequest.objects.filter(state="carried_out").count() == 2
    assert sorted(Sitting.objects.values_list("state", flat=True)) == ["held", "planned"]
