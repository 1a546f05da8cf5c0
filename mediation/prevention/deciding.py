"""What is decided about a hazard: assessed, watched, excluded, or registered as a dispute."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Invalid
from governance.models import AttachmentPurpose, Role, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from mediation.disputes.days import said_moment
from mediation.disputes.registering import OLDEST, dispute_register
from mediation.models import (
    DisputeSource,
    DisputeTier,
    DisputeType,
    DisputeUrgency,
    Hazard,
    HazardSource,
    HazardState,
    HazardUrgency,
)
from mediation.prevention.deadlines import ASSESS_DUE, WATCH_ENDS, timer_stop, watch_timer
from mediation.prevention.querysets import KEEPS
from mediation.prevention.reporting import figures_of, words_check

HAZARD = "mediation.hazard"
# The longest watch at once; it may be set anew [J].
LONGEST_WATCH = timedelta(days=180)
# A hazard is mediated on the committee's initiative, unless the petition office sent it on.
SOURCE_OF = {HazardSource.PETITION: DisputeSource.PETITIONS}
TITLE = 80
# Steps that keep when they were done.
DATED = frozenset(["watch", "look", "exclude", "convert"])


def carry(hazard: Hazard, name: str, *, actor: User, at: datetime, photos: Sequence[Upload] = (), payload=None,
          **given) -> Hazard:  # fmt: skip
    """``perform`` with the figures of the hazard on the event and photos kept beside it."""
    with atomically():
        payload = figures_of(hazard) | (payload or {})
        given |= {"at": at} if name in DATED else {}
        fresh, event = perform(hazard, name, actor=actor, occurred_at=at, payload=payload, **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


def assessment_check(people: int | None, urgency: str, finding: str) -> None:
    """Refuse an assessment whose figures or words no hazard holds. Raises Invalid naming the field."""
    words_check(finding=finding)
    if people is not None and not 1 <= people <= 100_000:
        raise Invalid(_("1 to 100000 people."), field="people", code="out_of_range")
    if urgency not in HazardUrgency.values:
        raise Invalid(_("Say how urgent it is."), field="urgency", code="invalid")


@carries_out(HAZARD, "assess")
def hazard_assess(hazard: Hazard, *, actor: User, type: DisputeType, people: int | None = None, violence: bool = False,
                  urgency: str = HazardUrgency.NORMAL, finding: str = "", version=None, reason="",
                  occurred_at: datetime | None = None, photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """Say of which type it is, for how many people, and how pressing. Raises Invalid naming the field."""
    at = occurred_at or timezone.now()
    assessment_check(people, urgency, finding)
    with atomically():
        payload = {"type": type.code, "urgency": urgency, "people": people, "violence": violence}
        fresh = carry(
            hazard, "assess", actor=actor, at=at, version=version, reason=reason, photos=photos, payload=payload,
            assessed_by=actor, assessed_at=at, type=type, people=people, violence=violence, urgency=urgency,
            finding=finding.strip(),
        )  # fmt: skip
        timer_stop(fresh, ASSESS_DUE)
    return fresh


@carries_out(HAZARD, "watch")
def hazard_watch(hazard: Hazard, *, actor: User, watch_until: date, version=None, reason="",
                 occurred_at: datetime | None = None, photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """Watch it until a day, on whose morning it is to be decided anew. Raises Invalid (tomorrow to 180 days)."""
    at = occurred_at or timezone.now()
    if not timezone.localdate(at) < watch_until <= timezone.localdate(at) + LONGEST_WATCH:
        raise Invalid(
            _("Watch it until tomorrow at least, 180 days at most."), field="watch_until", code="out_of_range"
        )
    with atomically():
        fresh = carry(hazard, "watch", actor=actor, at=at, version=version, reason=reason, photos=photos,
                       payload={"watch_until": watch_until.isoformat()}, watch_until=watch_until)  # fmt: skip
        watch_timer(fresh)
    return fresh


@carries_out(HAZARD, "exclude")
def hazard_exclude(hazard: Hazard, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                   photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """There is nothing, or it is settled; ``reason`` says so."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = carry(hazard, "exclude", actor=actor, at=at, version=version, reason=reason, photos=photos)
        timer_stop(fresh, WATCH_ENDS)
    return fresh


@carries_out(HAZARD, "reconsider")
def hazard_reconsider(hazard: Hazard, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                      photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """It was not settled after all."""
    at = occurred_at or timezone.now()
    return carry(hazard, "reconsider", actor=actor, at=at, version=version, reason=reason, photos=photos)


@carries_out(HAZARD, "convert")
def hazard_convert(hazard: Hazard, *, actor: User, title: str = "", facts: str = "", claim: str = "",
                   amount: Decimal | None = None, type: DisputeType | None = None,
                   domestic_violence: bool | None = None, on: date | None = None, version=None, reason="",
                   occurred_at: datetime | None = None, photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """Register the dispute it has become; ``dispute`` of the fresh hazard is that one, its parties come next.

    ``type`` None: as assessed. Without ``title`` and ``facts`` the words of the hazard are taken; what was found and
    between whom it was said to be stay with the hazard. The township's centre registers it as complex, which is what
    it handles. Raises as ``dispute_register``, and Invalid naming
    ``domestic_violence`` where nobody said whether violence is domestic, or ``on``: the day on which it was registered
    (default today), not before the hazard was reported.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = Hazard.objects.lock(hazard.pk)
        grant, dispute = grant_for(KEEPS, locked, actor), None
        if grant and locked.state in (HazardState.ASSESSED, HazardState.WATCHED):
            township = grant.role == Role.TOWNSHIP_MEDIATOR
            _domestic_check(locked, domestic_violence)
            earliest = max(timezone.localdate(locked.reported_at), timezone.localdate() - OLDEST)
            at = said_moment(on, at, earliest=earliest, after=locked.reported_at)
            dispute = dispute_register(
                actor=actor, type=type or locked.type, title=title.strip() or locked.words[:TITLE], amount=amount,
                facts=facts.strip() or locked.words, claim=claim, occurred_at=at,
                tier=DisputeTier.COMPLEX if township else DisputeTier.GENERAL,
                domestic_violence=bool(domestic_violence), **_known(locked),
            )  # fmt: skip
        payload = {"dispute": dispute.number} if dispute else {}
        fresh = carry(locked, "convert", actor=actor, at=at, version=version, reason=reason, photos=photos,
                       payload=payload, dispute=dispute)  # fmt: skip
        timer_stop(fresh, WATCH_ENDS)
    return fresh


def _domestic_check(hazard: Hazard, domestic: bool | None) -> None:
    """Refuse to register violence before somebody said whether it is domestic, of whatever type: what holds then (who
    sits apart, who is told what) holds from the first moment. Raises Invalid."""
    if domestic is None and hazard.violence:
        raise Invalid(_("Say whether it is domestic violence."), field="domestic_violence", code="required")


def _known(hazard: Hazard) -> dict:
    """Return what is known of the dispute by its hazard."""
    urgent = hazard.urgency == HazardUrgency.URGENT
    return {
        "area": hazard.area, "people": hazard.people, "violence": hazard.violence, "origin": hazard,
        "source": SOURCE_OF.get(hazard.source, DisputeSource.INITIATIVE),
        "urgency": DisputeUrgency.URGENT if urgent else DisputeUrgency.NORMAL,
    }  # fmt: skip
