"""What a signed-in resident does with the own dwellings, and how they find them."""

import pytest

from governance.models import Attachment, Dwelling, Ownership, Residency
from governance.registry.tests.doors import API, api, browser, picture
from governance.testing import snapshot

OWN = f"{API}me/dwellings/"


def test_a_resident_finds_the_own_door_claims_it_and_moves_out(registry):
    client = api(registry.user("resident"))
    # given somebody who looks for the estate and the room
    estate = client.get(f"{API}registry/estates/", {"q": "桂"}).json()
    assert estate == [{"code": "gy", "name": "桂园", "address": "桂花路1号", "buildings": ["3"]}]
    found = client.get(f"{API}registry/dwellings/", {"estate": "gy", "building": "3", "number": "501"}).json()
    assert [set(row) for row in found] == [{"code", "address"}]
    # when they claim it with a photo of the deed, twice with the same key
    body = {"relation": "residency", "dwelling": found[0]["code"], "kind": "owner", "note": "2019年入住",
            "valid_from": "2019-05-01"}  # fmt: skip
    answers = [
        client.post(OWN, body | {"evidence": [picture()]}, format="multipart", headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]
    # then there is one claim with one file, waiting
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].json()
    claim = answers[0].json()
    assert answers[1].json() == claim and Residency.objects.count() == 1 and len(claim["evidence"]) == 1
    assert (claim["state"], claim["transitions"], claim["relation"]) == ("claimed", ["withdraw"], "residency")
    # and claimed again, also with another key, it is a conflict
    assert client.post(OWN, body).status_code == 409
    # when the community confirms it, they may move out with a date
    tie = Residency.objects.get()
    api(registry.user("community_staff")).post(f"{API}residencies/{tie.pk}/transitions/verify/", {})
    ended = client.post(f"{OWN}{claim['id']}/end/", {"ended_on": "2026-10-31", "reason": "卖了"})
    assert (ended.status_code, ended.json()["state"], ended.json()["valid_to"]) == (200, "ended", "2026-10-31")
    assert client.post(f"{OWN}{claim['id']}/end/", {}).status_code == 409


def test_an_owner_claims_a_share_and_takes_it_back(registry):
    client = api(registry.user("resident"))
    body = {"relation": "ownership", "dwelling": "gy-3-2-501", "share_numerator": 1, "share_denominator": 3}
    claim = client.post(OWN, body).json()
    assert (claim["share"], claim["is_voter"], claim["co_owners"]) == ("1/3", False, [])
    assert client.post(f"{OWN}{claim['id']}/withdraw/", {}).json()["state"] == "withdrawn"
    assert client.post(f"{OWN}{claim['id']}/withdraw/", {}).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [({"dwelling": "nowhere"}, "dwelling"), ({"relation": "friend"}, "relation"), ({"kind": None}, "kind"),
     ({"kind": "guest"}, "kind"), ({"valid_from": "2999-01-01"}, "valid_from"), ({"valid_from": "soon"}, "valid_from"),
     ({"relation": "ownership", "share_numerator": 3, "share_denominator": 2}, "share_numerator"),
     ({"relation": "ownership", "share_numerator": 0}, "share_numerator"), ({"evidence": ["x"]}, "evidence"),
     ({"note": "字" * 2001}, "note"), ({"owner_name": "字" * 61}, "owner_name")],
)  # fmt: skip
def test_what_is_wrong_with_a_claim_is_named(registry, change, field):
    body = {"relation": "residency", "dwelling": "gy-3-2-501", "kind": "owner"} | change
    body = {name: value for name, value in body.items() if value is not None}
    response = api(registry.user("resident")).post(OWN, body, format="json")
    assert response.status_code == 400, response.json()
    assert response.json()["errors"][0]["attr"].startswith(field)
    assert not Residency.objects.exists() and not Ownership.objects.exists()


def test_a_file_that_is_no_picture_is_refused(registry):
    bad = picture()
    bad.file.seek(0)
    bad.file.write(b"MZ")
    bad.file.seek(0)
    body = {"relation": "residency", "dwelling": "gy-3-2-501", "kind": "owner", "evidence": [bad]}
    response = api(registry.user("resident")).post(OWN, body, format="multipart")
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "evidence")
    assert not Residency.objects.exists()


def test_everybody_sees_only_their_own(registry):
    mine = registry.claim()
    registry.claim(actor=registry.neighbour)
    told = api(registry.user("resident")).get(OWN).json()
    assert [row["id"] for row in told] == [f"residency-{mine.pk}"]
    for url in (OWN, f"{API}registry/estates/?q=桂", f"{API}registry/dwellings/?estate=gy&building=3"):
        assert api().get(url).status_code == 401
    before = snapshot(mine)
    for verb in ("end", "withdraw"):
        assert api(registry.neighbour).post(f"{OWN}residency-{mine.pk}/{verb}/", {}).status_code == 404
    assert snapshot(mine) == before


def test_look_ups_show_nobody_and_only_what_is_in_use(registry):
    registry.owner("李大海", (1, 1))
    client = api(registry.user("resident"))
    rooms = client.get(f"{API}registry/dwellings/", {"estate": "gy", "building": "3"})
    assert [row["code"] for row in rooms.json()] == ["gy-3-2-501", "gy-3-2-502"]
    assert "李" not in rooms.content.decode()
    Dwelling.objects.filter(code="gy-3-2-502").update(is_active=False)
    assert len(client.get(f"{API}registry/dwellings/", {"estate": "gy", "building": "3"}).json()) == 1
    for missing in ({}, {"estate": "gy"}, {"building": "3"}):
        assert client.get(f"{API}registry/dwellings/", missing).status_code == 400
    assert client.get(f"{API}registry/estates/").status_code == 400
    # the registers of staff stay shut
    for url in ("estates/", "dwellings/", "residencies/", "ownerships/"):
        assert client.get(f"{API}{url}").status_code == 403


def test_look_ups_and_claims_are_so_many_an_hour(registry, monkeypatch):
    rates = {"registry-lookup": "2/hour", "registry-claim": "1/hour"}
    monkeypatch.setattr("governance.api.throttling.SharedThrottle.THROTTLE_RATES", rates)
    client = api(registry.user("resident"))
    codes = [client.get(f"{API}registry/estates/", {"q": "桂"}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    body = {"relation": "residency", "dwelling": "gy-3-2-501", "kind": "owner"}
    assert [client.post(OWN, body).status_code for _ in range(2)] == [201, 429]
    assert client.get(OWN).status_code == 200


def test_evidence_is_for_the_claimant_and_for_those_who_verify(registry):
    # given a claim with the photo of a deed
    body = {"relation": "ownership", "dwelling": "gy-3-2-501", "evidence": [picture()]}
    api(registry.user("resident")).post(OWN, body, format="multipart")
    tie, url = Ownership.objects.get(), f"/files/{Attachment.objects.get().pk}/"
    # then these open it
    for role in ("resident", "community_staff", "administrator"):
        assert browser(registry.user(role)).get(url).status_code == 200, role
    # and others do not, though a grid worker sees the claim itself
    for role in ("grid_worker", "registrar", "operations_centre", "handler", "neighbour"):
        assert browser(registry.user(role)).get(url).status_code == 404, role
    assert browser(registry.city.outsider("community_staff")).get(url).status_code == 404
    worker = api(registry.user("grid_worker")).get(f"{API}ownerships/{tie.pk}/").json()
    assert worker["evidence"] == [] and worker["history"][0]["files"] == []
    staff = api(registry.user("community_staff")).get(f"{API}ownerships/{tie.pk}/").json()
    assert [file["url"] for file in staff["evidence"]] == [url] and staff["history"][0]["files"]
