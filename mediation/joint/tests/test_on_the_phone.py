"""What was begun from a dispute stands on its phone page with the next step, and desk pages lead back to the phone."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.api import client_of
from governance.admin.returning import returning
from governance.calendar_feeds import entries_of, feed_make
from governance.errors import Invalid
from governance.models import Event
from governance.workflow import act
from mediation.agreements.tests.deals import effective
from mediation.disputes.states import ConsentTo
from mediation.followup.counselling import counselling_offer
from mediation.models import Agreement, DisputeAccess, HelperInvitation, JudicialConfirmation, Sitting

pytestmark = pytest.mark.django_db
V = "village_mediator"


def page_of(work, dispute, who=V) -> str:
    answer = client_of(work.user(who)).get(f"/m/disputes/{dispute.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def begun(page: str) -> str:
    return page.split('id="begun"')[1].split("</section>")[0] if 'id="begun"' in page else ""


def desk(dispute, row, step: str = "") -> str:
    """The address of a row, or of a step, at the desk, that leads back to the phone page of the dispute."""
    rest = f"transition/{step}/" if step else "change/"
    return returning(f"/admin/mediation/{row._meta.model_name}/{row.pk}/{rest}", f"/m/disputes/{dispute.pk}/")


def test_a_sitting_stands_on_the_phone_until_it_is_recorded(work, clock):
    # given a sitting of tomorrow by video, and one that has begun
    dispute, now = work.general(), timezone.now()
    coming = work.make_sitting(dispute, kind="video", place="", link="https://meet.example/" + "x" * 200,
                               starts_at=now + timedelta(hours=20), ends_at=now + timedelta(hours=21))  # fmt: skip
    begins = work.make_sitting(dispute)
    # then both stand on the page of the dispute and lead to their own; the link does not
    shown = begun(page_of(work, dispute))
    assert desk(dispute, coming) in shown and "视频" in shown and "xxxx" not in shown
    assert desk(dispute, begins) in shown and "何家楼下" in shown
    assert desk(dispute, begins, "hold") in shown and desk(dispute, coming, "hold") not in shown
    # and on the first page, there without the place in words, which is read where reading is recorded
    first = client_of(work.user(V)).get("/m/").content.decode()
    assert first.count(f"/m/disputes/{dispute.pk}/") == 3 and "何家楼下" not in first
    # once recorded it is gone; one that is over and not recorded is asked for
    work.step(begins, "hold")
    assert desk(dispute, begins) not in begun(page_of(work, dispute))
    clock.shift(2 * 86400)
    assert desk(dispute, coming, "hold") in begun(page_of(work, dispute))
    assert "待登记" in client_of(work.user(V)).get("/m/").content.decode()
    # nobody else's
    for who in ("outside_village_mediator", "neighbour"):
        assert client_of(work.user(who)).get(f"/m/disputes/{dispute.pk}/").status_code in (302, 403, 404)
        assert "何家楼下" not in client_of(work.user(who)).get("/m/").content.decode()


def test_an_invitation_tells_who_agreed_and_is_sent_from_the_phone(work):
    # given a helper proposed; nobody has answered
    invitation = work.make_helperinvitation()
    dispute = invitation.dispute
    shown = begun(page_of(work, dispute))
    assert desk(dispute, invitation) in shown and "2 方中 0 方同意" in shown
    assert desk(dispute, invitation, "send") not in shown
    # when all parties agreed
    work.agree(dispute, ConsentTo.HELPER, invitation.helper.user)
    shown = begun(page_of(work, dispute))
    assert "各方均已同意" in shown and desk(dispute, invitation, "send") in shown
    # then it is sent, and the form leads back to the phone
    sent = client_of(work.user(V)).post(desk(dispute, invitation, "send"), {}, format="multipart")
    assert sent.status_code == 302 and sent.url == f"/m/disputes/{dispute.pk}/"
    assert HelperInvitation.objects.get().state == "invited"


def test_counselling_and_confirmation_stand_there_with_their_days(work):
    dispute = effective(work.county).dispute
    party = dispute.parties.first()
    referral = counselling_offer(dispute, actor=work.user(V), party=party)
    confirmation = JudicialConfirmation.objects.get()
    shown = begun(page_of(work, dispute))
    assert desk(dispute, referral) in shown and party.masked in shown and party.name not in shown
    assert desk(dispute, confirmation) in shown and confirmation.number in shown
    assert f"{confirmation.last_day:%Y-%m-%d}" in shown
    assert DisputeAccess.objects.filter(dispute=dispute, what="mediation.dispute").exists()


def test_the_page_asks_no_more_for_more_rows(work):
    dispute, client, spent = work.general(), client_of(work.user(V)), []
    now = timezone.now()
    for number in (1, 2, 3):
        work.make_sitting(dispute, starts_at=now + timedelta(hours=2 * number),
                          ends_at=now + timedelta(hours=2 * number + 1))  # fmt: skip
        if number == 1:
            work.make_helperinvitation(dispute)
            counselling_offer(dispute, actor=work.user(V), party=dispute.parties.first())
        if number == 2:
            counselling_offer(dispute, actor=work.user(V), party=dispute.parties.last())
        client.get(f"/m/disputes/{dispute.pk}/")
        with CaptureQueriesContext(connection) as told:
            shown = begun(client.get(f"/m/disputes/{dispute.pk}/").content.decode())
        assert shown.count('class="card stop"') == (3, 5, 6)[number - 1]
        spent.append(len(told))
    assert spent[0] == spent[1] == spent[2], spent


def test_a_page_opened_from_the_phone_leads_back_there_after_each_step(work):
    # given a sitting, opened from the phone
    dispute = work.county.mediating()
    sitting = work.make_sitting(dispute)
    client, phone = client_of(work.user(V)), f"/m/disputes/{dispute.pk}/"
    page = client.get(desk(dispute, sitting)).content.decode()
    through = f"transition/move/?through={quote(phone, safe='')}"
    assert f'href="../{through}"' in page and f'href="{phone}"' in page
    # when a step is done on it
    starts = timezone.localtime(timezone.now() + timedelta(hours=3))
    given = {"starts_at": starts.strftime("%Y-%m-%dT%H:%M"), "reason": "改期",
             "ends_at": (starts + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")}  # fmt: skip
    address = f"/admin/mediation/sitting/{sitting.pk}/{through}"
    assert f'href="{desk(dispute, sitting)}"' in client.get(address).content.decode()
    moved = client.post(address, given, format="multipart")
    # then the page is shown again and still leads back
    assert moved.status_code == 302 and moved.url == desk(dispute, sitting)
    # but to no page of another house, nor from a page that was not opened from the phone
    for other in ("//else.example/m/", "https://else.example/m/", "/admin/"):
        plain = client.get(f"/admin/mediation/sitting/{sitting.pk}/change/?back={quote(other, safe='')}")
        assert "through=" not in plain.content.decode() and "else.example" not in plain.content.decode()
        given = {"reason": "不开了"}
        address = f"/admin/mediation/sitting/{sitting.pk}/transition/cancel/?through={quote(other, safe='')}"
        assert "else.example" not in client.get(address).content.decode()
    assert client.post(address, given, format="multipart").url == f"/admin/mediation/sitting/{sitting.pk}/change/"
    assert Sitting.objects.get().state == "cancelled" and not Agreement.objects.exists()


def test_how_and_where_a_sitting_is_to_be_is_put_right(work):
    # given a sitting by video with a party who has an account
    dispute = work.general()
    sitting = work.make_sitting(dispute, kind="video", place="", link="https://meet.example/1")
    # when its link is put right
    given = {"kind": "video", "link": "https://meet.example/2", "reason": "会议号变了"}
    page = f"/admin/mediation/sitting/{sitting.pk}/transition/amend/"
    assert "https://meet.example/1" in client_of(work.user(V)).get(page).content.decode()
    assert client_of(work.user(V)).post(page, given, format="multipart").status_code == 302
    sitting = Sitting.objects.get()
    assert (sitting.kind, sitting.link, sitting.version) == ("video", "https://meet.example/2", 1)
    # then the event tells no link, and what does not fit is refused by its field
    event = Event.objects.get(name="sitting.amended")
    assert event.payload["kind"] == "video" and "meet" not in str(event.payload)
    for wrong, field in (({"kind": "video"}, "link"), ({"kind": "on_site"}, "place"), ({"kind": "none"}, "kind"),
                         ({"kind": "on_site", "place": "楼下", "link": "https://x.example/"}, "link"),
                         ({"kind": "video", "link": "javascript:1"}, "link")):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            act(sitting, "amend", actor=work.user(V), reason="改", **wrong)
        assert refused.value.field == field, wrong
    moved = act(sitting, "amend", actor=work.user(V), reason="改为上门", kind="on_site", place="何家楼下")
    assert (moved.kind, moved.place, moved.link) == ("on_site", "何家楼下", "")


def test_a_long_link_stands_on_no_row_and_a_sitting_with_a_room_is_in_the_calendar_once(work):
    now, dispute = timezone.now().replace(minute=0, second=0, microsecond=0), work.general()
    work.make_sitting(dispute, kind="video", place="", link="https://meet.example/" + "x" * 250)
    room = work.room()
    sitting = work.make_sitting(dispute, kind="centre", place="", venue=room, starts_at=now + timedelta(hours=24),
                                ends_at=now + timedelta(hours=25))  # fmt: skip
    page = client_of(work.user(V)).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert "xxxxx" not in page and str(room) in page
    feed, _token = feed_make(actor=work.user(V), kind="person")
    found = [entry for entry in entries_of(feed) if entry.starts_at == sitting.starts_at]
    assert [entry.uid for entry in found] == [f"sitting-{sitting.pk}"]
    # who follows the room alone is told of its booking, as before
    feed, _token = feed_make(actor=work.user(V), kind="venue", venue=room)
    assert [entry.uid for entry in entries_of(feed)] == [f"booking-{sitting.booking.uid}"]


def test_a_helper_who_takes_part_is_offered_to_stop_and_not_to_decline(work):
    invitation = work.in_state("helperinvitation", "invited")
    client, page = client_of(work.user("respected_helper")), f"/r/helping/{invitation.pk}/"
    assert "谢绝邀请" in client.get(page).content.decode()
    work.step(invitation, "accept")
    shown = client.get(page).content.decode()
    assert "不再参与协助" in shown and "谢绝邀请" not in shown
