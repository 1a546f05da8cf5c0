"""The doors of decisions: pages of staff, REST, the residents' phone; what each shows, and fixed statement counts."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import Event
from governance.testing import snapshot
from property.models import Ballot, Resolution, RuleSet
from property.tests.neighbourhood import company_serves
from property.voting.tests.votes import (
    a_rule,
    announced,
    cast,
    counted,
    deliberating,
    entry_of,
    proposed,
    read_papers,
    voting,
)

pytestmark = pytest.mark.django_db


def at_door(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(resolution) -> str:
    return reverse("admin:property_resolution_change", args=[resolution.pk])


def test_staff_propose_draw_mend_and_announce_in_the_admin(neighbourhood):
    rule, client = a_rule(), at_door(neighbourhood.city.user("organiser"))
    assert client.get(reverse("admin:property_resolution_add")).status_code == 200
    form = {"title": "门禁", "text": "换门禁", "estate": neighbourhood.estate.pk, "rule_set": rule.pk,
            "secrecy": "open", "takes_paper": "on", "takes_online": "on"}  # fmt: skip
    assert client.post(reverse("admin:property_resolution_add"), form | {"title": ""}).status_code == 400
    assert client.post(reverse("admin:property_resolution_add"), form).status_code == 302
    made = Resolution.objects.get()
    assert (made.title, made.area, made.proposed_by.username) == ("门禁", neighbourhood.estate.area, "organiser")
    # changed, drawn, looked at, mended
    edit = reverse("admin:property_resolution_edit", args=[made.pk])
    assert client.get(edit).status_code == 200
    assert client.post(edit, form | {"title": "东门门禁"}).status_code == 302
    assert client.post(reverse("admin:property_resolution_draw", args=[made.pk]), {"developer": ""}).status_code == 302
    made = Resolution.objects.get()
    assert (made.title, made.roll.heads) == ("东门门禁", 8)
    roll = client.get(reverse("admin:property_rollentry_changelist"), {"roll": made.roll_id})
    assert "业主1" in roll.content.decode()
    entry = made.roll.entries.get(number=1)
    mend = reverse("admin:property_rollentry_change", args=[entry.pk])
    assert client.get(mend).status_code == 200
    assert client.post(mend, {"floor_area": "90.50", "area_source": "contract"}).status_code == 400
    assert client.post(mend, {"floor_area": "90.50", "area_source": "contract", "reason": "合同"}).status_code == 302
    assert client.get(page_of(made)).context["questions"] == []
    # taken out as a file
    book = client.post(reverse("admin:property_rollentry_export_changelist") + f"?roll={made.roll_id}")
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active.values)
    assert len(rows) == 9 and "90.5" in str(rows[1])


@pytest.mark.parametrize("who", ["property_manager", "administrator", "outside_organiser", "party_secretary"])
def test_pages_of_work_are_refused_to_those_who_may_not(neighbourhood, who):
    """The secretary proposes and settles, but neither draws rolls nor reads papers."""
    resolution, client = deliberating(neighbourhood), at_door(neighbourhood.city.people[who])
    on = voting(neighbourhood, rule=a_rule(code="b"))
    before = snapshot(resolution), snapshot(on), Ballot.objects.count()
    draw = reverse("admin:property_resolution_draw", args=[resolution.pk])
    desk = reverse("admin:property_ballot_desk", args=[on.pk])
    for address, form in ((draw, {"developer": ""}), (desk, {"typed": "1+"})):
        assert client.post(address, form).status_code in (403, 404)
    add = client.post(reverse("admin:property_resolution_add"), {})
    assert add.status_code == (400 if who in ("party_secretary", "outside_organiser") else 403)
    assert (snapshot(resolution), snapshot(on), Ballot.objects.count()) == before


def test_a_clerk_reads_papers_at_the_desk_with_nothing_but_a_keypad(neighbourhood):
    resolution = voting(neighbourhood)
    desk = reverse("admin:property_ballot_desk", args=[resolution.pk])
    first, second, third = (
        at_door(neighbourhood.city.user(who)) for who in ("organiser", "owners_member", "community_staff")
    )
    assert first.get(desk).status_code == 200
    page = first.post(desk, {"typed": "1+ 2- ３＊ 4/"})
    assert page.status_code == 200 and len(page.context["read"]) == 4 and page.context["for_others"] == 4
    assert first.post(desk, {"typed": "1+"}).status_code == 409
    for wrong in ("", "one", "1", "+", "99+", "1+ 2"):
        assert first.post(desk, {"typed": wrong}).status_code == 400, wrong
    page = second.post(desk, {"typed": "1+ 2+ 3* 4/"})
    assert (page.context["complete"], page.context["differing"], page.context["for_you"]) == (3, 1, [])
    # what differs is settled, what contradicts is decided
    still = reverse("admin:property_ballot_open", args=[resolution.pk])
    cast(resolution, neighbourhood, 0, "against")
    page = first.get(still)
    assert len(page.context["differing"]) == len(page.context["contradicting"]) == 1
    ballot = Ballot.objects.get(stage="differs")
    settle = reverse("admin:property_ballot_settle", args=[ballot.pk])
    assert first.post(settle, {"choice": "for", "reason": "重看"}).status_code == 400  # a reader
    assert third.get(settle).status_code == 200
    assert third.post(settle, {"choice": "for", "reason": ""}).status_code == 400
    assert third.post(settle, {"choice": "for", "reason": "重看"}).status_code == 302
    entry = entry_of(resolution, neighbourhood, 0)
    decide = reverse("admin:property_ballot_decide", args=[entry.ballots.first().pk])
    assert "反对" in first.get(decide).content.decode()
    assert first.post(decide, {"ballot": entry.ballots.get(sheet=1).pk, "reason": "本人确认"}).status_code == 302
    assert client_counts(first, still) == (0, 0, 0)
    assert (
        first.get(reverse("admin:property_ballot_changelist"), {"entry__roll": resolution.roll_id}).status_code == 200
    )


def client_counts(client, address) -> tuple[int, int, int]:
    context = client.get(address).context
    return tuple(len(context[name]) for name in ("differing", "contradicting", "once"))


def test_the_computation_is_shown_and_goes_out_as_a_file_without_anybodys_vote(neighbourhood):
    resolution = counted(neighbourhood, votes="+++++-- ")
    client = at_door(neighbourhood.city.user("property_manager"))
    assert client.get(page_of(resolution)).status_code == 404  # while no contract brings the company into the estate
    company_serves(neighbourhood)
    page = client.get(page_of(resolution)).content.decode()
    assert "7 × 3 = 21 ≥ 16 = 8 × 2" in page and "5 × 2 = 10 &gt; 7 = 7 × 1" in page
    assert "不具有法律效力" in page
    answer = client.post(reverse("admin:property_resolution_tally", args=[resolution.pk]))
    cells = {str(cell) for row in openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values
             for cell in row}  # fmt: skip
    assert "7 × 3 = 21 ≥ 16 = 8 × 2" in cells and not any("业主1" in cell for cell in cells)
    assert Event.objects.filter(name="export.done", payload__model="property.resolution").exists()
    # the roll with its names is not for the property manager
    assert client.get(reverse("admin:property_rollentry_changelist")).status_code == 403
    assert client.get(reverse("admin:property_ballot_changelist")).status_code == 403
    # and an uncounted vote has none
    early = voting(neighbourhood, rule=a_rule(code="b"))
    assert client.post(reverse("admin:property_resolution_tally", args=[early.pk])).status_code == 400


def test_organisers_by_rest(neighbourhood):
    rule, client = a_rule(), at_door(neighbourhood.city.user("organiser"))
    body = {"title": "门禁", "text": "换门禁", "estate": "GY", "rule_set": rule.code}
    assert client.post("/api/v1/resolutions/", body | {"rule_set": "x/1"}, "application/json").status_code == 400
    made = client.post("/api/v1/resolutions/", body, "application/json").json()
    base = f"/api/v1/resolutions/{made['id']}/"
    assert made["rule_set"] == "ordinary/1" and "不具有法律效力" in made["caveat"]
    assert client.post(base + "draw/", {"developer": ""}, "application/json").status_code == 200
    mended = client.post(base + "roll/2/", {"floor_area": "81.00", "reason": "测绘", "area_source": "survey"},
                         "application/json")  # fmt: skip
    assert (mended.status_code, mended.json()["floor_area"]) == (200, "81.00")
    assert len(client.get(base + "roll/").json()["results"]) == 8
    assert (
        client.get("/api/v1/resolutions/", {"state": "proposed", "estate": "GY"}).json()["results"][0]["id"]
        == made["id"]
    )
    assert client.get("/api/v1/rule-sets/").json()["results"][0]["quorum"] == [2, 3]
    # papers
    on = voting(neighbourhood, rule=rule)
    base = f"/api/v1/resolutions/{on.pk}/"
    reading = {"number": 1, "choice": "for"}
    assert client.post(base + "readings/", reading, "application/json").json()["stage"] == "read_once"
    assert client.post(base + "readings/", reading, "application/json").status_code == 409
    other = at_door(neighbourhood.city.user("community_staff"))
    ballot = other.post(base + "readings/", reading | {"choice": "against"}, "application/json").json()
    assert ballot["stage"] == "differs"
    third = at_door(neighbourhood.city.user("owners_member"))
    settled = third.post(
        base + f"ballots/{ballot['id']}/settle/", {"choice": "for", "reason": "重看"}, "application/json"
    )
    assert settled.json()["choice"] == "for"
    cast(on, neighbourhood, 0, "against")
    decided = client.post(base + "roll/1/decision/", {"ballot": ballot["id"], "reason": "本人确认"}, "application/json")
    assert (decided.status_code, decided.json()["ballot"]) == (200, ballot["id"])
    assert len(client.get(base + "ballots/").json()["results"]) == 2


def test_residents_by_rest_see_their_estate_and_vote_for_their_dwelling(neighbourhood):
    hidden, on = proposed(neighbourhood, rule=a_rule(code="b")), voting(neighbourhood)
    owner, base = at_door(neighbourhood.owners[0]), f"/api/v1/resolutions/{on.pk}/"
    assert [row["id"] for row in owner.get("/api/v1/resolutions/").json()["results"]] == [on.pk]
    assert owner.get(f"/api/v1/resolutions/{hidden.pk}/").status_code == 404
    own = owner.get(base).json()["own_votes"]
    assert [row["dwelling"] for row in own] == ["GY-1-1-101"]
    vote = {"votes": [{"entry": own[0]["entry"], "choice": "for"}]}
    answer = owner.post(base + "votes/", vote, "application/json")
    assert answer.status_code == 200 and answer.json()["own_votes"][0]["choice"] == "for"
    # what is not theirs is refused, and nothing of it is kept
    before = Ballot.objects.count()
    stranger = {"votes": [{"entry": entry_of(on, neighbourhood, 1).pk, "choice": "for"}]}
    twice = {"votes": vote["votes"] * 2}
    for body, status in ((stranger, 403), (twice, 400), ({"votes": []}, 400),
                         ({"votes": [{"entry": own[0]["entry"], "choice": "invalid"}]}, 400)):  # fmt: skip
        assert owner.post(base + "votes/", body, "application/json").status_code == status
    for path in ("roll/", "ballots/"):
        assert owner.get(base + path).status_code == 403
    for path, body in (("readings/", {"number": 1, "choice": "for"}), ("draw/", {}), ("roll/1/", {"reason": "x"}),
                       ("roll/1/decision/", {"ballot": None, "reason": "x"})):  # fmt: skip
        assert owner.post(base + path, body, "application/json").status_code == 403
    assert owner.post("/api/v1/resolutions/", {"title": "x", "text": "x", "estate": "GY", "rule_set": "ordinary"},
                      "application/json").status_code in (400, 403)  # fmt: skip
    assert Ballot.objects.count() == before and Resolution.objects.count() == 2
    # somebody who neither lives nor owns there sees nothing, nobody without an account gets in
    assert at_door(neighbourhood.city.user("resident")).get(base).status_code == 404
    assert Client().get(base).status_code in (401, 403)


def test_residents_vote_on_the_phone_and_read_the_result(neighbourhood):
    on, owner = voting(neighbourhood), at_door(neighbourhood.owners[0])
    page = reverse("vote_pages:vote", args=[on.pk])
    assert "加装道闸" in owner.get(reverse("vote_pages:votes")).content.decode()
    entry = entry_of(on, neighbourhood, 0)
    shown = owner.get(page).content.decode()
    assert f"entry_{entry.pk}" in shown and "不具有法律效力" in shown
    assert owner.post(page, {}).status_code == 400
    assert owner.post(page, {f"entry_{entry.pk}": "maybe"}).status_code == 400
    assert owner.post(page, {f"entry_{entry.pk}": "against"}).status_code == 302
    assert Ballot.objects.get().choice == "against"
    # where the rule lets nothing change, the ballot is gone from the page and a forged one casts nothing
    fixed = voting(neighbourhood, rule=a_rule(code="b", online_may_change=False))
    other, page = entry_of(fixed, neighbourhood, 0), reverse("vote_pages:vote", args=[fixed.pk])
    assert owner.post(page, {f"entry_{other.pk}": "for"}).status_code == 302
    assert "entry_" not in owner.get(page).content.decode()
    assert owner.post(page, {f"entry_{other.pk}": "against"}).status_code == 400
    assert Ballot.objects.get(entry=other).choice == "for"
    # the result with every step; nobody's vote
    done = counted(neighbourhood, rule=a_rule(code="c"), votes="+++++-- ")
    result = owner.get(reverse("vote_pages:vote", args=[done.pk])).content.decode()
    assert "7 × 3 = 21 ≥ 16 = 8 × 2" in result and "业主2" not in result
    # and others see nothing
    assert at_door(neighbourhood.city.user("resident")).get(page).status_code == 404
    assert Client().get(page).status_code == 302


def test_lists_take_the_same_statements_for_any_number_of_rows(neighbourhood):
    client, owner = at_door(neighbourhood.city.user("organiser")), at_door(neighbourhood.owners[0])
    first = voting(neighbourhood)
    read_papers(neighbourhood, first, "+-")
    addresses = [
        (client, reverse("admin:property_resolution_changelist")), (client, "/api/v1/resolutions/"),
        (client, reverse("admin:property_rollentry_changelist")), (client, f"/api/v1/resolutions/{first.pk}/roll/"),
        (owner, "/api/v1/resolutions/"), (owner, reverse("vote_pages:votes")),
    ]  # fmt: skip
    counts = [statements(*address) for address in addresses]
    deliberating(neighbourhood, rule=a_rule(code="b"))
    deliberating(neighbourhood, rule=a_rule(code="c"))
    assert [statements(*address) for address in addresses] == counts


def statements(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_rule_sets_are_kept_by_administrators_and_stand_once_used(neighbourhood):
    rule = announced(neighbourhood).rule_set
    address = reverse("admin:property_ruleset_change", args=[rule.pk])
    admin = at_door(neighbourhood.city.user("administrator"))
    assert admin.get(address).status_code == 200
    assert at_door(neighbourhood.city.user("organiser")).post(address, {"name": "x"}).status_code == 403
    # by the sheet or the form, a used rule counts as it did; its name may be put better
    form = {"name": "一般事项（修订说明）", "source": rule.source, "is_active": "on", "share_numerator": "1"}
    assert admin.post(address, form).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.share_numerator, rule.share_denominator) == ("一般事项（修订说明）", 1, 2)
    assert RuleSet.objects.count() == 1
