"""Ballots: papers read twice, online votes, contradictions, secrecy, and that nothing moves after the count."""

import io

import openpyxl
import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.timers import fire_due
from governance.workflow import act
from property.models import Ballot, BallotDecision, BallotReading
from property.voting.ballots import conflict_decide, unfinished
from property.voting.numbers import numbers_give_out
from property.voting.online import ballots_cast
from property.voting.papers import ballot_read, ballot_settle, ballots_read
from property.voting.tally import counted_alike, tally_of, turnout_of
from property.voting.tests.votes import (
    DAY,
    a_rule,
    announced,
    cast,
    counted,
    entry_of,
    fresh,
    gives,
    read_papers,
    voting,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerks(neighbourhood):
    return neighbourhood.city.user("organiser"), neighbourhood.city.user("community_staff")


def rows() -> tuple:
    """Everything that ballots are kept in, and the history."""
    return (
        list(Ballot.objects.order_by("pk").values()), list(BallotReading.objects.order_by("pk").values()),
        list(BallotDecision.objects.values()), Event.objects.count(),
    )  # fmt: skip


def test_a_paper_counts_once_two_people_read_the_same(neighbourhood, clerks):
    resolution, (first, second) = voting(neighbourhood), clerks
    ballot = ballot_read(resolution, actor=first, number=3, choice="for")
    assert ballot.stage == "read_once" and tally_of(resolution).heads["for"] == 0
    before = rows()
    with pytest.raises(Conflict) as refusal:
        ballot_read(resolution, actor=first, number=3, choice="for")
    assert refusal.value.code == "same_reader" and rows() == before
    assert ballot_read(resolution, actor=second, number=3, choice="for").stage == "complete"
    assert tally_of(resolution).heads["for"] == 1
    # a third reading is none
    with pytest.raises(Conflict) as refusal:
        ballot_read(resolution, actor=neighbourhood.city.user("owners_member"), number=3, choice="for")
    assert refusal.value.code == "read_twice"


def test_where_they_read_differently_it_is_settled_with_a_reason(neighbourhood, clerks):
    resolution, (first, second) = voting(neighbourhood, closed=True), clerks
    ballot_read(resolution, actor=first, number=1, choice="for")
    ballot = ballot_read(resolution, actor=second, number=1, choice="against")
    assert ballot.stage == "differs" and unfinished(resolution) == [1]
    with pytest.raises(Conflict, match="1"):
        act(resolution, "count", actor=first)
    assert fresh(resolution).state == "voting" and fresh(resolution).tally is None
    # neither reader settles it: a third looks at the paper
    third = neighbourhood.city.user("owners_member")
    for reader in clerks:
        with pytest.raises(Conflict) as refusal:
            ballot_settle(resolution, ballot, actor=reader, choice="for", reason="重看")
        assert refusal.value.code == "same_reader" and unfinished(resolution) == [1]
    with pytest.raises(Invalid):
        ballot_settle(resolution, ballot, actor=third, choice="for", reason=" ")
    settled = ballot_settle(resolution, ballot, actor=third, choice="against", reason="重看原票为反对")
    assert (settled.stage, settled.choice, settled.settled_by) == ("complete", "against", third)
    with pytest.raises(Conflict):
        ballot_settle(resolution, ballot, actor=third, choice="for", reason="又改")
    assert Event.objects.get(name="ballot.settled").remark.text == "重看原票为反对"


def test_several_papers_typed_at_once_come_in_together_or_not_at_all(neighbourhood, clerks):
    resolution, before = voting(neighbourhood), rows()
    for typed, kind in (([(1, "for"), (99, "for")], Invalid), ([(1, "for"), (1, "for")], Conflict),
                        ([(1, "maybe")], Invalid)):  # fmt: skip
        with pytest.raises(kind):
            ballots_read(resolution, actor=clerks[0], typed=typed)
        assert rows()[:3] == before[:3]
    assert len(ballots_read(resolution, actor=clerks[0], typed=[(1, "for"), (2, "abstain")])) == 2


def test_the_voter_votes_online_and_changes_it_until_the_end(neighbourhood):
    resolution, owner = voting(neighbourhood), neighbourhood.owners[0]
    cast(resolution, neighbourhood, 0, "for")
    assert cast(resolution, neighbourhood, 0, "against").choice == "against"
    assert Ballot.objects.count() == 1 and tally_of(resolution).heads["against"] == 1
    assert list(Event.objects.filter(name__startswith="ballot.").values_list("name", flat=True).order_by("id")) == [
        "ballot.cast",
        "ballot.changed",
    ]
    before = rows()
    entry = entry_of(resolution, neighbourhood, 1)
    both = {entry_of(resolution, neighbourhood, 0).pk: "for", entry.pk: "for"}
    for choices, kind in (({entry.pk: "for"}, NotPermitted), ({}, Invalid), ({entry.pk: "invalid"}, Invalid),
                          (both, NotPermitted)):  # fmt: skip
        with pytest.raises(kind):
            ballots_cast(resolution, actor=owner, choices=choices)
        assert rows() == before
    # and not past the end, though the clock stands still
    with time_machine.travel(resolution.voting_until, tick=False), pytest.raises(Conflict):
        cast(resolution, neighbourhood, 0, "for")


def test_where_the_rule_says_so_an_online_ballot_stands(neighbourhood):
    resolution = voting(neighbourhood, rule=a_rule(online_may_change=False))
    cast(resolution, neighbourhood, 0, "for")
    with pytest.raises(Conflict) as refusal:
        cast(resolution, neighbourhood, 0, "for")
    assert refusal.value.code == "voted"


def test_before_and_without_a_vote_nothing_is_cast(neighbourhood, clerks):
    resolution = announced(neighbourhood, takes_online=False)
    with pytest.raises(Invalid):
        cast(resolution, neighbourhood, 0, "for")
    with pytest.raises(Conflict) as refusal:
        ballot_read(resolution, actor=clerks[0], number=1, choice="for")
    assert refusal.value.code == "not_voting"
    other = announced(neighbourhood, rule=a_rule(code="b"), takes_paper=False)
    with pytest.raises(Conflict):
        cast(other, neighbourhood, 0, "for")
    with pytest.raises(Invalid):
        ballot_read(other, actor=clerks[0], number=1, choice="for")


def test_paper_and_online_alike_are_one_vote_and_different_ones_are_decided(neighbourhood, clerks):
    resolution = voting(neighbourhood)
    for number in (0, 1):
        cast(resolution, neighbourhood, number, "for")
    read_papers(neighbourhood, resolution, "+-")
    assert tally_of(resolution).heads["for"] == 1 and tally_of(resolution).heads["set_aside"] == 1
    assert unfinished(resolution) == [2] and turnout_of(resolution).heads == 2
    entry = entry_of(resolution, neighbourhood, 1)
    paper, online = entry.ballots.get(sheet=1), entry.ballots.get(sheet=0)
    # when the secretary decides
    secretary = neighbourhood.city.user("party_secretary")
    with pytest.raises(Invalid):
        conflict_decide(resolution, entry, actor=secretary, ballot=paper, reason="")
    with pytest.raises(Invalid):
        other = entry_of(resolution, neighbourhood, 0).ballots.first()
        conflict_decide(resolution, entry, actor=secretary, ballot=other, reason="x")
    for counts, name in ((paper, "against"), (online, "for"), (None, "invalid")):
        conflict_decide(resolution, entry, actor=secretary, ballot=counts, reason="当面确认")
        assert tally_of(resolution).heads[name] == (2 if name == "for" else 1)
    assert unfinished(resolution) == []
    # and a ballot that comes later opens it again
    cast(resolution, neighbourhood, 1, "abstain")
    assert unfinished(resolution) == [2] and not BallotDecision.objects.exists()
    with pytest.raises(Conflict):
        conflict_decide(resolution, entry_of(resolution, neighbourhood, 0), actor=secretary, ballot=None, reason="x")


def test_a_second_paper_of_a_dwelling(neighbourhood, clerks):
    resolution = voting(neighbourhood)
    read_papers(neighbourhood, resolution, "+")
    ballot_read(resolution, actor=clerks[0], number=1, choice="against", another=True)
    assert ballot_read(resolution, actor=clerks[1], number=1, choice="against").sheet == 2
    assert unfinished(resolution) == [1] and tally_of(resolution).heads["set_aside"] == 1


def test_an_owner_of_several_dwellings_is_one_head_and_split_when_they_differ(neighbourhood):
    gives(neighbourhood, 1, user=neighbourhood.owners[0])
    resolution = voting(neighbourhood)
    owner = neighbourhood.owners[0]
    entries = [entry_of(resolution, neighbourhood, number).pk for number in (0, 1)]
    ballots_cast(resolution, actor=owner, choices=dict.fromkeys(entries, "for"))
    tally = tally_of(resolution)
    assert (tally.heads["for"], tally.areas["for"], tally.base_heads) == (1, 160, 7)
    ballots_cast(resolution, actor=owner, choices={entries[1]: "against"})
    tally = tally_of(resolution)
    assert (tally.heads["split"], tally.heads["for"], tally.areas["for"]) == (1, 0, 80)


@pytest.mark.parametrize("who", ["property_manager", "resident", "outside_organiser", "administrator"])
def test_others_neither_read_papers_nor_decide(neighbourhood, clerks, who):
    resolution, person = voting(neighbourhood), neighbourhood.city.people[who]
    cast(resolution, neighbourhood, 0, "for")
    read_papers(neighbourhood, resolution, "-")
    ballot_read(resolution, actor=clerks[0], number=2, choice="for")
    differing = ballot_read(resolution, actor=clerks[1], number=2, choice="against")
    before = rows()
    for work in (
        lambda: ballot_read(resolution, actor=person, number=3, choice="for"),
        lambda: ballot_settle(resolution, differing, actor=person, choice="for", reason="x"),
        lambda: conflict_decide(resolution, entry_of(resolution, neighbourhood, 0), actor=person, ballot=None,
                                reason="x"),
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            work()
    assert rows() == before


def test_nothing_of_a_counted_vote_changes(neighbourhood, clerks):
    resolution = counted(neighbourhood)
    ballot = Ballot.objects.first()
    with pytest.raises(Conflict):
        ballot_read(resolution, actor=clerks[0], number=1, choice="against", another=True)
    for change in (
        lambda: Ballot.objects.filter(pk=ballot.pk).update(choice="against"),
        lambda: Ballot.objects.filter(pk=ballot.pk)._raw_delete("default"),
        lambda: BallotReading.objects.filter(ballot=ballot).update(choice="against"),
        lambda: Ballot.objects.create(entry=ballot.entry, channel="paper", sheet=9, stage="complete", choice="against"),
        lambda: BallotDecision.objects.create(entry=ballot.entry, reason="x", decided_by=clerks[0]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert counted_alike(resolution)


def test_the_database_keeps_one_person_from_reading_twice(neighbourhood, clerks):
    resolution = voting(neighbourhood)
    ballot = ballot_read(resolution, actor=clerks[0], number=1, choice="for")
    with pytest.raises(DatabaseError, match="ballot_read_by_two"), transaction.atomic():
        BallotReading.objects.create(ballot=ballot, ordinal=2, read_by=clerks[0], choice="for")


def test_of_a_secret_vote_nobody_learns_how_anybody_voted(neighbourhood, clerks):
    # given papers and online ballots, one difference, one contradiction
    resolution = voting(neighbourhood, secrecy="secret")
    numbers = {entry.dwelling_id: entry.number for entry in resolution.roll.entries.all()}
    number = [numbers[dwelling.pk] for dwelling in neighbourhood.dwellings]
    cast(resolution, neighbourhood, 0, "against")
    for clerk, choice in zip(clerks, ("for", "for"), strict=True):
        ballot_read(resolution, actor=clerk, number=number[0], choice=choice)
    for clerk, choice in zip(clerks, ("against", "abstain"), strict=True):
        ballot_read(resolution, actor=clerk, number=number[1], choice=choice)
    # then no table holds a choice in words, and sealed ones are all of one length and all different
    assert not Ballot.objects.exclude(choice="").exists() and not BallotReading.objects.exclude(choice="").exists()
    sealed = [row.sealed for model in (Ballot, BallotReading) for row in model.objects.exclude(sealed="")]
    assert len({len(text) for text in sealed}) == 1 and len(set(sealed)) == len(sealed) == 6
    # no event, list, file, page or answer tells one
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(payload::text, ' ') FROM governance_event WHERE name LIKE 'ballot.%'")
        told = cursor.fetchone()[0]
    settle = reverse("admin:property_ballot_open", args=[resolution.pk])
    pages = [settle, reverse("admin:property_ballot_desk", args=[resolution.pk]),
             reverse("admin:property_ballot_changelist"),
             reverse("admin:property_ballot_decide", args=[Ballot.objects.order_by("id").first().pk]),
             f"/api/v1/resolutions/{resolution.pk}/ballots/", f"/api/v1/resolutions/{resolution.pk}/"]  # fmt: skip
    client = Client()
    client.force_login(clerks[0])
    for address in pages:
        answer = client.get(address, HTTP_ACCEPT_LANGUAGE="en")
        assert answer.status_code == 200, address
        content = answer.json() if address.startswith("/api") else answer.content.decode()
        if isinstance(content, dict):
            assert all(row["choice"] == "" for row in content.get("results", content.get("own_votes")))
    book = client.post(reverse("admin:property_ballot_export_changelist")).streaming_content
    cells = {cell.value for row in openpyxl.load_workbook(io.BytesIO(b"".join(book))).active for cell in row}
    assert not cells & {"赞成", "反对", "弃权", "For", "Against", "Abstain"}
    assert not any(word in told for word in ("for", "against", "abstain"))
    # nor the voter's own page
    home = Client()
    home.force_login(neighbourhood.owners[0])
    own = home.get(f"/api/v1/resolutions/{resolution.pk}/").json()["own_votes"]
    assert own[0]["voted_at"] and own[0]["choice"] == ""
    # but the sums are there, and come out the same again
    organiser = clerks[0]
    third = neighbourhood.city.user("owners_member")
    ballot_settle(resolution, Ballot.objects.get(stage="differs"), actor=third, choice="for", reason="重看")
    entry = entry_of(resolution, neighbourhood, 0)
    conflict_decide(resolution, entry, actor=organiser, ballot=entry.ballots.get(sheet=0), reason="线上在后")
    with time_machine.travel(resolution.voting_until + DAY, tick=False):
        fire_due()
        done = act(fresh(resolution), "count", actor=organiser)
    assert done.tally["heads"]["for"] == 1 and done.tally["heads"]["against"] == 1 and counted_alike(done)


def test_a_sealed_choice_holds_for_its_own_entry_only(neighbourhood):
    resolution = voting(neighbourhood, secrecy="secret")
    for number in (0, 1):
        cast(resolution, neighbourhood, number, "for")
    first, second = Ballot.objects.order_by("pk")
    Ballot.objects.filter(pk=second.pk).update(sealed=first.sealed)
    with pytest.raises(ValueError, match="was sealed for entry"):
        tally_of(resolution)


def test_counting_needs_few_statements_whatever_the_number_of_ballots(neighbourhood, django_assert_num_queries):
    resolution = voting(neighbourhood)
    read_papers(neighbourhood, resolution, "++--**//")
    with django_assert_num_queries(3):
        tally_of(resolution)


def test_a_made_up_paper_does_not_tell_its_writers_what_the_voter_said(neighbourhood, clerks):
    """Two clerks enter papers nobody wrote: whether the online ballot says the same, the answers are the same."""
    resolution = voting(neighbourhood, secrecy="secret")
    told = {}
    for place, choice in ((0, "for"), (1, "against")):
        entry = entry_of(resolution, neighbourhood, place)
        cast(resolution, neighbourhood, place, choice)
        for clerk in clerks:
            ballot = ballot_read(resolution, actor=clerk, number=entry.number, choice="for")
        told[place] = (ballot.stage, entry.number in unfinished(resolution))
    assert told[0] == told[1] == ("complete", True)
    # who leads the vote sees who entered how many of them; somebody decides by channel alone, alike or not
    opened = reverse("admin:property_ballot_open", args=[resolution.pk])
    client, secretary = Client(), neighbourhood.city.user("party_secretary")
    client.force_login(secretary)
    shown = client.get(opened)
    assert [(name, len(rows)) for name, rows in shown.context["attempts"]] == [(str(clerk), 2) for clerk in clerks]
    assert "jc-attempts" in shown.content.decode()
    for place, counts, standing in ((0, 0, "for"), (1, 0, "against")):
        entry = entry_of(resolution, neighbourhood, place)
        conflict_decide(resolution, entry, actor=secretary, ballot=entry.ballots.get(sheet=counts), reason="以线上为准")
        assert tally_of(resolution).heads[standing] == 1
    assert unfinished(resolution) == []
    conflict_decide(resolution, entry_of(resolution, neighbourhood, 0), actor=secretary, ballot=None, reason="均作废")
    assert (tally_of(resolution).heads["invalid"], tally_of(resolution).heads["for"]) == (1, 0)
    # in an open vote ballots that say the same are one, as ever
    cast(open_one := voting(neighbourhood, rule=a_rule(code="other")), neighbourhood, 0, "for")
    read_papers(neighbourhood, open_one, "+")
    assert unfinished(open_one) == []


def test_in_a_secret_vote_who_reads_papers_does_not_learn_whose_they_are(neighbourhood, clerks):
    resolution = voting(neighbourhood, secrecy="secret")
    numbers = set(resolution.roll.entries.values_list("number", flat=True))
    reader, hander = clerks
    entry = entry_of(resolution, neighbourhood, 0)
    ballot_read(resolution, actor=reader, number=entry.number, choice="for")
    client = Client()
    client.force_login(reader)
    # neither the API nor the pages, their order, search or export tell a number beside a dwelling
    rows = client.get(f"/api/v1/resolutions/{resolution.pk}/roll/").json()["results"]
    assert {(row["number"], row["has_ballot"]) for row in rows} == {(None, None)}
    codes = [row["dwelling"] for row in rows]
    assert codes == sorted(codes) and len(codes) == len(numbers)
    listing = reverse("admin:property_rollentry_changelist")
    shown = client.get(f"{listing}?roll={resolution.roll_id}").context["cl"].result_list
    assert [row.dwelling.code for row in shown] == codes
    file = client.post(reverse("admin:property_rollentry_export_changelist")).streaming_content
    cells = openpyxl.load_workbook(io.BytesIO(b"".join(file))).active.iter_rows(min_row=2, values_only=True)
    assert {row[0] for row in cells} <= {None, ""}
    ballots = reverse("admin:property_ballot_changelist")
    assert client.get(f"{ballots}?q={entry.dwelling.code}").context["cl"].result_count == 0
    # nor any column that is asked for in the address, nor an order by one that is not shown
    cast(resolution, neighbourhood, 1, "for")
    asked = (f"{listing}?number={entry.number}", f"{listing}?number__lt=4", f"{listing}?ballots__isnull=False",
             f"{listing}?ballots__channel=online", f"{ballots}?entry={entry.pk}", f"{ballots}?entry__number=1",
             f"{ballots}?cast_by={neighbourhood.owners[1].pk}", f"{ballots}?entry__dwelling=1")  # fmt: skip
    assert [client.get(address).status_code for address in asked] == [400] * len(asked)
    ordered = client.get(f"{listing}?roll={resolution.roll_id}&o=1").context["cl"].result_list
    assert [row.dwelling.code for row in ordered] == sorted(codes)
    filters = (f"{listing}?holder__exact=owner&use__exact=dwelling&counts__exact=1", f"{ballots}?channel__exact=paper",
               f"{ballots}?entry__roll={resolution.roll_id}&stage__exact=read_once")  # fmt: skip
    assert [client.get(address).status_code for address in filters] == [200] * len(filters)
    # and the list of numbers is refused to who read one
    give = reverse("admin:property_rollentry_numbers", args=[resolution.pk])
    assert client.get(give).status_code == 405 and client.post(give).status_code == 409
    assert not Event.objects.filter(name="roll.numbers_given").exists()
    # when somebody else takes it, they read no paper, nor settle one
    client.force_login(hander)
    answer = client.post(give)
    cells = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True)
    assert {(row[0], row[1]) for row in cells} >= {(entry.number, entry.dwelling.code)}
    with pytest.raises(Conflict) as refused:
        ballot_read(resolution, actor=hander, number=entry.number, choice="for")
    assert refused.value.code == "knows_numbers" and BallotReading.objects.count() == 1
    # nor do others take it, and of an open vote there is none
    client.force_login(neighbourhood.city.user("property_manager"))
    assert client.post(give).status_code in (403, 404)
    with pytest.raises(Invalid):
        numbers_give_out(voting(neighbourhood, rule=a_rule(code="other")), actor=hander)
