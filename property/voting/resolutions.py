"""Every write of resolutions. Doors (admin, API, phone pages, timers) call these or ``governance.workflow.act``."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, AttachmentPurpose, Building, Entrance, Estate, OrgUnit, User
from governance.photos import Upload
from governance.scoping import Grant, grant_for
from governance.timers import cancel_timer, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import Resolution, ResolutionState, RuleSet, Secrecy
from property.voting.ballots import unfinished
from property.voting.rolls import roll_freeze
from property.voting.tally import as_json, tally_of
from property.voting.workflow import PROPOSES, RUNS

VOTE_BEGINS = "resolution.vote_begins"
VOTE_ENDS = "resolution.vote_ends"
PUBLICITY_ENDS = "resolution.publicity_ends"
# The step that follows a count, by its outcome.
DECLARES = {
    ResolutionState.PASSED: "pass",
    ResolutionState.REJECTED: "reject",
    ResolutionState.NO_QUORUM: "lack_quorum",
}
CHANGEABLE = (
    "title", "text", "rule_set", "secrecy", "takes_paper", "takes_online", "building", "entrance", "convener",
)  # fmt: skip


def resolution_propose(*, actor: User, title: str, text: str, rule_set: RuleSet, estate: Estate | None = None,
                       area: Area | None = None, building: Building | None = None, entrance: Entrance | None = None,
                       convener: OrgUnit | None = None, secrecy: str = Secrecy.OPEN, takes_paper: bool = True,
                       takes_online: bool = True, repeats: Resolution | None = None,
                       occurred_at: datetime | None = None) -> Resolution:  # fmt: skip
    """Propose something to be decided: in an estate (or a building or entrance of it), or in an area.

    The kind is the rule set's. Raises NotPermitted, Invalid (place, rule not in force there, a way of voting that the
    rule does not know).
    """
    if estate is None and area is None:
        raise Invalid(_("Name an estate or an area."), field="estate", code="required")
    proposed = Resolution(
        title=title.strip(), text=text.strip(), rule_set=rule_set, kind=rule_set.kind, estate=estate,
        area=estate.area if estate else area, building=building, entrance=entrance, convener=convener, secrecy=secrecy,
        takes_paper=takes_paper, takes_online=takes_online, repeats=repeats, proposed_by=actor,
        proposed_at=occurred_at or timezone.now(),
    )  # fmt: skip
    grant = grant_for(PROPOSES, proposed, actor)
    if grant is None:
        raise NotPermitted(_("You may not propose resolutions here."))
    _check(proposed)
    with atomically():
        proposed.save(force_insert=True)
        payload = _told(proposed) | {"to": proposed.state}
        events.record(
            "resolution.proposed", proposed, actor=actor, grant=grant, payload=payload, occurred_at=occurred_at
        )
    return proposed


def _told(resolution: Resolution) -> dict:
    return {"number": resolution.number, "rule": resolution.rule_set.code, "rule_version": resolution.rule_set.version,
            "kind": resolution.kind, "secrecy": resolution.secrecy}  # fmt: skip


def _check(resolution: Resolution) -> None:
    """Raise Invalid unless place, rule and ways of voting go together."""
    building, entrance, rule = resolution.building, resolution.entrance, resolution.rule_set
    if building is not None and building.estate_id != resolution.estate_id:
        raise Invalid(_("This building belongs to another estate."), field="building", code="mismatch")
    earlier = resolution.repeats
    if earlier is not None and (earlier.area_id, earlier.estate_id) != (resolution.area_id, resolution.estate_id):
        raise Invalid(_("The earlier resolution concerns another place."), field="repeats", code="mismatch")
    if entrance is not None and entrance.building_id != resolution.building_id:
        raise Invalid(_("This entrance belongs to another building."), field="entrance", code="mismatch")
    if not RuleSet.objects.in_force(resolution.area).filter(pk=rule.pk).exists():
        raise Invalid(_("This rule set is not in force here today."), field="rule_set", code="not_in_force")
    if resolution.takes_online and not rule.allows_online:
        text = _("Under this rule online ballots count only where the authority in charge runs the vote.")
        raise Invalid(text, field="takes_online", code="not_allowed")
    if resolution.is_secret and not rule.allows_secret:
        raise Invalid(_("Under this rule the ballot is open."), field="secrecy", code="not_allowed")
    try:
        resolution.clean_fields(exclude=["proposed_by", "area", "estate", "building", "entrance", "rule_set", "roll"])
        resolution.validate_constraints(exclude=["state", "id"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error


def resolution_change(resolution: Resolution, *, actor: User, version: int | None = None, **changes) -> Resolution:
    """Change what is put to the vote (``CHANGEABLE``) before it is announced. The roll is to be drawn again then.

    Raises TypeError for another field; NotPermitted, Conflict (announced; a stale version), Invalid as the proposal.
    """
    if strange := set(changes) - set(CHANGEABLE):
        raise TypeError(f"resolution_change takes no {', '.join(sorted(strange))}")
    with atomically():
        fresh = Resolution.objects.lock(resolution.pk)
        grant = grant_for(PROPOSES, fresh, actor)
        if grant is None:
            raise NotPermitted(_("You may not change this resolution."))
        if version is not None and fresh.version != version:
            raise Conflict(_("Somebody changed this in the meantime. Look at it again."), field="version")
        if fresh.state not in (ResolutionState.PROPOSED, ResolutionState.DELIBERATING) or fresh.noticed_at is not None:
            raise Conflict(_("The vote was announced: nothing of it changes any more."), code="announced")
        for name, value in changes.items():
            setattr(fresh, name, value)
        fresh.kind = fresh.rule_set.kind
        _check(fresh)
        former = _roll_out_of_date(fresh, changes)
        fresh.version += 1
        fresh.save()
        if former is not None:
            former.delete()
        payload = _told(fresh) | {"fields": sorted(changes)}
        events.record("resolution.changed", fresh, actor=actor, grant=grant, payload=payload)
    return fresh


def _roll_out_of_date(resolution: Resolution, changes: dict):
    """Take the roll off when place or rule changed; return it, to be deleted."""
    roll = resolution.roll
    if roll is None or not {"rule_set", "building", "entrance"} & set(changes):
        return None
    resolution.roll = None
    return roll


def _perform(resolution: Resolution, name: str, *, actor: User, photos: Sequence[Upload] = (), payload=None,
             **given) -> Resolution:  # fmt: skip
    """``perform`` with the number on the event and documents kept beside it."""
    with atomically():
        payload = {"number": resolution.number} | (payload or {})
        fresh, event = perform(resolution, name, actor=actor, payload=payload, **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


@carries_out("property.resolution", "deliberate")
def resolution_deliberate(resolution: Resolution, *, actor: User, **given) -> Resolution:
    """Open the deliberation: residents see it from now on."""
    return _perform(resolution, "deliberate", actor=actor, **given)


@carries_out("property.resolution", "announce")
def resolution_announce(resolution: Resolution, *, actor: User, voting_from: datetime, voting_until: datetime,
                        occurred_at: datetime | None = None, **given) -> Resolution:  # fmt: skip
    """Announce the vote: the roll is frozen, the time of notice begins, the vote opens and ends by itself.

    Raises Invalid (``voting_from`` sooner than the days of notice, the end not after it), Conflict as ``roll_freeze``.
    """
    at = occurred_at or timezone.now()
    if voting_until <= voting_from:
        raise Invalid(_("The end lies before the beginning."), field="voting_until", code="too_early")
    with atomically():
        locked = Resolution.objects.lock(resolution.pk)
        grant = grant_for(RUNS, locked, actor)
        if grant is None:
            raise NotPermitted(_("You may not announce this vote."))
        _check_notice(locked, at, voting_from)
        if locked.roll is None:
            raise Conflict(_("Draw the owners' roll first."), code="no_roll")
        payload = {"voting_from": voting_from.isoformat(), "voting_until": voting_until.isoformat()}
        fresh = _perform(
            locked, "announce", actor=actor, occurred_at=at, payload=payload, noticed_at=at, voting_from=voting_from,
            voting_until=voting_until, **given,
        )  # fmt: skip
        _check(fresh)
        roll_freeze(fresh, actor=actor, grant=grant, at=at)
        _set_timer(fresh, VOTE_BEGINS, voting_from)
        _set_timer(fresh, VOTE_ENDS, voting_until)
    return fresh


def _check_notice(locked: Resolution, at: datetime, voting_from: datetime) -> None:
    """Refuse a vote sooner than the rule allows; asked under the lock, as the rule may have been changed meanwhile."""
    days = locked.rule_set.notice_days
    if voting_from < at + timedelta(days=days):
        text = _("The vote begins at least %(days)s days after the announcement.") % {"days": days}
        raise Invalid(text, field="voting_from", code="too_early")


def _set_timer(resolution: Resolution, kind: str, due_at: datetime) -> None:
    set_timer(f"{kind}:{resolution.pk}", kind, subject_id=resolution.pk, due_at=due_at)


@carries_out("property.resolution", "count")
def resolution_count(resolution: Resolution, *, actor: User, occurred_at: datetime | None = None,
                     **given) -> Resolution:  # fmt: skip
    """Count the votes, keep the computation, and move on to what came of it.

    Raises Conflict while ballots are read once only, differ, or contradict each other undecided.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = Resolution.objects.lock(resolution.pk)
        # Whether it may be counted at all is for ``perform`` to say; only a vote under way has something to count.
        found = as_json(tally_of(locked)) if locked.state == ResolutionState.VOTING else {"outcome": ""}
        fresh = _perform(
            locked, "count", actor=actor, occurred_at=at, payload={"outcome": found["outcome"]}, counted_at=at,
            tally=found, outcome=found["outcome"], **given,
        )  # fmt: skip
        _refuse_unfinished(fresh)
        clock = User.objects.system("timers")
        return _perform(fresh, DECLARES[fresh.outcome], actor=clock, occurred_at=at)


def _refuse_unfinished(resolution: Resolution) -> None:
    if numbers := unfinished(resolution):
        text = _("Not counted yet: these ballot numbers need a second reading or a decision: %(numbers)s")
        raise Conflict(text % {"numbers": "、".join(map(str, numbers[:20]))}, code="unfinished")


@carries_out("property.resolution", "publicise")
def resolution_publicise(resolution: Resolution, *, actor: User, occurred_at: datetime | None = None,
                         **given) -> Resolution:  # fmt: skip
    """Publicise the result for as many days as the rule says; what was passed then takes effect by itself."""
    at = occurred_at or timezone.now()
    until = at + timedelta(days=resolution.rule_set.publicity_days)
    with atomically():
        fresh = _perform(
            resolution, "publicise", actor=actor, occurred_at=at, payload={"until": until.isoformat()},
            publicised_at=at, publicity_until=until, **given,
        )  # fmt: skip
        if fresh.stands == ResolutionState.PASSED:
            _set_timer(fresh, PUBLICITY_ENDS, until)
    return fresh


@carries_out("property.resolution", "record_official")
def resolution_record_official(
    resolution: Resolution, *, actor: User, official_outcome: str, official_on: date, official_number: str = "",
    photos: Sequence[Upload] = (), **given,
) -> Resolution:  # fmt: skip
    """Record what the body in charge declared, beside what was computed here; the document or its number is needed.

    Recorded again, the new one stands; the former stays in the history. One publicised long enough that is declared
    passed takes effect. Raises Invalid.
    """
    if official_outcome not in DECLARES:
        raise Invalid(_("There is no such choice."), field="official_outcome", code="invalid_choice")
    if official_on > timezone.localdate():
        raise Invalid(_("The day lies in the future."), field="official_on", code="future")
    if not official_number.strip() and not photos:
        raise Invalid(_("Attach the document, or give its number."), field="official_number", code="required")
    payload = {"official_outcome": official_outcome, "official_on": official_on.isoformat(),
               "computed": resolution.outcome}  # fmt: skip
    with atomically():
        fresh = _perform(
            resolution, "record_official", actor=actor, photos=photos, payload=payload, official_on=official_on,
            official_outcome=official_outcome, official_number=official_number.strip(), **given,
        )  # fmt: skip
        if fresh.state == ResolutionState.PUBLICISED and fresh.stands == ResolutionState.PASSED:
            _set_timer(fresh, PUBLICITY_ENDS, fresh.publicity_until)
    return fresh


@carries_out("property.resolution", "revoke")
def resolution_revoke(resolution: Resolution, *, actor: User, occurred_at: datetime | None = None,
                      **given) -> Resolution:  # fmt: skip
    """Revoke a resolution, or call its vote off; its deadlines are cancelled."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _perform(resolution, "revoke", actor=actor, occurred_at=at, revoked_at=at, **given)
        for kind in (VOTE_BEGINS, VOTE_ENDS, PUBLICITY_ENDS):
            cancel_timer(f"{kind}:{fresh.pk}")
    return fresh


def grant_to_run(resolution: Resolution, actor: User) -> Grant:
    """Return the grant with which ``actor`` carries this decision through. Raises NotPermitted."""
    grant = grant_for(RUNS, resolution, actor)
    if grant is None:
        raise NotPermitted(_("You may not carry this decision through."))
    return grant
