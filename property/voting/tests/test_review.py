"""Attacks on votes: a rule changed behind the announcement, heads counted twice, pages of those who may only decide."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.errors import Invalid
from governance.workflow import act
from property.models import Resolution
from property.voting.resolutions import resolution_announce, resolution_change
from property.voting.rolls import roll_draw
from property.voting.tally import tally_of, turnout_of
from property.voting.tests.votes import a_rule, cast, deliberating, fresh, gives, proposed, voting

pytestmark = pytest.mark.django_db


def test_the_days_of_notice_are_those_of_the_rule_that_is_announced(neighbourhood):
    """Somebody chose another rule between looking at the page and sending it off."""
    organiser, now = neighbourhood.city.user("organiser"), timezone.now()
    seen = deliberating(neighbourhood, rule=a_rule(code="short", notice_days=0))
    resolution_change(seen, actor=organiser, rule_set=a_rule(code="long", notice_days=15))
    roll_draw(seen, actor=organiser)
    begins = now + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        resolution_announce(seen, actor=organiser, voting_from=begins, voting_until=begins + timedelta(days=5))
    assert refused.value.code == "too_early" and fresh(seen).noticed_at is None


def test_an_owner_is_one_head_also_where_nobody_is_named_as_voter(neighbourhood):
    """Two dwellings of one owner alone; at one of them the owner is not entered as the voter."""
    gives(neighbourhood, 1, user=neighbourhood.owners[0], owner_name="业主1", is_voter=False)
    assert deliberating(neighbourhood).roll.heads == 7


def test_heads_of_the_roll_are_those_that_are_counted(neighbourhood):
    """Where each dwelling is a head, an owner of two is two."""
    gives(neighbourhood, 1, user=neighbourhood.owners[0], owner_name="业主1")
    resolution = voting(neighbourhood, rule=a_rule(kind="consultative", head_by="dwelling", counts_area=False))
    cast(resolution, neighbourhood, 0, "for")
    found, counted = turnout_of(resolution), tally_of(resolution)
    assert (found.all_heads, found.heads) == (counted.base_heads, counted.heads_taking_part) == (8, 1)


def test_the_party_secretary_who_decides_conflicts_finds_them(neighbourhood):
    resolution, client = voting(neighbourhood), Client()
    client.force_login(neighbourhood.city.user("party_secretary"))
    page = client.get(reverse("admin:property_ballot_open", args=[resolution.pk]))
    assert page.status_code == 200


def test_a_proposal_withdrawn_before_residents_saw_it_stays_unseen(neighbourhood):
    organiser, owner = neighbourhood.city.user("organiser"), neighbourhood.owners[0]
    talked_about = deliberating(neighbourhood)
    for found in (proposed(neighbourhood, rule=talked_about.rule_set), talked_about):
        act(found, "revoke", actor=organiser, reason="撤回")
    seen = Resolution.objects.visible_to(owner)
    assert list(seen) == [talked_about]
    assert [Resolution.objects.is_visible(one, owner) for one in Resolution.objects.order_by("pk")] == [True, False]


def test_two_who_change_a_resolution_do_not_undo_each_other(neighbourhood):
    organiser, client = neighbourhood.city.user("organiser"), Client()
    seen, other = proposed(neighbourhood), a_rule(code="other")
    client.force_login(organiser)
    edit = reverse("admin:property_resolution_edit", args=[seen.pk])
    assert f'name="version" value="{seen.version}"' in client.get(edit).content.decode()
    form = {"title": "新标题", "text": seen.text, "rule_set": seen.rule_set_id, "secrecy": "open", "takes_paper": "on",
            "takes_online": "on", "version": seen.version}  # fmt: skip
    resolution_change(seen, actor=organiser, rule_set=other)
    assert client.post(edit, form).status_code == 400
    assert (fresh(seen).rule_set, fresh(seen).title) == (other, "加装道闸")
    now = {"version": fresh(seen).version, "rule_set": other.pk}
    assert client.post(edit, form | now).status_code == 302 and fresh(seen).title == "新标题"
