"""An agreement takes effect on the day on which it was sealed, whenever that is typed in (人民调解法 29, 33)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Invalid
from governance.models import Event, Timer
from governance.workflow import act
from mediation.agreements.authorising import authorisation_record
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests import deals
from mediation.models import Agreement, AgreementSignature, Dispute, FollowUpVisit, JudicialConfirmation, Party
from mediation.tests.county import NOW
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MADE, SIGNED, SEALED = date(2026, 6, 2), date(2026, 6, 3), date(2026, 6, 4)


def snapshot(row):
    return Agreement.objects.get(pk=row.pk).version, AgreementSignature.objects.count(), Event.objects.count()


@pytest.mark.parametrize("door", ["api", "admin"])
def test_recorded_four_days_late_it_holds_from_the_day_of_the_seal(county, clock, door):
    # given an agreement of 2 June, signed and sealed until 4 June
    draft = deals.drafted(county)
    first, second = deals.parties(draft.dispute)
    clock.move_to(NOW + 6 * DAY)
    client = client_of(county.mediator)

    # when all that is typed in on 8 June
    for name, given in [("sign_party", {"party": str(first.pk), "how": "fingerprint", "on": str(MADE)}),
                        ("sign_party", {"party": str(second.pk), "how": "signature", "on": str(SIGNED)}),
                        ("sign_mediator", {"on": str(SIGNED)}), ("seal", {"on": str(SEALED)})]:  # fmt: skip
        if door == "api":
            answer = client.post(f"/api/v1/mediation/agreements/{draft.pk}/transitions/{name}/", given)
            assert answer.status_code == 200, answer.content
        else:
            page = f"/admin/mediation/agreement/{draft.pk}/transition/{name}/"
            assert 'name="on"' in client.get(page).content.decode()
            assert client.post(page, given, format="multipart").status_code == 302

    # then it holds from 4 June, and the terms are counted from there
    row = Agreement.objects.get(pk=draft.pk)
    confirmation = JudicialConfirmation.objects.get(agreement=row)
    assert row.effective_on == SEALED and confirmation.last_day == date(2026, 7, 6)  # the 4th is a Saturday
    week = FollowUpVisit.objects.get(agreement=row, kind="week")
    assert week.due_on == SEALED + 7 * DAY
    remind = Timer.objects.filter(kind="mediation.confirmation_reminder", payload__day=7).get()
    assert timezone.localdate(remind.due_at) == SEALED + 7 * DAY

    # and the dispute ended on that day, on its page and the cover too; the event is of the recording
    dispute = row.dispute
    assert timezone.localdate(dispute.ended_at) == SEALED
    assert "2026-06-04" in client.get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert "2026年6月4日" in text_of(paper_take(dispute, "cover", actor=county.mediator, agreement=row)[1])
    assert Event.objects.get(name="dispute.agreed").occurred_at == NOW + 6 * DAY

    # and each day stands beside who typed it, and when
    signatures = list(row.signatures.order_by("id"))
    assert [one.signed_on for one in signatures] == [MADE, SIGNED, SIGNED, SEALED]
    assert {timezone.localdate(one.at) for one in signatures} == {(NOW + 6 * DAY).date()}
    told = [event.payload.get("on") or event.payload.get("effective_on")
            for event in Event.objects.filter(subject_type="mediation.agreement", actor=county.mediator).order_by("id")
            if event.name != "mediation_agreement.drafted"]  # fmt: skip
    assert told == [str(MADE), str(SIGNED), str(SIGNED), str(SEALED)]

    # and the paper, the page and REST tell those days
    paper = text_of(paper_take(row.dispute, "agreement", actor=county.mediator)[1])
    assert "生效日期：2026年6月4日" in paper and "捺印    2026年6月2日" in paper.replace("指印", "捺印")
    page = client.get(f"/admin/mediation/agreement/{row.pk}/change/").content.decode()
    assert "2026-06-02" in page and "2026-06-03" in page and "2026-06-04" in page
    rest = client.get(f"/api/v1/mediation/agreements/{row.pk}/").json()
    assert [one["signed_on"] for one in rest["signatures"]] == [str(MADE), str(SIGNED), str(SIGNED), str(SEALED)]


def test_no_day_ahead_nor_before_what_comes_first(county, clock):
    # given an agreement of 2 June
    draft = deals.drafted(county)
    first, second = deals.parties(draft.dispute)
    clock.move_to(NOW + 6 * DAY)
    today = (NOW + 6 * DAY).date()

    def refused(row, name, *days, **given):
        for day, code in days:
            before = snapshot(row)
            with pytest.raises(Invalid) as refusal:
                act(row, name, actor=county.mediator, on=day, **given)
            assert (refusal.value.field, refusal.value.code) == ("on", code) and snapshot(row) == before

    # then nobody signed before it was made, nor tomorrow
    ahead, far = (today + DAY, "in_future"), (date.max, "in_future")
    refused(draft, "sign_party", ahead, far, (MADE - DAY, "too_early"), (date.min, "too_early"), party=first)
    act(draft, "sign_party", actor=county.mediator, party=first, on=SEALED)
    row = act(draft, "sign_party", actor=county.mediator, party=second, on=SIGNED)
    # the mediator signed after the parties, and the committee sealed after the mediator
    refused(row, "sign_mediator", ahead, (SIGNED, "too_early"))
    row = act(row, "sign_mediator", actor=county.mediator, on=SEALED + DAY)
    refused(row, "seal", ahead, (SEALED, "too_early"))
    assert act(row, "seal", actor=county.mediator, on=SEALED + DAY).effective_on == SEALED + DAY


def test_who_signs_by_the_own_account_signs_today(county, clock):
    draft, own = deals.drafted(county), county.people["neighbour"]
    party = deals.parties(draft.dispute)[0]
    clock.move_to(NOW + DAY)
    with pytest.raises(Invalid) as refusal:
        act(draft, "sign_party", actor=own, party=party, how="electronic", on=MADE)
    assert (refusal.value.field, refusal.value.code) == ("on", "own")
    act(draft, "sign_party", actor=own, party=party, how="electronic")
    assert AgreementSignature.objects.get().signed_on == MADE + DAY


def test_the_forms_offer_what_may_be_chosen(county):
    # given a draft, and a term for confirmation that runs
    draft, client = deals.drafted(county), client_of(county.mediator)
    row = JudicialConfirmation.objects.get(agreement=deals.effective(county))
    pages = {
        f"/admin/mediation/agreement/{draft.pk}/transition/sign_party/": {"signature", "seal", "fingerprint"},
        f"/admin/mediation/judicialconfirmation/{row.pk}/transition/consent/":
            {"together", "written_consent", "recorded", "agent"},
    }  # fmt: skip
    for page, offered in pages.items():
        field = client.get(page).context["form"].fields["how"]
        # then a mediator is offered nothing that only the party does by the own account, or on the own page
        assert {value for value, _label in field.choices} == offered
    answer = client.post(next(iter(pages)), {"party": deals.parties(draft.dispute)[1].pk, "how": "electronic"})
    assert answer.status_code == 400 and not AgreementSignature.objects.filter(agreement=draft).exists()


def test_an_agent_signs_by_the_paper_of_the_day_itself(county, clock):
    # given an agent whose paper is of 4 June
    draft = deals.drafted(county)
    party = deals.parties(draft.dispute)[1]
    Party.objects.filter(pk=party.pk).update(agent="律师赵")
    clock.move_to(NOW + 6 * DAY)
    party = Party.objects.get(pk=party.pk)
    authorisation_record(party, actor=county.mediator, number="授1", signed_on=SEALED, scope="special")
    # then the agent signed by it on that day at the earliest, however late that is typed in
    with pytest.raises(Invalid) as refusal:
        act(draft, "sign_party", actor=county.mediator, party=party, by_agent=True, on=SIGNED)
    assert refusal.value.code == "no_authorisation"
    act(draft, "sign_party", actor=county.mediator, party=party, by_agent=True, on=SEALED)
    assert AgreementSignature.objects.get().authorisation.number == "授1"


def test_the_end_of_the_dispute_follows_the_day_put_right(county, clock):
    # given a seal typed in with a wrong day, and a dispute closed since
    row = deals.effective(county)
    clock.move_to(NOW + 6 * DAY)
    county.step(row.dispute, "close")
    # when the day of the seal is put right
    act(Agreement.objects.get(pk=row.pk), "correct_day", actor=county.mediator, on=SEALED, reason="日期录错")
    # then the dispute ended on that day, and the history says which day stood there
    row.dispute.refresh_from_db()
    assert timezone.localdate(row.dispute.ended_at) == SEALED
    told = Event.objects.get(name="dispute.end_moved").payload
    assert (told["on"], told["before"]) == ("2026-06-04", "2026-06-02")


def test_the_end_of_a_later_round_is_not_moved(county, clock):
    # given a dispute that was agreed, opened again, then terminated and closed; the first agreement binds on
    row = deals.effective(county)
    clock.move_to(NOW + 6 * DAY)
    again = county.step(county.step(county.step(row.dispute, "reopen"), "begin"), "terminate")
    ended = again.ended_at
    county.step(again, "close")
    # when the day of that agreement is put right, then the later end stands
    act(Agreement.objects.get(pk=row.pk), "correct_day", actor=county.mediator, on=SEALED, reason="日期录错")
    assert Dispute.objects.get(pk=row.dispute_id).ended_at == ended
    assert not Event.objects.filter(name="dispute.end_moved").exists()
