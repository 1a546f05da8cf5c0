"""What everybody reads in the directory: volunteers by a masked name, and how to ask for what is on request."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Notice
from partners.recruiting.posts import posts_of
from partners.recruiting.slots import place_take

pytestmark = pytest.mark.django_db


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return client


def test_a_volunteers_full_name_is_read_by_nobody_but_the_community(desk):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0009_partner_notices.json"), verbosity=0)
    # given a volunteer who gives a lesson, and somebody who has a place on it
    partner = desk.active("student")
    name, code = partner.name, desk.area.code
    offer = desk.offer(partner, title="手机课")
    desk.offer(partner, kind="hours", title="巡逻")
    slot = desk.slot(offer)
    place_take(slot, actor=desk.user("stranger"))
    # when the directory is read: by anybody, by who has a place, through the API
    pages = [Client().get(f"/r/partners/{code}/directory/"), signed(desk.user("stranger")).get("/r/partners/")]
    pages += [client_of(desk.user("stranger")).get(address)
              for address in (f"/api/v1/partners/directory/{code}/", "/api/v1/partners/places/")]  # fmt: skip
    for page in pages:
        said = page.content.decode()
        assert page.status_code == 200 and name not in said and f"{name[0]}**" in said
    # nor does looking for the name say that there is one
    assert "手机课" not in Client().get(f"/r/partners/{code}/directory/", {"q": name}).content.decode()
    assert "手机课" in Client().get(f"/r/partners/{code}/directory/", {"q": "手机"}).content.decode()
    # and when the date is cancelled, the notice does not say it either
    desk.step(slot, "cancel", by="student", reason="生病")
    (notice,) = Notice.objects.filter(person=desk.people["stranger"])
    assert name not in notice.title + notice.body
    # but the community's staff find them by it
    page = signed(desk.manager).get("/admin/partners/offer/directory/", {"q": name})
    assert page.status_code == 200 and "巡逻" in page.content.decode()


def test_what_is_on_request_is_asked_for_in_two_presses(desk):
    partner = desk.active("banker")
    room = desk.offer(partner, kind="venue", title="二楼会议室", access="request")
    talk = desk.offer(partner, title="金融讲座")
    page = Client().get(f"/r/partners/{desk.area.code}/directory/").content.decode()
    assert f"/r/needs/new/?offer={room.pk}" in page and f"?offer={talk.pk}" not in page
    client = signed(desk.user("stranger"))
    assert "二楼会议室" in client.get("/r/needs/new/", {"offer": room.pk}).content.decode()
    desk.step(partner, "suspend", reason="核查")
    for wrong in (room.pk, talk.pk, "x", "9" * 30, "-1", ""):
        page = client.get("/r/needs/new/", {"offer": wrong})
        assert page.status_code == 200 and "会议室" not in page.content.decode()


def test_nobody_lets_themselves_act_for_a_partner(desk):
    partner = desk.active("banker")
    with pytest.raises(Conflict) as refused:
        desk.step(partner, "add_person", person=desk.manager)
    assert refused.value.code == "own"
    assert {post.user for post in posts_of(partner)} == {desk.people["banker"]}


def test_who_has_a_place_is_told_when_it_is_on_hold(desk):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0009_partner_notices.json"), verbosity=0)
    # given a lawyer whose advice needs a licence, and somebody with a place; a talk of another partner is no matter
    lawyer, other = desk.active("lawyer"), desk.active("banker")
    for partner in (lawyer, other):
        place_take(desk.slot(desk.offer(partner, title=f"咨询{partner.pk}")), actor=desk.user("student"))
    client, told = signed(desk.user("student")), Notice.objects.filter(person=desk.people["student"])
    assert "暂停" not in client.get("/r/partners/").content.decode() and not told.exists()
    # when the licence is revoked
    desk.step(lawyer.qualifications.get(), "revoke", reason="证书注销")
    # then they are told of that one, and the page of their places says so until it is right again
    (notice,) = told
    assert f"咨询{lawyer.pk}" in notice.title
    assert client.get("/r/partners/").content.decode().count("暂停") == 1
    desk.licensed(lawyer)
    assert "暂停" not in client.get("/r/partners/").content.decode()
    desk.step(other, "suspend", reason="核查")
    assert told.all().count() == 2 and client.get("/r/partners/").content.decode().count("暂停") == 1


def test_a_unit_is_not_tied_to_two_organisations(desk):
    bank = desk.step(desk.active("banker"), "leave", by="banker")
    gym = desk.apply("gymnast")
    with pytest.raises(Invalid) as refused:
        desk.step(gym, "approve", unit=bank.unit)
    assert (refused.value.field, refused.value.code) == ("unit", "other")
    # the same organisation finds its unit again
    again = desk.step(desk.apply("banker", credit_code=bank.credit_code), "approve")
    assert again.unit == bank.unit
