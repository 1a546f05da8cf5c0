"""Three tracks under one lead (三调联动): organs invited to work together on a complex or major dispute."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Appointment, Event, OrgUnit, UnitKind, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.acting import words_check
from mediation.disputes.querysets import KEEPS
from mediation.disputes.states import HIGHER
from mediation.files.keeping import file_add
from mediation.files.states import FileKind
from mediation.joint.acting import carry, dispute_held, may, stored
from mediation.joint.deadlines import track_timer, track_timer_stop
from mediation.joint.querysets import ORGAN_ROLES, UPPER_ROLES
from mediation.joint.states import WITHOUT_RESULT
from mediation.models import Dispute, FormerResult, Track, TrackKind, TrackState

TRACK = "mediation.track"
# After which event the result of a track stands as who did it gave it.
GIVEN = ("track.result", "track.result_corrected")
# For how long what an organ is working on may still come after the end of the dispute [J].
HAND_IN_DAYS = 10
INVITES = {role: KEEPS[role] for role in UPPER_ROLES}
# Which units are organs of which track.
ORGANS = {
    TrackKind.PEOPLE: (UnitKind.MEDIATION_COMMITTEE, UnitKind.MEDIATION_CENTRE),
    TrackKind.ADMINISTRATIVE: (UnitKind.DEPARTMENT, UnitKind.STREET_OFFICE, UnitKind.GOVERNANCE_CENTRE),
    TrackKind.JUDICIAL: (UnitKind.COURT,),
}


def organs_for(dispute: Dispute, kind: str = ""):
    """Return the units that can be the organ of a track (of any kind) for the place of the dispute: somebody is there
    who sees the track and answers."""
    there = Appointment.objects.in_force().filter(role__in=ORGAN_ROLES, user__is_active=True)
    return _of_kind(dispute, kind).filter(pk__in=there.values("unit_id")).order_by("code")


def _of_kind(dispute: Dispute, kind: str):
    kinds = ORGANS[kind] if kind else tuple(unit_kind for found in ORGANS.values() for unit_kind in found)
    return OrgUnit.objects.filter(kind__in=kinds, is_active=True, area__in=dispute.area.lineage)


def _organ_check(dispute: Dispute, kind: str, organ: OrgUnit) -> None:
    if not _of_kind(dispute, kind).filter(pk=organ.pk).exists():
        raise Invalid(_("This unit is no organ of this track here."), field="organ", code="not_an_organ")
    if not organs_for(dispute, kind).filter(pk=organ.pk).exists():
        text = _("Nobody in %(unit)s could answer an invitation.") % {"unit": organ}
        raise Invalid(text, field="organ", code="nobody_there")


def track_invite(dispute: Dispute, *, actor: User, kind: str, organ: OrgUnit, briefing: str, legal_basis: str = "",
                 occurred_at: datetime | None = None) -> Track:  # fmt: skip
    """Invite an organ to work on a complex or major dispute; the first track invited leads until it is passed on. Where
    whoever led does so no longer, the lead is given (``take_lead``), not inherited by who is invited next.

    ``briefing`` is all the organ is told. A dispute that was opened again begins with no tracks. Raises NotPermitted;
    Conflict (general tier, ended, a track of this kind already in this round); Invalid naming ``kind``, ``organ`` or
    ``briefing``.
    """
    at = occurred_at or timezone.now()
    words_check(briefing=briefing, longest=2000)
    words_check(legal_basis=legal_basis, longest=200)
    if kind not in TrackKind.values:
        raise Invalid(_("Choose one of the values."), field="kind", code="invalid_choice")
    if not briefing.strip():
        raise Invalid(_("Say what the organ has to know."), field="briefing", code="required")
    with atomically():
        held, grant = dispute_held(dispute, INVITES, actor)
        if held.tier not in HIGHER:
            raise Conflict(_("Joint mediation begins with complex disputes: escalate it first."), code="tier")
        _organ_check(held, kind, organ)
        existing = Track.objects.filter(dispute=held, round=held.reopened).exclude(state__in=WITHOUT_RESULT)
        if existing.filter(kind=kind).exists():
            raise Conflict(_("There is a track of this kind already; a slip in its result is corrected there."),
                           code="exists")  # fmt: skip
        row = Track(
            dispute=held, round=held.reopened, kind=kind, organ=organ, briefing=briefing.strip(),
            legal_basis=legal_basis.strip(), is_lead=not existing.exists(), invited_by=actor,
            invited_at=at,
        )  # fmt: skip
        return stored(row, "track.invited", actor=actor, grant=grant, at=at, kind=kind, organ=organ.pk,
                      lead=row.is_lead)  # fmt: skip


@carries_out(TRACK, "accept")
def track_accept(track: Track, *, actor: User, legal_basis: str = "", occurred_at: datetime | None = None,
                 **given) -> Track:  # fmt: skip
    """Take part, on a legal basis (default: the one in the invitation). Raises Invalid naming ``legal_basis``."""
    at = occurred_at or timezone.now()
    words_check(legal_basis=legal_basis, longest=200)
    basis = legal_basis.strip() or track.legal_basis
    if may(track, "accept", actor) and not basis:
        raise Invalid(_("Name the legal basis."), field="legal_basis", code="required")
    return carry(track, "accept", actor=actor, occurred_at=at, at=at, legal_basis=basis, person=actor,
                 payload={"kind": track.kind}, **given)  # fmt: skip


@carries_out(TRACK, "begin")
def track_begin(track: Track, *, actor: User, **given) -> Track:
    """Begin the work of the track."""
    return carry(track, "begin", actor=actor, payload={"kind": track.kind}, **given)


@carries_out(TRACK, "hand_in")
def track_hand_in(track: Track, *, actor: User, result: str, document: str = "", photos: Sequence[Upload] = (),
                  occurred_at: datetime | None = None, **given) -> Track:  # fmt: skip
    """Hand in what came of it, and its document: name and number, and the paper itself where it is sent along. Raises
    Invalid naming ``result``."""
    at = occurred_at or timezone.now()
    _result_check(track, "hand_in", actor, result, document)
    with atomically():
        Dispute.objects.lock(track.dispute_id)
        fresh = carry(track, "hand_in", actor=actor, occurred_at=at, at=at, result=result.strip(),
                      document=document.strip(), payload={"kind": track.kind}, **given)  # fmt: skip
        if photos:
            file_add(fresh.dispute, actor=actor, kind=FileKind.TRACK_DOCUMENT, track=fresh, uploads=photos,
                     caption=document, occurred_at=at)  # fmt: skip
        return fresh


def _result_check(track: Track, name: str, actor: User, result: str, document: str) -> None:
    words_check(result=result, longest=2000)
    words_check(document=document, longest=120)
    if may(track, name, actor) and not result.strip():
        raise Invalid(_("Say what came of it."), field="result", code="required")


@carries_out(TRACK, "correct")
def track_correct(track: Track, *, actor: User, result: str, document: str = "", **given) -> Track:
    """Put right what was handed in, and by which document; the reason is compulsory. What stood there is kept, with who
    gave it and when (``FormerResult``). Raises Invalid naming ``result``; as ``perform``."""
    _result_check(track, "correct", actor, result, document)
    with atomically():
        held = Track.objects.lock(track.pk)
        before = Event.objects.filter(subject_type=TRACK, subject_id=held.pk, name__in=GIVEN).order_by("-id").first()
        fresh = carry(held, "correct", actor=actor, result=result.strip(), document=document.strip(),
                      payload={"kind": track.kind}, **given)  # fmt: skip
        FormerResult.objects.create(
            dispute_id=held.dispute_id, track=fresh, result=held.result, document=held.document,
            given_by=before.actor if before else held.person,
            given_at=before.occurred_at if before else held.ended_at, at=given.get("occurred_at") or timezone.now(),
        )  # fmt: skip
    return fresh


@carries_out(TRACK, "take_lead")
def track_lead(track: Track, *, actor: User, **given) -> Track:
    """Give a track the lead; the one that led passes it on in the same moment."""
    with atomically():
        Dispute.objects.lock(track.dispute_id)
        if may(Track.objects.lock(track.pk), "take_lead", actor):
            leading = Track.objects.filter(dispute=track.dispute_id, round=track.round, is_lead=True)
            for other in leading.exclude(pk=track.pk):
                carry(other, "pass_lead", actor=actor, occurred_at=given.get("occurred_at"))
        return carry(track, "take_lead", actor=actor, payload={"kind": track.kind}, **given)


def tracks_wind_up(dispute: Dispute, *, actor: User, at: datetime) -> None:
    """The dispute, whose row is locked, has ended: who has not answered need not any more; who takes part may still
    hand in for ``HAND_IN_DAYS`` days."""
    hand_in_by = timezone.localdate(at) + timedelta(days=HAND_IN_DAYS)
    for row in Track.objects.running().filter(dispute=dispute, hand_in_by=None).order_by("pk"):
        if row.state == TrackState.INVITED:
            track_end(row, actor=actor, at=at, reason=_("The dispute has ended."))
        else:
            fresh = carry(row, "wind_up", actor=actor, occurred_at=at, hand_in_by=hand_in_by,
                          payload={"kind": row.kind, "hand_in_by": hand_in_by.isoformat()})  # fmt: skip
            track_timer(fresh)


def tracks_go_on(dispute: Dispute, *, actor: User, at: datetime) -> None:
    """The end of the dispute, whose row is locked, was a mistake: organs of this round that were at work go on."""
    rows = Track.objects.running().filter(dispute=dispute, round=dispute.reopened, hand_in_by__isnull=False)
    for row in rows.order_by("pk"):
        track_timer_stop(carry(row, "go_on", actor=actor, occurred_at=at, payload={"kind": row.kind}))


def track_end(track: Track, *, actor: User, at: datetime, reason: str) -> Track:
    """End a track of which nothing came."""
    return carry(track, "end", actor=actor, occurred_at=at, at=at, reason=reason, payload={"kind": track.kind})


def may_invite(dispute: Dispute, user: User) -> bool:
    """Whether the person may invite organs to this dispute, as far as the person goes."""
    return dispute.tier in HIGHER and grant_for(INVITES, dispute, user) is not None


@carries_out(TRACK, "decline")
def track_decline(track: Track, *, actor: User, **given) -> Track:
    """Decline for the organ, with a reason."""
    return _left(track, "decline", actor, given)


@carries_out(TRACK, "give_up")
def track_give_up(track: Track, *, actor: User, **given) -> Track:
    """Wait for the organ no longer, with a reason."""
    return _left(track, "give_up", actor, given)


def _left(track: Track, name: str, actor: User, given: dict) -> Track:
    """End a track without a result; the event tells whether the joint mediation lost its lead."""
    given["occurred_at"] = given.get("occurred_at") or timezone.now()
    with atomically():
        held = Track.objects.lock(track.pk)
        return carry(held, name, actor=actor, at=given["occurred_at"],
                     payload={"kind": held.kind, "lead": held.is_lead}, **given)  # fmt: skip
