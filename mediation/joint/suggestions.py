"""When it is suggested that a higher tier take a dispute over, and why (domain/mediation.md, "Guards").

Day 20 of the mediation, five persons or more, signs of violence, or an earlier failure. The figures are dated data
(``MediationRule``). A suggestion is never an act: a person decides, and may have a better reason.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.models import Event, User
from mediation.disputes.rules import rule_for
from mediation.disputes.states import OPEN, DisputeTier
from mediation.models import Dispute, Party

# Suggestions are worked out for this many of the oldest disputes at most [J].
LOOKED_AT = 200
SET_ASIDE = "dispute.suggestion_set_aside"


@dataclass(frozen=True)
class Suggestion:
    """``code``: days, people, violence, earlier_failure or reopened; ``text``: the reason as people read it."""

    code: str
    text: str


def suggestions_for(dispute: Dispute, at: datetime | None = None) -> list[Suggestion]:
    """Return why a higher tier should take the dispute over; nothing for one that has ended or is the highest."""
    return suggestions_of([dispute], at)[dispute.pk]


def suggestions_of(disputes: Sequence[Dispute], at: datetime | None = None) -> dict[int, list[Suggestion]]:
    """Return the suggestions of each dispute by its key: one statement for all, and one for each area's rule; disputes
    load ``area`` and ``parties``."""
    day, rules = timezone.localdate(at), {}
    failed, reopened, aside = _failed_before(disputes), _reopened_at(disputes), _set_aside(disputes)
    told = {}
    for dispute in disputes:
        if dispute.state not in OPEN or dispute.tier == DisputeTier.MAJOR:
            told[dispute.pk] = []
            continue
        if dispute.area_id not in rules:
            rules[dispute.area_id] = rule_for(dispute.area, day)
        rule = rules[dispute.area_id]
        found = [_by_days(dispute, rule, day, reopened.get(dispute.pk)), _by_people(dispute, rule),
                 _by_violence(dispute), _by_failure(dispute, dispute.pk in failed)]  # fmt: skip
        told[dispute.pk] = [one for one in found if one is not None and one.code not in aside[dispute.pk]]
    return told


def suggested_to(user: User, rows: QuerySet[Dispute] | None = None) -> list[tuple[Dispute, list[Suggestion]]]:
    """Return the open disputes that a person carries on (of ``rows``; default: of all) for which a higher tier is
    suggested, with the reasons; the oldest ``LOOKED_AT`` are looked at."""
    found = (Dispute.objects.all() if rows is None else rows).visible_to(user).handled_by(user)
    found = found.open().exclude(tier=DisputeTier.MAJOR).with_parties().order_by("pk")
    disputes = list(found[:LOOKED_AT])
    reasons = suggestions_of(disputes)
    return [(dispute, reasons[dispute.pk]) for dispute in disputes if reasons[dispute.pk]]


def codes_for(dispute: Dispute, at: datetime | None = None) -> list[str]:
    """Return the codes of ``suggestions_for``."""
    return [suggestion.code for suggestion in suggestions_for(dispute, at)]


def _reopened_at(disputes: Sequence[Dispute]) -> dict[int, datetime]:
    """Return when those that broke out again were reopened last: their days count from then."""
    again = [dispute.pk for dispute in disputes if dispute.reopened]
    rows = Event.objects.filter(subject_type="mediation.dispute", subject_id__in=again, name="dispute.reopened")
    rows = rows.order_by("subject_id", "-id").distinct("subject_id")  # one told before it may have been taken back
    return dict(rows.values_list("subject_id", "occurred_at")) if again else {}


def _set_aside(disputes: Sequence[Dispute]) -> dict[int, set[str]]:
    """Return the codes that somebody has looked at in this round, and found no reason (``setting_aside.py``)."""
    rounds = {dispute.pk: dispute.reopened for dispute in disputes}
    rows = Event.objects.filter(subject_type="mediation.dispute", subject_id__in=rounds, name=SET_ASIDE)
    found = defaultdict(set)
    for pk, payload in rows.values_list("subject_id", "payload"):
        if payload["round"] == rounds[pk]:
            found[pk] |= set(payload["codes"])
    return found


def _by_days(dispute, rule, today, reopened_at) -> Suggestion | None:
    if dispute.accepted_at is None:
        return None
    since = max(dispute.accepted_at, reopened_at or dispute.accepted_at)
    day = (today - timezone.localdate(since)).days
    if day < rule.suggest_days:
        return None
    text = _("Day %(day)s of the mediation without an agreement (from day %(least)s).")
    return Suggestion("days", text % {"day": day, "least": rule.suggest_days})


def _by_people(dispute, rule) -> Suggestion | None:
    people = max(dispute.people, len(dispute.parties.all()))
    if people < rule.suggest_people:
        return None
    text = _("It concerns %(count)s persons (from %(least)s).")
    return Suggestion("people", text % {"count": people, "least": rule.suggest_people})


def _by_violence(dispute) -> Suggestion | None:
    if not (dispute.violence or dispute.domestic_violence):
        return None
    return Suggestion("violence", _("There are signs of violence."))


def _by_failure(dispute, failed: bool) -> Suggestion | None:
    if dispute.reopened:
        return Suggestion("reopened", _("It was mediated before and broke out again."))
    if not failed:
        return None
    return Suggestion("earlier_failure", _("An earlier mediation between these parties ended without an agreement."))


def _keys(user_id, phone: str, identity: str) -> set[tuple]:
    """Return by what a party is known again: the account, the digests of phone and identity number."""
    known = {("user", user_id), ("phone", phone), ("identity", identity)}
    return {key for key in known if key[1]}


def _failed_before(disputes: Sequence[Dispute]) -> set[int]:
    """Return the disputes before which a mediation about the same type was terminated between two of their parties."""
    mine = {
        dispute.pk: [_keys(row.user_id, row.phone_digest, row.identity_digest) for row in dispute.parties.all()]
        for dispute in disputes
    }
    every = {key for rows in mine.values() for keys in rows for key in keys}
    values = {kind: [value for found, value in every if found == kind] for kind in ("user", "phone", "identity")}
    known = Q(user__in=values["user"]) | Q(phone_digest__in=values["phone"]) | Q(identity_digest__in=values["identity"])
    rows = Party.objects.filter(known, dispute__state__in=["terminated", "closed", "archived"])
    earlier: dict[tuple, list[set]] = defaultdict(list)
    columns = ("dispute_id", "dispute__type_id", "user_id", "phone_digest", "identity_digest")
    for dispute_id, type_id, *found in rows.filter(dispute__ended_ground__gt="").values_list(*columns):
        earlier[type_id, dispute_id].append(_keys(*found))
    return {
        dispute.pk for dispute in disputes
        if any(
            type_id == dispute.type_id and before != dispute.pk
            and sum(any(keys & theirs for theirs in parties) for keys in mine[dispute.pk]) >= 2
            for (type_id, before), parties in earlier.items()
        )
    }  # fmt: skip
