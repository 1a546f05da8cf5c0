"""Breaking the glass: who, with what reason, for how long, who is told, what is recorded."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, NoticeTemplate
from mediation.disputes.parties import party_unmask
from mediation.glass import glass_break
from mediation.models import BreakGlass, Dispute, DisputeAccess

pytestmark = pytest.mark.django_db
MAY = ["township_mediator", "county_centre", "administrator", "operations_centre"]
MAY_NOT = ["colleague", "village_mediator", "outside_village_mediator", "outside_township_mediator", "grid_worker",
           "outside_county_centre", "joint_department", "judges_clerk", "community_staff", "respected_helper",
           "counsellor", "neighbour", "supervisor"]  # fmt: skip
WHY = "接到群众紧急反映，需核实处理情况"


@pytest.fixture
def template():
    return NoticeTemplate.objects.create(
        key="dispute_glass_broken", language="zh-hans", context="mediation.breakglass", title="查阅：{{ dispute }}",
        body="{{ who }}查阅至{{ until }}",
    )  # fmt: skip


@pytest.mark.parametrize("key", MAY_NOT)
def test_others_do_not_break_it(county, key):
    dispute = county.mediating()
    with pytest.raises(NotPermitted):
        glass_break(dispute, actor=county.user(key), reason=WHY)
    for url in (f"/api/v1/mediation/disputes/{dispute.pk}/glass/", "/admin/mediation/dispute/glass/"):
        given = {"reason": WHY, "number": dispute.number}
        form = "json" if "api" in url else "multipart"
        assert client_of(county.user(key)).post(url, given, format=form).status_code in (302, 400, 403, 404)
    assert not BreakGlass.objects.exists() and not DisputeAccess.objects.exists()


@pytest.mark.parametrize("door", ["service", "admin", "api"])
@pytest.mark.parametrize("key", MAY)
def test_it_opens_one_dispute_for_an_hour_and_tells_who_works_on_it(county, clock, template, key, door):
    dispute, other = county.mediating(), county.mediating()
    actor = county.user(key)
    page = f"/admin/mediation/dispute/{dispute.pk}/change/"
    assert not Dispute.objects.visible_to(actor).exists() and client_of(actor).get(page).status_code != 200
    if door == "service":
        glass_break(dispute, actor=actor, reason=WHY)
    elif door == "api":
        answer = client_of(actor).post(f"/api/v1/mediation/disputes/{dispute.pk}/glass/", {"reason": WHY},
                                       format="json")  # fmt: skip
        assert answer.status_code == 201 and answer.json()["dispute"] == dispute.number, answer.content
    else:
        given = {"number": dispute.number, "reason": WHY}
        answer = client_of(actor).post("/admin/mediation/dispute/glass/", given, format="multipart")
        assert answer.status_code == 302 and answer["Location"] == page, answer.content[:300]
    assert list(Dispute.objects.visible_to(actor)) == [dispute]
    assert "漏水" in client_of(actor).get(page).content.decode()
    assert client_of(actor).get(f"/admin/mediation/dispute/{other.pk}/change/").status_code != 200
    kinds = list(DisputeAccess.objects.filter(person=actor).order_by("id").values_list("kind", flat=True))
    assert kinds == ["broke_glass", "read"]
    row = DisputeAccess.objects.get(kind="broke_glass")
    assert (row.reason, row.role, row.dispute) == (WHY, key, dispute)
    told = {notice.person.username for notice in Notice.objects.all()}
    assert told == {"village_mediator", "colleague"}
    event = Event.objects.get(name="dispute.glass_broken")
    assert event.actor == actor and "群众" not in str(event.payload)
    clock.shift(timedelta(hours=1, seconds=1))
    assert not Dispute.objects.visible_to(county.user(key)).exists()


def test_it_opens_reading_only(county):
    dispute, actor = county.mediating(), county.user("township_mediator")
    glass_break(dispute, actor=actor, reason=WHY)
    with pytest.raises(NotPermitted):
        party_unmask(dispute.parties.first(), actor=actor, reason=WHY)
    for name in ("terminate", "amend", "refer"):
        answer = client_of(actor).post(f"/api/v1/mediation/disputes/{dispute.pk}/transitions/{name}/", {}, "json")
        assert answer.status_code == 403, name
    with pytest.raises(Conflict):
        glass_break(dispute, actor=actor, reason=WHY)


def test_it_needs_a_reason_and_a_need(county):
    dispute, actor = county.mediating(), county.user("township_mediator")
    for wrong in ("", "  ", "看看", "理由\0理由理由", "长" * 501):
        with pytest.raises(Invalid) as found:
            glass_break(dispute, actor=actor, reason=wrong)
        assert found.value.field == "reason"
        answer = client_of(actor).post(f"/api/v1/mediation/disputes/{dispute.pk}/glass/", {"reason": wrong}, "json")
        assert answer.status_code == 400, wrong
    answer = client_of(actor).post("/admin/mediation/dispute/glass/", {"number": "D999999", "reason": WHY},
                                   format="multipart")  # fmt: skip
    assert answer.status_code == 400 and not BreakGlass.objects.exists()


def test_the_masked_list_leads_to_it(county):
    dispute = county.mediating()
    client = client_of(county.user("township_mediator"))
    address = f"/admin/mediation/dispute/glass/?number={dispute.number}"
    assert address in client.get("/admin/mediation/dispute/masked/").content.decode()
    assert dispute.number in client.get(address).content.decode()


def test_who_read_what_is_seen_by_the_superiors(county):
    dispute = county.mediating()
    client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/")
    party_unmask(dispute.parties.first(), actor=county.mediator, reason="电话通知开会")
    sees = {"village_mediator", "colleague", "township_mediator", "county_centre", "administrator"}
    everybody = sees | set(MAY_NOT) | {"operations_centre"}
    for key in sorted(everybody):
        client = client_of(county.user(key))
        answer = client.get("/api/v1/mediation/accesses/")
        rows = answer.json()["results"] if answer.status_code == 200 else []
        page = client.get("/admin/mediation/disputeaccess/")
        assert (len(rows) == 2) == (key in sees), (key, answer.status_code)
        shown = page.status_code == 200 and "电话通知开会" in page.content.decode()
        assert shown == (key in sees), (key, page.status_code)
        assert "漏水" not in page.content.decode() and "何秀英" not in page.content.decode(), key
        assert DisputeAccess.objects.visible_to(county.user(key)).count() == (2 if key in sees else 0), key
