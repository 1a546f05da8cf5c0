"""Keys of sources of signals by REST: issued, rotated with overlap, revoked; the secret once; administrators alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.models import Event
from mediation.models import SignalKey, SignalSource
from mediation.tests.test_kept_by_rest import DENIED

pytestmark = pytest.mark.django_db
BASE = "/api/v1/mediation/signal-sources/"


@pytest.fixture
def source(county):
    return SignalSource.objects.create(
        code="hotline-2", name="热线二", channel="hotline", area=county.area("district"),
        mapping={"fields": {"text": {"path": "t"}, "event_date": {"path": "d"}}},
    )  # fmt: skip


def sends(secret: str) -> int:
    """Return what becomes of a record sent with a key."""
    body = {"records": [{"t": "楼上漏水", "d": "2026-11-20"}]}
    header = {"HTTP_AUTHORIZATION": f"Signals {secret}"}
    return client_of().post("/api/v1/mediation/signal-intake/hotline-2/", body, "json", **header).status_code


def test_an_administrator_issues_rotates_and_revokes(county, source):
    client, door = client_of(county.user("administrator")), f"{BASE}hotline-2/keys/"
    # when a key is made, then its secret is in that answer alone, and lets the source in
    made = client.post(door, {}, "json")
    assert made.status_code == 201 and made["Cache-Control"] == "no-store"
    first = made.json()
    assert sends(first["secret"]) == 202
    listed = client.get(door)
    assert [row["prefix"] for row in listed.json()] == [first["prefix"]] and listed["Cache-Control"] == "no-store"
    assert first["secret"] not in listed.content.decode() and "digest" not in listed.json()[0]
    # when it is rotated, then both hold for so long
    second = client.post(door, {"overlap_hours": 2}, "json").json()
    ends = SignalKey.objects.get(pk=first["id"]).expires_at - timezone.now()
    assert timedelta(hours=1) < ends < timedelta(hours=3)
    assert [sends(row["secret"]) for row in (first, second)] == [202, 202]
    # when one is revoked, then it is worthless at once, and cannot be again
    gone = client.post(f"{door}{second['id']}/revoke/")
    assert gone.status_code == 200 and gone.json()["revoked_at"] and "secret" not in gone.json()
    assert [sends(row["secret"]) for row in (first, second)] == [202, 401]
    assert client.post(f"{door}{second['id']}/revoke/").status_code == 409
    # and all is recorded without a secret, as in the administration
    told = list(Event.objects.filter(name__startswith="signals.key").order_by("id").values_list("name", "payload__key"))
    assert told == [("signals.key_issued", first["prefix"]), ("signals.key_issued", second["prefix"]),
                    ("signals.key_revoked", second["prefix"])]  # fmt: skip
    assert first["secret"] not in str(list(Event.objects.values_list("payload", flat=True)))


def test_others_neither_see_nor_make_nor_end_keys(county, source):
    key = client_of(county.user("administrator")).post(f"{BASE}hotline-2/keys/", {}, "json").json()
    before, events = list(SignalKey.objects.values()), Event.objects.count()
    for role in DENIED:
        client = client_of(county.user(role))
        answers = [client.get(f"{BASE}hotline-2/keys/"), client.post(f"{BASE}hotline-2/keys/", {}, "json"),
                   client.post(f"{BASE}hotline-2/keys/{key['id']}/revoke/")]  # fmt: skip
        assert {answer.status_code for answer in answers} <= {403, 404}, role
        assert key["prefix"] not in "".join(answer.content.decode() for answer in answers)
    assert client_of().post(f"{BASE}hotline-2/keys/", {}, "json").status_code == 401
    assert (list(SignalKey.objects.values()), Event.objects.count()) == (before, events)


def test_another_countys_source_is_not_found_and_keys_stay_with_their_source(county, source):
    made = client_of(county.user("administrator")).post(f"{BASE}hotline-2/keys/", {}, "json").json()
    other = SignalSource.objects.create(code="other", name="外", channel="hotline", area=county.area("other_district"))
    person = county.user("administrator")
    person.appointments.update(area=county.area("other_district"))
    client = client_of(person)
    assert client.get(f"{BASE}hotline-2/keys/").status_code == 404
    assert client.post(f"{BASE}hotline-2/keys/", {}, "json").status_code == 404
    # and a key is no key of another source
    assert client.post(f"{BASE}other/keys/{made['id']}/revoke/").status_code == 404
    assert SignalKey.objects.get().revoked_at is None and not other.keys.exists()


@pytest.mark.parametrize("wrong", [{"overlap_hours": -1}, {"overlap_hours": 721}, {"overlap_hours": "x"},
                                   {"overlap_hours": 10**30}])  # fmt: skip
def test_a_wrong_overlap_is_refused_and_a_source_out_of_use_gets_none(county, source, wrong):
    client = client_of(county.user("administrator"))
    assert client.post(f"{BASE}hotline-2/keys/", wrong, "json").status_code == 400
    SignalSource.objects.update(is_active=False)
    assert client.post(f"{BASE}hotline-2/keys/", {}, "json").status_code == 409
    assert not SignalKey.objects.exists()
