"""Slips in joint work are put right: the result of a track, and who came to a sitting."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.disputes.parties import PartyDraft, party_add, party_strike
from mediation.joint.tracks import HAND_IN_DAYS
from mediation.models import Dispute, Sitting, Track
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize("who", ["police_department", "township_mediator"])
@pytest.mark.parametrize("door", ["api", "admin"])
def test_the_organ_or_who_leads_puts_a_result_right(work, who, door):
    # given a result that was handed in with a slip
    row, client = work.in_state("track", "result"), client_of(work.user(who))
    address = {"api": f"/api/v1/mediation/tracks/{row.pk}/transitions/correct/",
               "admin": f"/admin/mediation/track/{row.pk}/transition/correct/"}[door]  # fmt: skip
    kind, done = ("json", 200) if door == "api" else ("multipart", 302)
    if door == "admin":
        assert row.result in client.get(address).content.decode()
    # when it is corrected: with a reason, and not to nothing
    for wrong in ({"result": "双方同意平分"}, {"reason": "写错", "result": " "}):
        assert client.post(address, wrong, format=kind).status_code == 400, wrong
    given = {"result": "双方同意平分", "document": "行政调解书〔2026〕2号", "reason": "写错"}
    assert client.post(address, given, format=kind).status_code == done
    # then it stands as the result, and who did it and why is on record; its words are in no event
    row = Track.objects.get(pk=row.pk)
    assert (row.state, row.result, row.document) == ("result", given["result"], given["document"])
    event = Event.objects.get(name="track.result_corrected")
    assert event.actor == work.user(who) and event.remark.text == "写错" and "平分" not in str(event.payload)


def test_not_after_the_end_but_as_long_as_it_may_be_handed_in(work, clock):
    # given a result handed in before the end, and one in the days after it
    dispute = work.raised()
    early = work.in_state("track", "result", dispute=dispute)
    late = work.make_track(dispute, kind="judicial", organ=work.county.unit("court"))
    clerk, police = work.user("judges_clerk"), work.user("police_department")
    for name, given in (("accept", {}), ("begin", {})):
        late = act(late, name, actor=clerk, **({"legal_basis": "民事诉讼法"} if name == "accept" else given))
    work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate")
    late = act(Track.objects.with_rows().get(pk=late.pk), "hand_in", actor=clerk, result="达成一致")
    given = {"result": "未达成一致", "reason": "写错"}
    leads = work.upper(dispute)
    # then the first stays, the other may be put right for those days
    before = snapshot(early)
    with pytest.raises(Conflict):
        act(Track.objects.with_rows().get(pk=early.pk), "correct", actor=leads, **given)
    assert snapshot(early) == before
    assert client_of(police).post(
        f"/api/v1/mediation/tracks/{early.pk}/transitions/correct/", given
    ).status_code in (403, 404)  # fmt: skip
    assert act(late, "correct", actor=clerk, **given).result == "未达成一致"
    clock.move_to(NOW + (HAND_IN_DAYS + 1) * DAY)
    with pytest.raises(Conflict):
        act(Track.objects.with_rows().get(pk=late.pk), "correct", actor=leads, **given)


@pytest.mark.parametrize("door", ["api", "admin"])
def test_an_archived_file_is_not_written_in_by_an_organ(work, door):
    # given a result that came in the days after the end, and tracks that never came to one; the file is archived
    dispute = work.raised()
    late = work.in_state("track", "working", dispute=dispute)
    court = work.make_track(dispute, kind="judicial", organ=work.county.unit("court"))
    court = act(court, "accept", actor=work.user("judges_clerk"), legal_basis="民事诉讼法")
    found = work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate", by=work.user("township_mediator"))
    work.step(Track.objects.with_rows().get(pk=late.pk), "hand_in")
    Dispute.objects.filter(pk=found.pk).update(state="archived", archived_at=NOW)
    # when the organ, or who leads, goes on, then nothing changes though the days are not over
    steps = [(late, "correct", who) for who in ("police_department", "township_mediator")]
    steps += [(court, name, "judges_clerk") for name in ("begin", "decline")]
    steps += [(court, "give_up", "township_mediator")]
    for row, name, who in steps:
        before = snapshot(row)
        given = {"reason": "写错"} | ({"result": "双方同意平分"} if name == "correct" else {})
        address = {"api": f"/api/v1/mediation/tracks/{row.pk}/transitions/{name}/",
                   "admin": f"/admin/mediation/track/{row.pk}/transition/{name}/"}[door]  # fmt: skip
        answer = client_of(work.user(who)).post(address, given, format="json" if door == "api" else "multipart")
        assert answer.status_code == 409, (name, who, answer.status_code)
        assert snapshot(row) == before
        assert name not in client_of(work.user(who)).get(f"/api/v1/mediation/tracks/{row.pk}/").json()["transitions"]


@pytest.mark.parametrize("door", ["api", "admin"])
def test_who_came_is_put_right_for_some_days(work, clock, door):
    # given a sitting at which a third person was ticked, who was entered by mistake
    dispute = work.general()
    first, second = parties(dispute)
    third = party_add(dispute, PartyDraft(side="third", name="孙三"), actor=work.user("village_mediator"))
    row = work.make_sitting(dispute)
    clock.move_to(NOW + 3 * DAY)
    row = act(row, "hold", actor=work.user("village_mediator"), present=[first, third])
    with pytest.raises(Conflict):
        party_strike(third, actor=work.user("village_mediator"), reason="登记重复")
    client = client_of(work.user("village_mediator"))
    address = {"api": f"/api/v1/mediation/sittings/{row.pk}/transitions/correct/",
               "admin": f"/admin/mediation/sitting/{row.pk}/transition/correct/"}[door]  # fmt: skip
    kind, done = ("json", 200) if door == "api" else ("multipart", 302)
    here = [str(first.pk), str(second.pk)]
    assert client.post(address, {"present": here}, format=kind).status_code == 400
    assert client.post(address, {"present": here, "reason": "点错了人"}, format=kind).status_code == done
    # then the right ones stand there, what stood there is on record, and the mistake is struck
    assert set(Sitting.objects.get(pk=row.pk).present.all()) == {first, second}
    event = Event.objects.get(name="sitting.corrected")
    assert event.payload["present_before"] == [first.pk, third.pk] and event.remark.text == "点错了人"
    party_strike(third, actor=work.user("village_mediator"), reason="登记重复")
    with pytest.raises(Invalid):
        other = parties(work.general())[0]
        act(row, "correct", actor=work.user("village_mediator"), present=[other], reason="点错了人")
    # and later it stands
    clock.move_to(NOW + 11 * DAY)
    row = Sitting.objects.with_rows().get(pk=row.pk)
    with pytest.raises(Conflict):
        act(row, "correct", actor=work.user("village_mediator"), present=[first], reason="点错了人")
    assert set(Sitting.objects.get(pk=row.pk).present.all()) == {first, second}
