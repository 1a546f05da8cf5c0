"""What was decided of a recusal, and why, is told; a slip is taken back; who may decide is said when it is asked."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, Notice
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.disputes.recusals import nobody_decides, recusal_ask, recusal_possible
from mediation.joint.tests.work import Work
from mediation.models import Dispute, Recusal
from mediation.papers.own import told
from mediation.papers.saying import Reader
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
WHY, SLIP = "双方并无亲属关系", "登记有误，应为另一纠纷"


@pytest.fixture
def templates(db):
    call_command("loaddata", "fixtures/0012_mediation_notices.json", verbosity=0)


def asked(county, dispute=None, **given) -> Recusal:
    dispute = dispute or county.mediating()
    usual = {"actor": county.mediator, "ground": "relation", "party": parties(dispute)[0]}
    return recusal_ask(dispute, **(usual | given))


def page_of(row) -> str:
    return reverse("admin:mediation_recusal_change", args=[row.pk])


def rest_of(row, name: str = "") -> str:
    return f"/api/v1/mediation/recusals/{row.pk}/" + (f"transitions/{name}/" if name else "")


def notices(key) -> list[str]:
    return list(Notice.objects.filter(person__username=key).order_by("pk").values_list("title", flat=True))


def test_why_a_recusal_was_rejected_stands_on_its_page_in_rest_and_beside_the_dispute(county):
    row = asked(county)
    act(row, "reject", actor=county.user("colleague"), reason=WHY)
    client = client_of(county.user("village_mediator"))
    page = client.get(page_of(row)).content.decode()
    assert 'id="decided-why"' in page and page.count(WHY) == 2  # the decision, and the history
    assert WHY in client.get(f"/admin/mediation/dispute/{row.dispute_id}/change/").content.decode()
    assert client.get(rest_of(row)).json()["decision_reason"] == WHY
    assert WHY not in client.get("/api/v1/mediation/recusals/").content.decode()
    # and nobody reads it who does not read the dispute
    for key in ("outside_village_mediator", "township_mediator", "county_centre", "administrator", "neighbour"):
        for address in (page_of(row), rest_of(row)):
            answer = client_of(county.user(key)).get(address)
            assert answer.status_code in (302, 403, 404) and WHY not in answer.content.decode(), (key, address)


@pytest.mark.parametrize("name", ["uphold", "reject", "withdraw"])
def test_the_party_reads_on_the_own_page_that_it_was_decided_and_not_why(county, name):
    row = asked(county)
    assert told(Reader(row.party))["recusal"] == {
        "state": "asked", "state_label": row.get_state_display(), "decided_on": None}  # fmt: skip
    given = {"mediator": county.people["colleague"]} if name == "uphold" else {}
    actor = county.mediator if name == "withdraw" else county.user("colleague")
    row = act(row, name, actor=actor, reason=WHY, **given)
    found = told(Reader(row.party))["recusal"]
    assert (found["state"], found["decided_on"]) == (row.state, NOW.date())
    text = client_of(county.people["neighbour"]).get(f"/r/disputes/{row.party_id}/").content.decode()
    assert row.get_state_display() in text and WHY not in text
    own = client_of(county.people["neighbour"]).get(f"/api/v1/mediation/own/{row.party_id}/").json()
    assert own["recusal"]["state"] == row.state and WHY not in str(own)
    # the other party asked for nothing, and is told of no decision
    assert told(Reader(parties(row.dispute)[1]))["recusal"] is None


def test_the_former_and_the_new_mediator_are_told_that_it_was_upheld(county, templates):
    # given a recusal that a colleague decides, who names a third of the unit
    dispute = county.mediating()
    third = county.people["grid_worker"]
    row = asked(county, dispute)
    act(row, "uphold", actor=county.user("colleague"), mediator=third)
    # then both hear of it; the former by a page they may open, which says nothing of the dispute
    assert notices("village_mediator") == [f"回避已准予：{dispute.number}"]
    assert notices("grid_worker") == [f"您接任调解员：{dispute.number}"]
    client = client_of(county.user("village_mediator"))
    page = client.get(Notice.objects.get(person__username="village_mediator").url)
    assert page.status_code == 200 and dispute.number not in page.content.decode()
    assert client.get(page_of(row)).status_code == 404
    # and who decided is told nothing new
    assert notices("colleague") == [f"回避申请待决定：{dispute.number}"]


def test_who_names_themselves_and_who_steps_aside_are_not_told_what_they_did(county, templates):
    act(asked(county), "uphold", actor=county.user("colleague"), mediator=county.people["colleague"])
    assert not [title for title in notices("colleague") if "接任" in title]
    dispute = county.mediating()
    act(asked(county, dispute, party=None), "uphold", actor=county.user("village_mediator"),
        mediator=county.people["colleague"])  # fmt: skip
    assert f"您接任调解员：{dispute.number}" in notices("colleague")
    assert f"回避已准予：{dispute.number}" not in notices("village_mediator")


def test_a_rejection_is_told_to_the_mediator_and_to_who_recorded_it(county, templates):
    # given a request recorded on the spot by the grid worker who mediates, decided at the desk
    dispute = act(county.mediating(), "assign", actor=county.mediator, mediator=county.people["grid_worker"])
    row = asked(county, dispute, actor=county.user("grid_worker"))
    act(row, "reject", actor=county.user("colleague"), reason=WHY)
    assert notices("grid_worker") == [f"回避申请已驳回：{dispute.number}"]
    # recorded by somebody else than the mediator: both hear of it, but not who decided
    row = asked(county, actor=county.user("colleague"))
    act(row, "reject", actor=county.user("colleague"), reason=WHY)
    assert notices("village_mediator")[-1] == f"回避申请已驳回：{row.dispute.number}"
    assert f"回避申请已驳回：{row.dispute.number}" not in notices("colleague")


@pytest.mark.parametrize("door", ["service", "api", "admin"])
def test_a_slip_is_taken_back_the_same_day_by_who_recorded_it(county, templates, door):
    # given a recusal recorded by the colleague
    row = asked(county, actor=county.user("colleague"))
    before = snapshot(row)

    def takes_back(key, reason=SLIP):
        if door == "service":
            return act(Recusal.objects.get(pk=row.pk), "withdraw", actor=county.user(key), reason=reason)
        client, given = client_of(county.user(key)), {"reason": reason}
        if door == "api":
            return client.post(rest_of(row, "withdraw"), given, format="json").status_code
        return client.post(reverse("admin:mediation_recusal_transition", args=[row.pk, "withdraw"]), given,
                           format="multipart").status_code  # fmt: skip

    # when anybody else, or without a reason: refused
    for key in sorted(set(county.people) - {"colleague"}):
        if door == "service":
            with pytest.raises(NotPermitted):
                takes_back(key)
        else:
            assert takes_back(key) in (302, 403, 404), key
        assert snapshot(row) == before, key
    if door == "service":
        with pytest.raises(Invalid) as refusal:
            takes_back("colleague", " ")
        assert refusal.value.field == "reason"
    else:
        assert takes_back("colleague", " ") == 400
    assert snapshot(row) == before
    # when the recorder does, then it is kept with the reason, blocks nothing, and may be asked anew
    takes_back("colleague")
    row = Recusal.objects.get(pk=row.pk)
    assert (row.state, row.decided_by) == ("withdrawn", county.people["colleague"])
    assert Event.objects.get(name="recusal.withdrawn").remark.text == SLIP
    assert notices("village_mediator")[-1] == f"回避登记已撤回：{row.dispute.number}"
    assert SLIP in client_of(county.user("village_mediator")).get(page_of(row)).content.decode()
    assert recusal_possible(Dispute.objects.get()) and Dispute.objects.get().mediator == county.mediator
    assert asked(county, Dispute.objects.get()).state == "asked"


def test_not_on_another_day_nor_what_was_decided(county, clock):
    row = asked(county)
    page = client_of(county.user("village_mediator")).get(page_of(row)).content.decode()
    assert "transition/withdraw/" in page
    clock.move_to(NOW + timedelta(days=1))
    with pytest.raises(Conflict) as refusal:
        act(row, "withdraw", actor=county.user("village_mediator"), reason=SLIP)
    assert refusal.value.code == "late" and Recusal.objects.get().state == "asked"
    assert client_of(county.mediator).post(rest_of(row, "withdraw"), {"reason": SLIP}, format="json").status_code == 409
    page = client_of(county.user("village_mediator")).get(page_of(row)).content.decode()
    assert "transition/withdraw/" not in page
    act(row, "reject", actor=county.user("colleague"), reason=WHY)
    with pytest.raises(Conflict):
        act(Recusal.objects.get(), "withdraw", actor=county.user("village_mediator"), reason=SLIP)


def test_the_mediator_concerned_is_shown_no_decision(county):
    row = asked(county)
    mine = client_of(county.user("village_mediator"))
    page = mine.get(page_of(row)).content.decode()
    assert "transition/uphold/" not in page and "transition/reject/" not in page and 'id="somebody-else"' in page
    assert mine.get(rest_of(row)).json()["transitions"] == ["withdraw"]
    theirs = client_of(county.user("colleague"))
    page = theirs.get(page_of(row)).content.decode()
    assert "transition/uphold/" in page and "transition/reject/" in page and 'id="somebody-else"' not in page
    # who steps aside alone sees the one step that is theirs
    aside = asked(county, county.mediating(), party=None)
    assert set(mine.get(rest_of(aside)).json()["transitions"]) == {"uphold", "withdraw"}


def test_where_nobody_can_decide_it_is_said_when_it_is_asked(county):
    # given the county's one person, who mediates a major dispute
    dispute = Work(county).raised("major")
    party, client = parties(dispute)[0], client_of(county.user("county_centre"))
    body = {"party": party.pk, "ground": "relation"}
    page = client.post(f"/admin/mediation/dispute/{dispute.pk}/do/recusal/", body, format="multipart", follow=True)
    # then the page after it says so and what to do, and so do the recusal's page and REST
    row = Recusal.objects.get()
    for text in (page.content.decode(), client.get(page_of(row)).content.decode(),
                 client.get(rest_of(row)).json()["nobody_decides"]):  # fmt: skip
        assert "无人可以决定" in text and "交由下级办理" in text
    act(row, "withdraw", actor=county.user("county_centre"), reason=SLIP)
    made = client.post(f"/api/v1/mediation/disputes/{dispute.pk}/recusals/", body, format="json").json()
    assert "无人可以决定" in made["nobody_decides"]


def test_where_the_unit_or_the_one_above_decides_nothing_is_said(county):
    row = asked(county)
    assert nobody_decides(Recusal.objects.with_rows().get()) == ""
    # alone in the village: the township decides
    Appointment.objects.filter(user=county.people["colleague"]).delete()
    assert nobody_decides(Recusal.objects.with_rows().get()) == ""
    # nor is anybody in the township
    Appointment.objects.filter(user=county.people["township_mediator"]).delete()
    assert "提级" in nobody_decides(Recusal.objects.with_rows().get())
    assert 'id="nobody-decides"' in client_of(county.user("village_mediator")).get(page_of(row)).content.decode()


def test_who_stepped_aside_lands_on_a_page_they_may_see_with_the_message(county):
    row = asked(county, party=None)
    client = client_of(county.user("village_mediator"))
    answer = client.post(reverse("admin:mediation_recusal_transition", args=[row.pk, "uphold"]),
                         {"mediator": "colleague"}, format="multipart", follow=True)  # fmt: skip
    text = answer.content.decode()
    assert answer.status_code == 200 and answer.redirect_chain[-1][0] == reverse("admin:mediation_recusal_changelist")
    assert "准予回避" in text and page_of(row) not in text
    assert client.get(page_of(row)).status_code == 404
