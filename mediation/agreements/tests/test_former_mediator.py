"""No agreement takes effect on the signature of a mediator who was recused, or who mediates it no longer."""

from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import drafted, parties, signed, signed_by_parties
from mediation.disputes.recusals import recusal_ask
from mediation.joint.tests.work import Work
from mediation.joint.tiers import tier_escalate
from mediation.models import Agreement, AgreementSignature, Dispute

pytestmark = pytest.mark.django_db
VOID = "mediation_agreement.mediator_signature_void"


def asked(county, dispute, **given):
    return recusal_ask(dispute, **({"actor": county.mediator, "ground": "relation",
                                    "party": parties(dispute)[0]} | given))  # fmt: skip


def press(client, door: str, row, name: str, **given) -> int:
    """Carry a step out through a door; return the status."""
    model = row._meta.model_name
    if door == "api":
        places = {"agreement": "agreements", "recusal": "recusals", "dispute": "disputes"}
        address = f"/api/v1/mediation/{places[model]}/{row.pk}/transitions/{name}/"
        return client.post(address, given, format="json").status_code
    return client.post(
        reverse(f"admin:mediation_{model}_transition", args=[row.pk, name]), given, format="multipart"
    ).status_code  # fmt: skip


@pytest.mark.parametrize("door", ["service", "api", "admin"])
def test_a_mediator_does_not_sign_while_it_is_asked_that_they_stand_aside(county, door):
    # given what all parties have signed, and a recusal that nobody has decided
    agreement = signed_by_parties(county, drafted(county))
    recusal = asked(county, agreement.dispute)
    before = snapshot(agreement)
    # when the mediator signs all the same, then it is refused
    if door == "service":
        with pytest.raises(Conflict) as refusal:
            act(agreement, "sign_mediator", actor=county.mediator)
        assert refusal.value.code == "recusal"
    else:
        assert press(client_of(county.mediator), door, agreement, "sign_mediator") == 409
    assert snapshot(agreement) == before and not AgreementSignature.objects.filter(of="mediator").exists()
    # and goes on once it is rejected
    act(recusal, "reject", actor=county.user("colleague"), reason="没有亲属关系")
    assert act(agreement, "sign_mediator", actor=county.mediator).state == "signed_by_mediator"


@pytest.mark.parametrize("door", ["service", "api", "admin"])
def test_upholding_makes_the_signature_void_and_the_successor_signs(county, door):
    # given an agreement that lacks the seal alone, and a recusal asked for
    agreement = signed(county, drafted(county))
    recusal, colleague = asked(county, agreement.dispute), county.user("colleague")
    client = client_of(colleague)
    # when somebody else upholds it
    if door == "service":
        act(recusal, "uphold", actor=colleague, mediator=colleague)
    else:
        assert press(client, door, recusal, "uphold", mediator="colleague") in (200, 302)
    # then the mediator signs anew, the former signature is kept, and why is told in words
    agreement = Agreement.objects.with_parts().get(pk=agreement.pk)
    assert agreement.state == "signed_by_parties" and agreement.mediator_signed_at is None
    (former,) = agreement.signatures.filter(of="mediator")
    assert former.void and former.recorded_by == county.mediator
    event = Event.objects.get(name=VOID)
    assert event.payload["signed_by"] == county.mediator.pk and str(county.mediator) in event.remark.text
    with pytest.raises(Conflict):
        act(agreement, "seal", actor=colleague)
    assert press(client, "api", agreement, "seal") == 409
    assert "调解员" in text_of_paper(agreement, colleague) and county.mediator.name not in signs(agreement, colleague)
    # and once the successor has signed and it is sealed, every door names who signed
    if door == "service":
        act(act(agreement, "sign_mediator", actor=colleague), "seal", actor=colleague)
    else:
        assert press(client, door, agreement, "sign_mediator") in (200, 302)
        assert press(client, door, agreement, "seal") in (200, 302)
    agreement = Agreement.objects.get(pk=agreement.pk)
    assert agreement.state == "effective" and Dispute.objects.get().mediator == colleague
    assert f"人民调解员 {colleague.get_full_name()}" in signs(agreement, colleague)
    assert county.mediator.get_full_name() not in text_of_paper(agreement, colleague)
    told = client.get(f"/api/v1/mediation/agreements/{agreement.pk}/").json()["signatures"]
    assert [(row["signed_by"], row["void"]) for row in told if row["of"] == "mediator"] == [
        (county.mediator.username, True), ("colleague", False)]  # fmt: skip
    page = client.get(reverse("admin:mediation_agreement_change", args=[agreement.pk])).content.decode()
    assert page.count("data-void") == 1 and "原调解员签名作废" in page


def text_of_paper(agreement, reader) -> str:
    document = Document(BytesIO(paper_take(agreement.dispute, "agreement", actor=reader, agreement=agreement)[1]))
    return "\n".join(line.text for line in document.paragraphs)


def signs(agreement, reader) -> str:
    """Return the line in which the mediator signs."""
    lines = text_of_paper(agreement, reader).splitlines()
    return "\n".join(line for line in lines if line.startswith("人民调解员"))


def test_a_mediator_who_steps_aside_leaves_no_signature_that_counts(county):
    agreement = signed(county, drafted(county))
    row = asked(county, agreement.dispute, party=None)
    act(row, "uphold", actor=county.mediator, mediator=county.people["colleague"])
    agreement = Agreement.objects.get(pk=agreement.pk)
    assert agreement.state == "signed_by_parties" and agreement.signatures.get(of="mediator").void
    assert act(agreement, "sign_mediator", actor=county.user("colleague")).state == "signed_by_mediator"


@pytest.mark.parametrize("door", ["service", "api", "admin"])
def test_who_is_appointed_before_the_seal_signs(county, door):
    # given an agreement signed by a mediator, in whose place somebody else is appointed before the seal
    agreement = signed(county, drafted(county))
    dispute, colleague = Dispute.objects.get(), county.people["colleague"]
    if door == "service":
        act(dispute, "assign", actor=county.mediator, mediator=colleague)
    else:
        assert press(client_of(county.mediator), door, dispute, "assign", mediator="colleague") in (200, 302)
    agreement = Agreement.objects.get(pk=agreement.pk)
    assert agreement.state == "signed_by_parties" and agreement.signatures.get(of="mediator").void
    # when the former one is appointed again, their signature does not come back: they sign once more
    act(Dispute.objects.get(), "assign", actor=county.user("colleague"), mediator=county.mediator)
    assert Agreement.objects.get().state == "signed_by_parties"
    agreement = act(agreement, "sign_mediator", actor=county.user("village_mediator"))
    assert [row.void for row in agreement.signatures.filter(of="mediator").order_by("pk")] == [True, False]
    assert act(agreement, "seal", actor=county.mediator).state == "effective"


def test_the_same_mediator_appointed_once_more_has_signed(county):
    agreement = signed(county, drafted(county))
    act(Dispute.objects.get(), "assign", actor=county.user("colleague"), mediator=county.mediator)
    assert Agreement.objects.get().state == "signed_by_mediator"
    assert act(agreement, "seal", actor=county.mediator).state == "effective"
    # nor does a later change touch what is in effect
    act(Dispute.objects.get(), "assign", actor=county.mediator, mediator=county.people["colleague"])
    assert Agreement.objects.get().state == "effective" and not Event.objects.filter(name=VOID).exists()


def test_the_unit_that_takes_it_over_before_the_seal_signs_by_its_own_mediator(county):
    # given an agreement that lacks the seal alone, when the township takes the dispute over
    agreement = signed(county, drafted(county))
    work = Work(county)
    request = tier_escalate(Dispute.objects.get(), actor=county.mediator, reason="双方各执一词", to_tier="complex")
    work.step(work.step(request, "accept"), "take_over")
    dispute = Dispute.objects.get()
    # then the township's mediator signs
    agreement = Agreement.objects.get(pk=agreement.pk)
    assert dispute.mediator == county.people["township_mediator"] and agreement.state == "signed_by_parties"
    assert agreement.signatures.get(of="mediator").void


def test_a_seal_on_the_signature_of_a_former_mediator_is_refused(county):
    # given what an older release left: signed by one, mediated by another
    agreement = signed(county, drafted(county))
    Dispute.objects.update(mediator=county.people["colleague"])
    before = snapshot(agreement)
    with pytest.raises(Conflict) as refusal:
        act(agreement, "seal", actor=county.user("colleague"))
    assert refusal.value.code == "former_mediator" and snapshot(agreement) == before
    # when the mediator is appointed once more, as it says, then they sign
    act(Dispute.objects.get(), "assign", actor=county.user("colleague"), mediator=county.people["colleague"])
    agreement = act(Agreement.objects.get(), "sign_mediator", actor=county.user("colleague"))
    assert act(agreement, "seal", actor=county.user("colleague")).state == "effective"


def test_the_day_of_a_void_signature_is_not_corrected_and_bounds_no_other(county):
    agreement = signed(county, drafted(county))
    former = agreement.signatures.get(of="mediator")
    act(Dispute.objects.get(), "assign", actor=county.mediator, mediator=county.people["colleague"])
    with pytest.raises(Invalid) as refusal:
        act(Agreement.objects.get(), "correct_signature", actor=county.user("colleague"), signature=former,
            on=agreement.made_on, reason="录错")  # fmt: skip
    assert refusal.value.field == "signature"
    page = client_of(county.user("colleague")).get(
        reverse("admin:mediation_agreement_transition", args=[agreement.pk, "correct_signature"])
    )
    assert page.status_code == 200 and f'value="{former.pk}"' not in page.content.decode()
