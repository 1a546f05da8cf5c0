"""What parties are asked about a person, written down by hand: who would take over, a helper."""

import pytest

from cases.tests.api import client_of
from governance.workflow import act
from mediation.models import Consent, Dispute, HelperInvitation

pytestmark = pytest.mark.django_db
V, T = "village_mediator", "township_mediator"


def post(client, url, given):
    return client.post(url, given, format="multipart")


def answered(dispute, what: str, about: str, **given) -> dict:
    parties = [party.pk for party in dispute.parties.all()]
    return {"parties": parties, "what": what, "about": about, "answer": "agreed", "how": "oral"} | given


@pytest.mark.parametrize("door", ["admin", "phone"])
def test_a_takeover_and_an_invitation_are_completed_by_hand(work, door):
    # given a dispute that the township was asked to take over, and a helper proposed
    dispute = work.general()
    request = work.step(work.make_escalationrequest(dispute), "accept")
    invitation = work.make_helperinvitation(dispute)
    village = client_of(work.user(V))
    page, form = f"/m/disputes/{dispute.pk}/", f"/m/disputes/{dispute.pk}/answers/"
    if door == "admin":
        form = f"/admin/mediation/dispute/{dispute.pk}/do/consent/"
    # then the pages lead to the form, filled in with whom it is about
    asked = [("mediator", T), ("helper", "respected_helper")]
    pages = [page, page]
    if door == "admin":
        pages = [f"/admin/mediation/escalationrequest/{request.pk}/change/",
                 f"/admin/mediation/helperinvitation/{invitation.pk}/change/"]  # fmt: skip
    for (what, about), where in zip(asked, pages, strict=True):
        link = f"{form}?what={what}&amp;about={about}"
        assert link in village.get(where).content.decode(), where
        shown = village.get(link.replace("&amp;", "&")).content.decode()
        assert f'<option value="{about}" selected>' in shown and f'<option value="{what}" selected>' in shown
    # and nobody else is sent there
    assert "do/consent" not in client_of(work.user(T)).get(pages[0]).content.decode()
    # when what was asked about whom does not fit, nothing is stored
    for what, about in (("helper", T), ("mediator", "respected_helper"), ("mediation", T), ("helper", ""),
                        ("helper", "colleague")):  # fmt: skip
        assert post(village, form, answered(dispute, what, about)).status_code == 400, (what, about)
    assert not Consent.objects.filter(what__in=["helper", "mediator"]).exists()
    # when every party agreed, both are completed
    for what, about in asked:
        assert post(village, form, answered(dispute, what, about)).status_code == 302
    assert act(invitation, "send", actor=work.user(V)).state == "invited"
    act(request, "take_over", actor=work.user(T))
    assert Dispute.objects.get().mediator == work.user(T)


def test_without_anybody_to_ask_about_the_form_does_not_ask(work):
    dispute = work.general()
    form = client_of(work.user(V)).get(f"/m/disputes/{dispute.pk}/answers/").content.decode()
    assert 'name="about"' not in form and 'value="helper"' not in form
    sent = answered(dispute, "helper", "respected_helper")
    assert post(client_of(work.user(V)), f"/m/disputes/{dispute.pk}/answers/", sent).status_code == 400
    assert not HelperInvitation.objects.exists()
