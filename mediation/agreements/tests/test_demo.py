"""The demo's agreements: confirmed, before the court, running, being signed; told through the services."""

import pytest
from django.conf import settings
from django.core.management import call_command

from governance.models import User
from governance.workflow import act
from mediation.confirmation.courts import courts_for, is_intermediate
from mediation.demo_agreements import CLERK, COURT, MEDIATOR, load_agreements
from mediation.demo_followup import load_followup
from mediation.followup.visits import question_of
from mediation.models import DisputeFile, FollowUpVisit, JudicialConfirmation, Obligation

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
    signed = DisputeFile.objects.get()
    assert (signed.kind, signed.for_court) == ("signed_agreement", True)
    # who owes what is who the clause says
    for what, debtor in (("承担部分工料费", "任小满"), ("补交车位管理费", "史玉兰"), ("恢复院墙原高度", "石东来")):
        owed = Obligation.objects.get(what=what)
        assert owed.debtor.name == debtor and owed.creditor != owed.debtor, what
    # of the newest the first visit is due, with the question about confirmation
    load_followup()
    (visit,) = FollowUpVisit.objects.filter(state="due")
    assert (visit.kind, question_of(visit).reminded_day) == ("week", 7)
    assert FollowUpVisit.objects.filter(state="overdue").count() == 1


@pytest.mark.django_db
def test_the_demo_has_an_intermediate_court_whose_clerk_reads_what_is_applied_for_there():
    # given the demo: nothing was applied for at the court of the city yet
    call_command("loaddata", *[settings.BASE_DIR / "fixtures" / f"{name}.json" for name in FIXTURES], verbosity=0)
    load_agreements()
    mediator, clerk, other = (User.objects.get(username=name) for name in (MEDIATOR, "clerk.yunchuan", CLERK))
    row = JudicialConfirmation.objects.with_rows().filter(state="eligible").last()
    assert [court.code for court in courts_for(row)] == [COURT, "court-yunchuan"]
    assert is_intermediate(courts_for(row)[1]) and not JudicialConfirmation.objects.visible_to(clerk).exists()
    # when both parties apply there, with the reason
    for party in row.dispute.parties.all():
        row = act(row, "consent", actor=mediator, party=party, answer="agreed", how="recorded")
    row = act(
        row, "apply", actor=mediator, court=courts_for(row)[1], basis="mediation", court_reason="案件在本市有重大影响"
    )
    # then its clerk takes it up, and the clerk of the basic court sees nothing of it
    assert list(JudicialConfirmation.objects.visible_to(clerk)) == [row]
    assert not JudicialConfirmation.objects.visible_to(other).filter(pk=row.pk).exists()
    assert act(row, "receive", actor=clerk).state == "received"
