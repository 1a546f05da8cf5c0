"""From a dispute to counselling, and back to the dispute from its parts."""

import pytest

from cases.tests.api import client_of
from mediation.agreements.tests import deals
from mediation.confirmation.tests.test_confirmation import applied
from mediation.disputes.parties import PartyDraft, party_add
from mediation.followup.tests.visiting import offered, visit_of
from mediation.joint.tests.work import Work
from mediation.models import CounsellingReferral, Dispute, FollowUpVisit

pytestmark = pytest.mark.django_db
OFFER = "建议心理疏导"
DOORS = {"admin": "/admin/mediation/dispute/{pk}/do/counselling/", "phone": "/m/visits/counselling/{pk}/"}
PAGES = {"admin": "/admin/mediation/dispute/{pk}/change/", "phone": "/m/disputes/{pk}/"}


@pytest.mark.parametrize("door", DOORS)
def test_it_is_offered_from_the_page_of_the_dispute_to_a_party_of_it(county, door):
    # given two disputes, one of which has an organisation among its parties
    dispute, other = county.mediating(), county.dispute(title="另一件")
    party_add(dispute, PartyDraft(side="third", name="桂园超市", kind="organisation"), actor=county.mediator)
    client, page = client_of(county.mediator), DOORS[door].format(pk=dispute.pk)
    assert page in client.get(PAGES[door].format(pk=dispute.pk)).content.decode()
    # when the form is opened for one party
    party = dispute.parties.order_by("pk").last()
    persons = list(dispute.parties.filter(kind="person").order_by("pk"))
    shown = client.get(f"{page}?party={persons[1].pk}").content.decode()
    # then it offers the persons of this dispute, with that one chosen
    assert f'<option value="{persons[1].pk}" selected' in shown
    assert all(f'value="{row.pk}"' in shown for row in persons) and f'<option value="{party.pk}"' not in shown
    assert not any(f'<option value="{row.pk}"' in shown for row in other.parties.all())
    # when it is recorded
    for wrong in (party.pk, other.parties.first().pk):
        assert client.post(page, {"party": wrong}, format="multipart").status_code == 400
    assert client.post(page, {"party": persons[1].pk}, format="multipart").status_code == 302
    assert CounsellingReferral.objects.get().party == persons[1]
    # then it is not offered again to the same party
    shown = client.get(page).content.decode()
    assert f'<option value="{persons[1].pk}"' not in shown


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("key", ["outside_village_mediator", "neighbour", "judges_clerk", "counsellor"])
def test_who_does_not_carry_the_dispute_on_offers_nothing(county, door, key):
    dispute = county.mediating()
    given = {"party": dispute.parties.first().pk}
    answer = client_of(county.people[key]).post(DOORS[door].format(pk=dispute.pk), given, format="multipart")
    assert answer.status_code in (302, 403, 404) and not CounsellingReferral.objects.exists()


def test_a_visit_leads_to_counselling_and_to_its_dispute(county, clock):
    row = visit_of(county)
    client = client_of(county.mediator)
    page = client.get(f"/m/visits/{row.pk}/").content.decode()
    assert OFFER in page and DOORS["phone"].format(pk=row.dispute_id) in page
    assert f'href="/m/disputes/{row.dispute_id}/">{row.dispute.number}' in page
    page = client.get(f"/admin/mediation/followupvisit/{row.pk}/change/").content.decode()
    assert OFFER in page and DOORS["admin"].format(pk=row.dispute_id) in page
    # once the file is archived no way leads there
    Dispute.objects.filter(pk=row.dispute_id).update(state="archived")
    assert OFFER not in client.get(f"/m/visits/{row.pk}/").content.decode()


def test_every_part_leads_back_to_its_dispute_for_who_reads_it(county, clock):
    row = applied(county)
    dispute, agreement = row.dispute, row.agreement
    referral = offered(county, dispute)
    sitting = Work(county).made("sitting", dispute=county.mediating())
    parts = {
        "judicialconfirmation": row, "agreement": agreement,
        "obligation": deals.owed_money(agreement), "sitting": sitting, "counsellingreferral": referral,
        "followupvisit": FollowUpVisit.objects.filter(dispute=dispute).first(),
    }  # fmt: skip
    client = client_of(county.mediator)
    for name, part in parts.items():
        page = client.get(f"/admin/mediation/{name}/{part.pk}/change/").content.decode()
        link = f'href="/admin/mediation/dispute/{part.dispute_id}/change/">{part.dispute.number}</a>'
        assert link in page, name
    # the clerk reads the confirmation, and not the dispute
    page = client_of(county.people["judges_clerk"]).get(f"/admin/mediation/judicialconfirmation/{row.pk}/change/")
    assert page.status_code == 200 and f"/dispute/{dispute.pk}/change/" not in page.content.decode()
