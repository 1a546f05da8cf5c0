"""``/r/mine/home/``: a resident claims a home on the phone, takes a claim back, moves out."""

import pytest
from django.test import Client

from cases.tests.pages import photo
from governance.models import Attachment, Building, Dwelling, Entrance, Estate, Ownership, Residency
from governance.workflow import act

PAGE = "/r/mine/home/"


@pytest.fixture
def dwelling(city):
    estate = Estate.objects.create(code="GZY", name="桂子苑", area=city.community)
    building = Building.objects.create(estate=estate, number="3", area=city.grid)
    entrance = Entrance.objects.create(building=building, number="2")
    place = {"building": building, "area": city.grid}
    Dwelling.objects.create(code="GZY-3-2-502", entrance=entrance, number="502", **place)
    return Dwelling.objects.create(code="GZY-3-2-501", entrance=entrance, number="501", **place)


@pytest.fixture
def client(city):
    signed_in = Client()
    signed_in.force_login(city.user("resident"))
    return signed_in


def claim(client, **given):
    return client.post(PAGE, {"address": "桂子苑3栋2单元501", "part": "tenant"} | given)


def test_a_home_is_claimed_with_evidence_and_shown(city, client, dwelling):
    assert client.get(PAGE).status_code == 200
    assert claim(client, evidence=[photo()], note="合同到明年").status_code == 302
    row = Residency.objects.get()
    assert (row.user, row.dwelling, row.kind, row.state) == (city.user("resident"), dwelling, "tenant", "claimed")
    assert Attachment.objects.filter(subject_type="governance.residency", subject_id=row.pk).count() == 1
    page = client.get("/r/mine/").content.decode()
    assert "桂子苑" in page and "租户" in page and "撤回" in page


def test_the_sole_owner_claims_the_whole(city, client, dwelling):
    assert claim(client, part="owns").status_code == 302
    row = Ownership.objects.get()
    assert (row.dwelling, row.share, row.state) == (dwelling, 1, "claimed")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"address": "桂子苑 9栋 501"}, "没有找到"),
        ({"address": "桂子苑 3栋"}, "不止一套"),
        ({"address": "501"}, "没有找到"),
        ({"address": ""}, "必填"),
        ({"part": "king"}, "king"),
        ({"part": ""}, "必填"),
    ],
)
def test_what_is_no_home_is_said_beside_the_form_and_nothing_is_stored(client, dwelling, given, says):
    answer = claim(client, **given)
    assert answer.status_code == 400 and says in answer.content.decode()
    assert not Residency.objects.exists()


def test_the_same_home_twice_is_a_conflict(client, dwelling):
    claim(client)
    assert claim(client).status_code == 409
    assert Residency.objects.count() == 1


def test_a_claim_is_taken_back_and_a_home_is_left(city, client, dwelling):
    claim(client)
    first = Residency.objects.get()
    assert client.post(f"{PAGE}residency/{first.pk}/withdraw/").status_code == 302
    claim(client)
    second = act(Residency.objects.get(state="claimed"), "verify", actor=city.user("community_staff"))
    assert client.post(f"{PAGE}residency/{second.pk}/withdraw/").status_code == 409
    assert client.post(f"{PAGE}residency/{second.pk}/end/").status_code == 302
    assert set(Residency.objects.values_list("state", flat=True)) == {"withdrawn", "ended"}


@pytest.mark.parametrize(
    "path", ["residency/0/end/", "residency/{pk}/verify/", "tenancy/{pk}/end/", "ownership/{pk}/end/"]
)
def test_other_steps_and_rows_do_not_exist(client, dwelling, path):
    claim(client)
    row = Residency.objects.get()
    assert client.post(PAGE + path.format(pk=row.pk)).status_code == 404
    row.refresh_from_db()
    assert row.state == "claimed"


def test_nobody_touches_the_home_of_somebody_else(city, client, dwelling):
    claim(client)
    row = Residency.objects.get()
    stranger = Client()
    stranger.force_login(city.user("outside_resident"))
    assert stranger.post(f"{PAGE}residency/{row.pk}/withdraw/").status_code == 404
    assert Client().post(f"{PAGE}residency/{row.pk}/withdraw/").status_code == 302
    row.refresh_from_db()
    assert row.state == "claimed"
