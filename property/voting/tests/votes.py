"""Builders: rule sets, and a resolution of the small estate in any of its states, made by the real services."""

from datetime import timedelta

from django.utils import timezone

from governance.models import Dwelling, Ownership
from governance.timers import fire_due
from governance.workflow import act
from property.models import Resolution, RollEntry, RuleSet
from property.tests.neighbourhood import SINCE, Neighbourhood
from property.voting.online import ballots_cast
from property.voting.papers import ballot_read
from property.voting.resolutions import resolution_propose
from property.voting.rolls import roll_draw

DAY = timedelta(days=1)


def a_rule(**given) -> RuleSet:
    """More than half of two thirds, as for ordinary matters; online ballots may be changed."""
    given = {"code": "ordinary", "name": "一般事项", "kind": "statutory", "source": "民法典 278",
             "online_may_change": True} | given  # fmt: skip
    return RuleSet.objects.create(**given)


def proposed(place: Neighbourhood, *, rule: RuleSet | None = None, **given) -> Resolution:
    """A resolution of the whole estate, by the organiser."""
    given = {"title": "加装道闸", "text": "同意在东门加装道闸。", "estate": place.estate} | given
    return resolution_propose(actor=place.city.user("organiser"), rule_set=rule or a_rule(), **given)


def deliberating(place: Neighbourhood, **given) -> Resolution:
    """Open to residents, with a roll drawn."""
    found = act(proposed(place, **given), "deliberate", actor=place.city.user("organiser"))
    roll_draw(found, actor=place.city.user("organiser"))
    return fresh(found)


def announced(place: Neighbourhood, *, closed: bool = False, **given) -> Resolution:
    """Announced long enough ago that the vote is due to begin; ``closed``: also to end."""
    found, organiser = deliberating(place, **given), place.city.user("organiser")
    now = timezone.now()
    until = now - DAY if closed else now + 10 * DAY
    return act(
        found, "announce", actor=organiser, occurred_at=now - 20 * DAY, voting_from=now - 4 * DAY, voting_until=until
    )


def voting(place: Neighbourhood, **given) -> Resolution:
    """The vote is on; with ``closed=True`` its time is over."""
    found = announced(place, **given)
    fire_due()
    return fresh(found)


def counted(place: Neighbourhood, votes: str = "++++++++", **given) -> Resolution:
    """Counted, from papers: ``votes`` holds a key for each dwelling in order (+ for, - against, * abstain, blank)."""
    found = voting(place, closed=True, **given)
    read_papers(place, found, votes)
    return act(found, "count", actor=place.city.user("organiser"))


KEYS = {"+": "for", "-": "against", "*": "abstain", "/": "invalid"}


def read_papers(place: Neighbourhood, resolution: Resolution, votes: str) -> None:
    """Let two people read the papers."""
    for clerk in ("organiser", "community_staff"):
        for number, key in enumerate(votes, 1):
            if key in KEYS:
                ballot_read(resolution, actor=place.city.user(clerk), number=number, choice=KEYS[key])


def publicised(place: Neighbourhood, **given) -> Resolution:
    """Its result hangs out."""
    return act(counted(place, **given), "publicise", actor=place.city.user("organiser"))


def effective(place: Neighbourhood) -> Resolution:
    """Its result hung out long enough."""
    found = counted(place, rule=a_rule(publicity_days=0))
    act(found, "publicise", actor=place.city.user("organiser"))
    fire_due()
    return fresh(found)


def fresh(resolution: Resolution) -> Resolution:
    """Read it again."""
    return Resolution.objects.with_rows().get(pk=resolution.pk)


def entry_of(resolution: Resolution, place: Neighbourhood, number: int) -> RollEntry:
    """The entry of the dwelling ``number`` of the neighbourhood, from 0."""
    return RollEntry.objects.get(roll=resolution.roll_id, dwelling=place.dwellings[number])


def cast(resolution: Resolution, place: Neighbourhood, number: int, choice: str):
    """Let the owner of dwelling ``number`` vote online."""
    entry = entry_of(resolution, place, number)
    return ballots_cast(resolution, actor=place.owners[number], choices={entry.pk: choice})[0]


def gives(place: Neighbourhood, number: int, **changes) -> Ownership:
    """Change the ownership of dwelling ``number`` past the services: what a roll is drawn from."""
    Ownership.objects.filter(dwelling=place.dwellings[number]).update(**changes)
    return Ownership.objects.get(dwelling=place.dwellings[number])


def co_owner(dwelling: Dwelling, name: str = "共有人", **given) -> Ownership:
    """A second owner of a dwelling, who does not vote; both own a half."""
    Ownership.objects.filter(dwelling=dwelling).update(share_denominator=2)
    return Ownership.objects.create(
        dwelling=dwelling, area=dwelling.area, owner_name=name, share_denominator=2, state="verified",
        valid_from=SINCE, **given,
    )  # fmt: skip
