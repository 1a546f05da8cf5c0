"""When it is suggested that a higher tier take a dispute over, and why (domain/mediation.md, "Guards").

Day 20 of the mediation, five persons or more, signs of violence, or an earlier failure. The figures are dated data
(``MediationRule``). A suggestion is never an act: a person decides, and may have a better reason.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mediation.disputes.rules import rule_for
from mediation.disputes.states import OPEN, DisputeTier
from mediation.models import Dispute, Party


@dataclass(frozen=True)
class Suggestion:
    """``code``: days, people, violence, earlier_failure or reopened; ``text``: the reason as people read it."""

    code: str
    text: str


def suggestions_for(dispute: Dispute, at: datetime | None = None) -> list[Suggestion]:
    """Return why a higher tier should take the dispute over; nothing for one that has ended or is the highest."""
    if dispute.state not in OPEN or dispute.tier == DisputeTier.MAJOR:
        return []
    rule = rule_for(dispute.area, timezone.localdate(at))
    found = [_by_days(dispute, rule, at), _by_people(dispute, rule), _by_violence(dispute), _by_failure(dispute)]
    return [suggestion for suggestion in found if suggestion is not None]


def codes_for(dispute: Dispute, at: datetime | None = None) -> list[str]:
    """Return the codes of ``suggestions_for``."""
    return [suggestion.code for suggestion in suggestions_for(dispute, at)]


def _by_days(dispute, rule, at) -> Suggestion | None:
    if dispute.accepted_at is None:
        return None
    day = (timezone.localdate(at) - timezone.localdate(dispute.accepted_at)).days
    if day < rule.suggest_days:
        return None
    text = _("Day %(day)s of the mediation without an agreement (from day %(least)s).")
    return Suggestion("days", text % {"day": day, "least": rule.suggest_days})


def _by_people(dispute, rule) -> Suggestion | None:
    people = max(dispute.people, dispute.parties.count())
    if people < rule.suggest_people:
        return None
    text = _("It concerns %(count)s persons (from %(least)s).")
    return Suggestion("people", text % {"count": people, "least": rule.suggest_people})


def _by_violence(dispute) -> Suggestion | None:
    if not (dispute.violence or dispute.domestic_violence):
        return None
    return Suggestion("violence", _("There are signs of violence."))


def _by_failure(dispute) -> Suggestion | None:
    """An earlier mediation between two of these parties that was terminated, or this one broke out again."""
    if dispute.reopened:
        return Suggestion("reopened", _("It was mediated before and broke out again."))
    known = Q(pk__in=[])
    for party in dispute.parties.all():
        if party.user_id:
            known |= Q(user_id=party.user_id)
        if party.phone_digest:
            known |= Q(phone_digest=party.phone_digest)
        if party.identity_digest:
            known |= Q(identity_digest=party.identity_digest)
    others = Party.objects.filter(known, dispute__state__in=["terminated", "closed", "archived"]).exclude(
        dispute=dispute
    )
    others = others.filter(dispute__type_id=dispute.type_id, dispute__ended_ground__gt="")
    counted: dict[int, int] = {}
    for dispute_id in others.values_list("dispute_id", flat=True):
        counted[dispute_id] = counted.get(dispute_id, 0) + 1
    if not any(count >= 2 for count in counted.values()):
        return None
    return Suggestion("earlier_failure", _("An earlier mediation between these parties ended without an agreement."))
