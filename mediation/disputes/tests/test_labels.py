"""Parties of one surname are told apart wherever one of them is chosen or named: side, number on the side, masked."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.tests.api import client_of
from governance.forms import form_for
from governance.workflow import steps_of
from mediation.agreements.drafting import Owed
from mediation.agreements.forms import SignPartyForm
from mediation.agreements.tests import deals
from mediation.agreements.work_forms import DraftForm
from mediation.disputes.parties import PartyDraft, party_add, party_strike
from mediation.disputes.work_forms import ConsentForm, RecusalForm
from mediation.joint.making_forms import NoteForm
from mediation.joint.tests.work import Work
from mediation.models import AgentAuthorisation, Agreement, Party, Sitting

pytestmark = pytest.mark.django_db
FAMILY = [("applicant", "石建国"), ("respondent", "石建华"), ("respondent", "石大妹"), ("third", "石小弟")]
LABELS = ["申请人 石**", "被申请人 1 石**", "被申请人 2 石**", "第三人 石**"]


@pytest.fixture
def family(county):
    """A dispute in mediation between four of one surname."""
    drafts = [PartyDraft(side=side, name=name, phone=f"1390000400{n}") for n, (side, name) in enumerate(FAMILY)]
    return county.mediating(parties=drafts)


def options(form, name: str) -> list[str]:
    return [str(label) for value, label in form.fields[name].choices if value]


def owes(family) -> list[Owed]:
    one, two, _three, four = deals.parties(family)
    last = date(2026, 6, 30)
    return [Owed(two, "赔偿装修损失", last, one, Decimal("1500.00")), Owed(four, "道歉", last)]


def test_every_choice_tells_parties_of_one_surname_apart(county, family, clock):
    draft = deals.drafted(county, family, obligations=owes(family))
    sitting = Work(county).made("sitting", dispute=family)
    hold = steps_of(Sitting)["hold"]
    held = form_for("mediation.sitting", hold)(obj=sitting, step=hold, user=county.mediator)
    sign = SignPartyForm(obj=draft, step=steps_of(Agreement)["sign_party"], user=county.mediator)
    note = NoteForm({"dispute": family.number}, user=county.mediator)
    note.offer(family)
    assert options(ConsentForm(dispute=family), "parties") == LABELS
    assert options(RecusalForm(dispute=family), "party") == LABELS
    assert options(held, "present") == LABELS and options(note, "party") == LABELS
    assert options(sign, "party") == LABELS
    listed = "; ".join(f"{n} {label}" for n, label in enumerate(LABELS, start=1))
    assert listed in str(DraftForm(dispute=family).fields["obligations"].help_text)


def test_who_owes_whom_is_told_at_every_door(county, family, clock):
    made = deals.effective(county, family, obligations=owes(family))
    owed = made.obligations.get(amount__isnull=False)
    admin = phone = client_of(county.mediator)
    both = f"{LABELS[1]} → {LABELS[0]}"
    page = admin.get(reverse("admin:mediation_agreement_change", args=[made.pk])).content.decode()
    assert both in page and f"{LABELS[3]} → 其他各方" in page
    page = admin.get(reverse("admin:mediation_obligation_change", args=[owed.pk])).content.decode()
    assert LABELS[1] in page and LABELS[0] in page
    visit = made.visits.first()
    page = phone.get(reverse("phone_mediation_visits:one", args=[visit.pk])).content.decode()
    assert both in page and f"{LABELS[3]} → 其他各方" in page
    api = client_of(county.mediator)
    found = api.get(f"/api/v1/mediation/obligations/{owed.pk}/").json()
    assert (found["debtor_name"], found["creditor_name"]) == (LABELS[1], LABELS[0])
    found = api.get(f"/api/v1/mediation/agreements/{made.pk}/").json()
    assert [row["debtor_name"] for row in found["obligations"]] == [LABELS[1], LABELS[3]]
    found = api.get(f"/api/v1/mediation/disputes/{family.pk}/").json()
    assert [row["label"] for row in found["parties"]] == LABELS
    for key in ("outside_village_mediator", "neighbour"):
        assert client_of(county.people[key]).get(f"/api/v1/mediation/obligations/{owed.pk}/").status_code in (403, 404)


def test_the_party_reads_on_the_own_page_who_owes_whom(county, clock):
    made = deals.effective(county)
    party = made.dispute.parties.get(user=county.people["neighbour"])
    found = client_of(county.people["neighbour"]).get(f"/api/v1/mediation/own/{party.pk}/").json()
    rows = found["agreement"]["obligations"]
    # nobody else is named (0046)
    assert {(row["debtor"], row["creditor"]) for row in rows} == {("被申请人", "申请人 何**")}


def test_a_side_of_one_needs_no_number(county):
    dispute = county.dispute()
    third = [PartyDraft(side="third", name=name) for name in ("何大妹", "何小妹")]
    kept, gone = (party_add(dispute, draft, actor=county.mediator) for draft in third)
    assert [str(row) for row in (kept, gone)] == ["第三人 1 何**", "第三人 2 何**"]
    party_strike(gone, actor=county.mediator, reason="重复录入")
    assert [str(row) for row in Party.everyone.filter(side="third").order_by("pk")] == ["第三人 何**", "第三人 何**"]


def test_labels_of_many_cost_what_labels_of_one_cost(county, family, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert [str(row) for row in family.parties.named()] == LABELS


def test_a_list_of_authorisations_asks_no_more_for_more_of_them(county, family):
    client = client_of(county.mediator)

    def statements(number: int) -> int:
        while AgentAuthorisation.objects.count() < number:
            party = family.parties.order_by("pk")[AgentAuthorisation.objects.count() % len(FAMILY)]
            AgentAuthorisation.objects.create(
                dispute=family, party=party, agent="石大姑", number="授1", signed_on=date(2026, 6, 1), scope="general",
                recorded_by=county.mediator,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            rows = client.get("/api/v1/mediation/authorisations/").json()["results"]
        assert len(rows) == number and {row["party_name"] for row in rows} <= set(LABELS)
        return len(asked)

    assert statements(1) == statements(8)
