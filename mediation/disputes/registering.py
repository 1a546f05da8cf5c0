"""Registering a dispute: by a mediator at the counter, or out of a hazard."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import events
from governance.errors import Invalid, NotPermitted
from governance.models import Area, OrgUnit, Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from mediation.disputes.acting import figures_of, origin_of, words_check
from mediation.disputes.days import said_moment
from mediation.disputes.impartial import is_party
from mediation.disputes.inviting import inviting_court_check
from mediation.disputes.parties import MOST_PARTIES, PartyDraft, party_made
from mediation.disputes.places import place_check, unit_for_tier
from mediation.disputes.querysets import REGISTERS
from mediation.disputes.states import DisputeTier, DisputeUrgency
from mediation.disputes.typing import type_guesses
from mediation.models import Dispute, DisputeType, Party, TierChange

# The tiers in which a role may register: the village hands up instead, with the guards of that.
TIERS = {
    Role.VILLAGE_MEDIATOR: {DisputeTier.GENERAL},
    Role.TOWNSHIP_MEDIATOR: {DisputeTier.GENERAL, DisputeTier.COMPLEX},
    Role.COUNTY_CENTRE: set(DisputeTier),
    Role.SYSTEM: set(DisputeTier),
}
# So long ago something may have been brought that is entered now [J].
OLDEST = timedelta(days=366)
MOST_PEOPLE = 100_000
IS_PARTY = gettext_lazy("This person is a party to the dispute.")


def dispute_register(*, actor: User, area: Area, source: str, title: str, type: DisputeType | None = None,
                     facts: str = "", claim: str = "", amount: Decimal | None = None, people: int | None = None,
                     urgency: str = DisputeUrgency.NORMAL, tier: str = DisputeTier.GENERAL, violence: bool = False,
                     domestic_violence: bool = False, parties: Sequence[PartyDraft] = (),
                     mediator: User | None = None, inviting_court: OrgUnit | None = None, origin: Model | None = None,
                     on: date | None = None, occurred_at: datetime | None = None) -> Dispute:  # fmt: skip
    """Register a dispute; it goes to the unit that handles its tier there.

    ``type`` None: the likeliest by its words. ``people`` None: the number of parties, at least 2. ``mediator`` None:
    whoever registers it in the unit that handles it takes it, unless they are a party; otherwise nobody yet.
    ``inviting_court``: which court transferred it, where one did. ``origin``: the row it came of. ``on``: the day on
    which it was brought (at most a year ago), where it is typed in later; ``occurred_at``: the same with the hour.

    Raises NotPermitted for who does not register there, Invalid naming the field.
    """
    at = said_moment(on, _moment(occurred_at), earliest=timezone.localdate() - OLDEST)
    place_check(area)
    words_check(title=title, facts=facts, claim=claim)
    if len(parties) > MOST_PARTIES:
        raise Invalid(_("At most %(count)s parties.") % {"count": MOST_PARTIES}, field="parties", code="too_many")
    dispute = Dispute(
        area=area, source=source, inviting_court=inviting_court, tier=tier, urgency=urgency, title=title.strip(),
        facts=facts.strip(), claim=claim.strip(), amount=amount,
        people=max(2, len(parties)) if people is None else people, violence=violence or domestic_violence,
        domestic_violence=domestic_violence, registered_by=actor, registered_at=at, **origin_of(origin),
    )  # fmt: skip
    grant = _grant(dispute, actor)
    dispute.committee = unit_for_tier(area, DisputeTier.GENERAL)
    dispute.unit = unit_for_tier(area, tier)
    dispute.mediator = mediator or (actor if grant.unit_id == dispute.unit_id else None)
    guessed = [] if type is not None else type_guesses(f"{dispute.title}\n{dispute.facts}")
    if type is None and not guessed:
        raise Invalid(_("Choose the type of the dispute."), field="type", code="required")
    dispute.type = type or guessed[0][0]
    inviting_court_check(source, inviting_court)
    _judge(dispute)
    return _stored(dispute, parties, actor=actor, grant=grant, at=at, guessed=type is None)


def _stored(dispute: Dispute, parties, *, actor: User, grant: Grant, at: datetime, guessed: bool) -> Dispute:
    with atomically():
        rows = [party_made(dispute, draft) for draft in parties]
        if dispute.mediator is not None and is_party(rows, dispute.mediator):
            if dispute.mediator != actor:
                raise Invalid(IS_PARTY, field="mediator", code="party")
            dispute.mediator = None
        dispute.save(force_insert=True)
        for row in rows:
            row.dispute = dispute
        Party.objects.bulk_create(rows)
        TierChange.objects.create(
            dispute=dispute, tier=dispute.tier, unit=dispute.unit, changed_by=actor, changed_at=at
        )
        payload = figures_of(dispute) | {
            "to": dispute.state, "source": dispute.source, "unit": dispute.unit_id, "parties": len(rows),
            "type_guessed": guessed,
        } | ({"inviting_court": dispute.inviting_court_id} if dispute.inviting_court_id else {})  # fmt: skip
        events.record("dispute.registered", dispute, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return dispute


def _grant(dispute: Dispute, actor: User) -> Grant:
    """Return the role in which somebody registers: one that covers the place and may state the tier."""
    if dispute.tier not in DisputeTier.values:
        raise Invalid(_("Choose one of the values."), field="tier", code="invalid_choice")
    mine = {role: relation for role, relation in REGISTERS.items() if dispute.tier in TIERS[role]}
    grant = grant_for(mine, dispute, actor)
    if grant is not None:
        return grant
    if grant_for(REGISTERS, dispute, actor) is not None:
        raise Invalid(_("A dispute of this tier is handed up, with a reason."), field="tier", code="not_yours")
    raise NotPermitted(_("You may not register disputes here."))


def _moment(given: datetime | None) -> datetime:
    now = timezone.now()
    at = given or now
    if at > now + timedelta(minutes=10):
        raise Invalid(_("This time lies in the future."), field="occurred_at", code="in_future")
    if at < now - OLDEST:
        raise Invalid(_("At most a year ago."), field="occurred_at", code="too_far")
    return at


def _judge(dispute: Dispute) -> None:
    """Refuse what a field does not hold, naming it. Raises Invalid."""
    if not dispute.title:
        raise Invalid(_("Say what the dispute is about."), field="title", code="required")
    if not 1 <= dispute.people <= MOST_PEOPLE:
        raise Invalid(_("1 to 100000 people."), field="people", code="out_of_range")
    if not dispute.type.is_active:
        raise Invalid(_("This type is no longer in use."), field="type", code="inactive")
    fields_check(dispute)


def fields_check(dispute: Dispute) -> None:
    """Judge the columns of a dispute. Raises Invalid naming the first that does not hold what it was given."""
    try:
        dispute.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field, code="invalid") from error
