"""What is typed into a desk form opened from the phone is not lost: no network, a session over, a room taken."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.workflow import act
from mediation.agreements.tests.deals import drafted
from mediation.joint.making_forms import NoteForm
from mediation.models import MediationNote, Sitting

pytestmark = pytest.mark.django_db
V = "village_mediator"


def test_a_form_opened_from_the_phone_keeps_what_is_typed_until_it_is_stored(work):
    # given the form of a note, opened from the desk and from the phone
    dispute, client = work.general(), client_of(work.user(V))
    page = f"/admin/mediation/mediationnote/add/?dispute={dispute.number}"
    phone = f"{page}&back={quote(f'/m/disputes/{dispute.pk}/', safe='')}"
    plain, kept = client.get(page).content.decode(), client.get(phone).content.decode()
    # then the browser keeps it only there, for this person, and of a record alone; without network it is not sent
    assert "data-draft" not in plain and "data-unsent=" in plain and "data-unsent=" in kept
    assert 'data-draft="new"' in kept and f'data-user="{work.user(V).pk}"' in kept and "drafts.js" in kept
    assert 'data-draft-only="kind=record"' in kept and NoteForm.draft_only == "kind=record"
    # what is refused stays in the page and is told to be no new form
    refused = client.post(phone, {"dispute": dispute.number, "kind": "record"}, format="multipart")
    assert refused.status_code == 400 and 'data-draft="sent"' in refused.content.decode()
    assert "jiceng_stored" not in refused.cookies
    # once stored the page that comes next is told so; the desk is told nothing
    body = {"dispute": dispute.number, "kind": "record", "text": "双方到场"}
    answer = client.post(phone, body, format="multipart")
    assert answer.url == f"/m/disputes/{dispute.pk}/" and answer.cookies["jiceng_stored"].value == "1"
    again = client.post(page, body | {"text": "又一次"}, format="multipart")
    assert again.status_code == 302 and "jiceng_stored" not in again.cookies


def test_numbers_of_persons_are_not_kept_by_the_browser(work):
    dispute, client = work.general(), client_of(work.user(V))
    for page, unkept in ((f"/m/disputes/{dispute.pk}/parties/new/", 2), ("/m/disputes/new/", 2)):
        shown = client.get(page).content.decode()
        assert 'data-draft="new"' in shown and shown.count("data-unkept") == unkept, page


@pytest.mark.parametrize("page", ["/m/disputes/new/", "/admin/mediation/mediationnote/add/"])
def test_who_sends_after_the_session_was_over_is_told_that_it_was_not_saved(client, work, page):
    # given nobody signed in any more
    asked = client.get(page, follow=True)
    assert "没有保存" not in asked.content.decode()
    # when something is sent
    told = client.post(page, {"title": "漏水", "text": "双方到场"}, follow=True)
    # then the page that signs them in says so, and leads to the form
    assert "登录已过期，刚才的内容没有保存" in told.content.decode() and quote(page) in told.redirect_chain[-1][0]
    assert not MediationNote.objects.exists()


def test_a_room_that_was_taken_does_not_drop_the_form(work):
    # given a sitting in a room, and another that is to be moved to its time
    room, now = work.room(), timezone.now().replace(minute=0, second=0, microsecond=0)
    work.make_sitting(kind="centre", place="", venue=room, starts_at=now + timedelta(hours=24),
                      ends_at=now + timedelta(hours=25))  # fmt: skip
    other = work.make_sitting(kind="centre", place="", venue=room, starts_at=now + timedelta(hours=28),
                              ends_at=now + timedelta(hours=29))  # fmt: skip
    starts = timezone.localtime(now + timedelta(hours=24))
    given = {"starts_at": starts.strftime("%Y-%m-%dT%H:%M"), "reason": "何家只有这时有空",
             "ends_at": (starts + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")}  # fmt: skip
    answer = client_of(work.user(V)).post(f"/admin/mediation/sitting/{other.pk}/transition/move/", given,
                                          format="multipart")  # fmt: skip
    # then the form comes back with what was typed and why, and nothing was moved
    assert answer.status_code == 409 and "何家只有这时有空" in answer.content.decode()
    assert answer.context["form"].non_field_errors()
    assert Sitting.objects.get(pk=other.pk).starts_at == now + timedelta(hours=28)
    # a step that is possible no longer shows the page as it is now
    work.step(other, "cancel", reason="不开了")
    late = client_of(work.user(V)).post(f"/admin/mediation/sitting/{other.pk}/transition/move/", given,
                                        format="multipart")  # fmt: skip
    assert late.status_code == 409 and "form" not in late.context


def test_a_text_that_somebody_signed_is_not_offered_for_correction(county):
    agreement = drafted(county)
    client, page = client_of(county.mediator), f"/admin/mediation/agreement/{agreement.pk}/change/"
    assert "transition/amend/" in client.get(page).content.decode()
    act(agreement, "sign_party", actor=county.mediator, party=agreement.dispute.parties.first())
    shown = client.get(page).content.decode()
    assert "transition/amend/" not in shown and "transition/discard/" in shown
