"""A helper is told, and so is who waits for the answer; what was given is not lost, and a slip in it is put right."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import call_command

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice
from governance.notices.planning import tell_past
from governance.testing import snapshot
from governance.workflow import act
from mediation.disputes.states import ConsentTo
from mediation.models import HelperInvitation
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
V = "village_mediator"
SINCE = NOW - timedelta(days=1)
WORDS = ("漏水", "楼上", "何", "马")


@pytest.fixture
def templates(work):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0014_answer_notices.json"), verbosity=0)


def fresh(row):
    return HelperInvitation.objects.with_rows().get(pk=row.pk)


def taken_back(work):
    """A helper took part until a party did not want them any more."""
    row = work.in_state("helperinvitation", "accepted")
    party = row.dispute.parties.first()
    work.county.consent(party, "withdrawn", ConsentTo.HELPER, about=row.helper.user)
    assert fresh(row).state == "withdrawn"
    return fresh(row)


def test_the_helper_hears_of_the_invitation_and_of_nothing_before_or_after(work, templates):
    # given a helper of whom the parties are asked: told nothing
    row = work.make_helperinvitation()
    tell_past(SINCE, unread_since=SINCE)
    assert not Notice.objects.exists()
    # when the invitation is sent
    row = work.step(row, "send")
    tell_past(SINCE, unread_since=SINCE)
    # then they are told the number, the last day and their own page
    told = Notice.objects.get()
    assert told.person == row.helper.user and told.url == f"/r/helping/{row.pk}/"
    assert row.dispute.number in told.title and f"{row.until:%Y-%m-%d}" in told.body
    assert not any(word in told.title + told.body for word in WORDS)
    # and of the end nothing more
    work.step(row, "withdraw")
    tell_past(SINCE, unread_since=SINCE)
    assert Notice.objects.get() == told


@pytest.mark.parametrize(("step", "word"), [("accept", "乡贤已参与"), ("decline", "谢绝")])
def test_who_carries_the_dispute_on_hears_of_the_answer(work, templates, step, word):
    row = work.in_state("helperinvitation", "invited")
    work.step(row, step)
    told = Notice.objects.get()
    assert told.person == work.user(V) and told.url == f"/admin/mediation/helperinvitation/{row.pk}/change/"
    assert row.dispute.number in told.title and word in told.body
    assert row.helper.user.name not in told.body and not any(one in told.body for one in WORDS)


def test_hours_given_before_a_party_took_the_consent_back_are_thanked(work):
    # given a helper who took part, until a party did not want them any more
    row = taken_back(work)
    # when the mediator enters the hours, then they are kept, and the access stays ended
    ended = row.ended_at
    row = work.step(row, "thank", hours=Decimal("6.5"))
    assert (row.state, row.hours, row.ended_at) == ("thanked", Decimal("6.5"), ended)
    assert not HelperInvitation.objects.of_helper(row.helper.user).exists()


def test_who_never_accepted_is_not_thanked_for_an_invitation_taken_back(work):
    row = work.step(work.in_state("helperinvitation", "invited"), "withdraw")
    before = snapshot(row)
    with pytest.raises(Conflict):
        work.step(row, "thank")
    assert snapshot(row) == before


@pytest.mark.parametrize("door", ["api", "admin"])
def test_hours_entered_by_a_slip_are_put_right_for_seven_days(work, clock, door):
    # given 35 hours in place of 3.5
    row = work.step(work.in_state("helperinvitation", "accepted"), "thank", hours=Decimal(35))
    client = client_of(work.user(V))
    page = f"/admin/mediation/helperinvitation/{row.pk}/transition/correct/"
    address = page if door == "admin" else f"/api/v1/mediation/helper-invitations/{row.pk}/transitions/correct/"
    kind, done = ("multipart", 302) if door == "admin" else ("json", 200)
    assert 'value="35.0"' in client.get(page).content.decode()
    # when they are corrected: with a reason, within bounds
    for wrong in ({"hours": "3.5"}, {"hours": "201", "reason": "多写"}, {"hours": "-1", "reason": "多写"}):
        assert client.post(address, wrong, format=kind).status_code == 400, wrong
    clock.shift(timedelta(days=7))
    given = {"hours": "3.5", "thanks": "多谢", "reason": "多写了一位"}
    assert client_of(work.user(V)).post(address, given, format=kind).status_code == done
    # then they stand, and what stood there is on record
    row = fresh(row)
    assert (row.state, row.hours, row.thanks) == ("thanked", Decimal("3.5"), "多谢")
    event = Event.objects.get(name="helper_invitation.thanks_corrected")
    assert (event.payload["hours"], event.payload["hours_before"]) == ("3.5", "35.0")
    assert event.remark.text == "多写了一位" and "多谢" not in str(event.payload)
    # and later they stay, and at no time does the helper set them
    clock.shift(timedelta(seconds=1))
    before = snapshot(row)
    with pytest.raises(Conflict):
        act(row, "correct", actor=work.user(V), hours=Decimal(4), reason="再改")
    for key in ("respected_helper", "outside_village_mediator", "township_mediator", "neighbour"):
        with pytest.raises(NotPermitted):
            act(row, "correct", actor=work.user(key), hours=Decimal(4), reason="再改")
    assert snapshot(row) == before


def test_out_of_bounds_is_refused_by_name(work):
    row = work.step(work.in_state("helperinvitation", "accepted"), "thank")
    with pytest.raises(Invalid) as refusal:
        act(row, "correct", actor=work.user(V), hours=Decimal("200.1"), reason="多写")
    assert refusal.value.field == "hours"


@pytest.mark.parametrize("end", ["withdraw", "decline", "thank", "last day", "left"])
def test_after_the_end_the_own_page_says_so_and_nothing_of_the_dispute(work, clock, end):
    # given a helper who took part, and whose access has ended
    row = work.in_state("helperinvitation", "accepted")
    if end == "last day":
        clock.shift(timedelta(days=30))
    elif end == "left":
        work.step(row.helper, "leave")
    else:
        work.step(row, end)
    client = client_of(work.user("respected_helper"))
    # when they open the link they were given
    for answer in (client.get(f"/r/helping/{row.pk}/"), client.post(f"/r/helping/{row.pk}/", {"step": "accept"})):
        shown = answer.content.decode()
        # then the page says that it has ended, not that the link was wrong
        assert answer.status_code == 410 and "此邀请已结束，不可再查阅。" in shown
        assert row.dispute.number not in shown and str(row.dispute.type) not in shown
        assert not any(word in shown for word in ("漏水", "何秀英", "马国梁"))


def test_of_what_was_never_sent_and_of_others_the_page_knows_nothing(work):
    proposed = work.make_helperinvitation()
    helper = client_of(work.user("respected_helper"))
    assert helper.get(f"/r/helping/{proposed.pk}/").status_code == 404
    work.step(proposed, "withdraw")
    assert helper.get(f"/r/helping/{proposed.pk}/").status_code == 404
    ended = work.step(work.in_state("helperinvitation", "invited"), "withdraw")
    for key in ("neighbour", "counsellor", V):
        assert client_of(work.user(key)).get(f"/r/helping/{ended.pk}/").status_code == 404
