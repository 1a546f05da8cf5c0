"""Carrying a project out: begin, sign in by the code shown there, sign out, and report it delivered with hours."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.room_codes import RoomCodes
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.earning.records import record_submit
from partners.models import Claim, Project, ProjectAttendance
from partners.models.project_claim import MOST_SERVED, MOST_SESSIONS
from partners.models.service import MOST_HOURS
from partners.projects.acting import CLAIM, PROJECT, carry, clock, granted, lock_partners, now_of, state_check, told
from partners.projects.conflicts import acts_for_claim
from partners.projects.querysets import ACTS, RUNS
from partners.projects.tasks import text_needed
from partners.projects.workflow import ClaimState, ProjectState

CODES = RoomCodes("partners.projects.sign_in")
HOUR = Decimal(3600)
LONGEST_REPORT = 4000


@carries_out(PROJECT, "begin")
def project_begin(project: Project, *, actor: User, occurred_at: datetime | None = None, **given) -> Project:
    """Begin."""
    at, _today = now_of(occurred_at)
    return carry(project, "begin", actor=actor, occurred_at=at, begun_at=at, **given)


def may_show_code(project: Project, user) -> bool:
    """Tell whether somebody may show the code for signing in: staff, and the partners that carry it out."""
    if project.state != ProjectState.UNDER_WAY:
        return False
    if grant_for(RUNS, project, user) is not None:
        return True
    rows = Claim.objects.filter(project=project, state__in=[ClaimState.AWARDED, ClaimState.DELIVERED])
    return any(grant_for(ACTS, claim, user) for claim in rows.with_rows())


def project_sign_in(*, actor: User, code: str, occurred_at: datetime | None = None) -> ProjectAttendance:
    """Sign in by the code shown there: who acts for a partner that carries it out as a helper, others as participants.

    Raises Invalid naming ``code``, Conflict (``state``; ``signed_in`` today), NotPermitted (a process).
    """
    at, today = now_of(occurred_at)
    if actor.is_system or not actor.is_active:
        raise NotPermitted(_("Only people sign in."))
    pk = CODES.subject_of(code, at)
    with atomically():
        project = Project.objects.select_for_update(of=("self",)).select_related("area").filter(pk=pk).first()
        if project is None:
            raise Invalid(_("This is no code for signing in."), field="code", code="invalid")
        state_check(project, ProjectState.UNDER_WAY)
        if ProjectAttendance.objects.filter(project=project, person=actor, day=today).exists():
            raise Conflict(_("You have signed in today."), code="signed_in")
        claims = Claim.objects.filter(project=project, state=ClaimState.AWARDED).with_rows().order_by("pk")
        claim = next((row for row in claims if acts_for_claim(row, actor)), None)
        made = ProjectAttendance.objects.create(
            project=project, area=project.area, person=actor, claim=claim, day=today, signed_in_at=at
        )
        grant = grant_for(ACTS, claim, actor) if claim is not None else None
        payload = {"attendance": made.pk, "helper": claim is not None}
        told("project.signed_in", project, actor=actor, grant=grant or Grant("resident"), at=at, payload=payload)
    return made


def project_sign_out(row: ProjectAttendance, *, actor: User, occurred_at: datetime | None = None) -> ProjectAttendance:
    """Sign out: oneself, or by staff. Raises NotPermitted, Conflict (``signed_out``)."""
    at, _today = now_of(occurred_at)
    with atomically():
        project = Project.objects.lock(row.project_id)
        held = ProjectAttendance.objects.select_for_update(of=("self",)).get(pk=row.pk)
        grant = Grant("resident") if held.person_id == actor.pk else granted(RUNS, project, actor)
        if held.signed_out_at is not None:
            raise Conflict(_("Signed out already."), code="signed_out")
        if at <= held.signed_in_at:
            raise Conflict(_("A moment after signing in, please."), code="order")
        held.signed_out_at = at
        held.save(update_fields=["signed_out_at"])
        told("project.signed_out", project, actor=actor, grant=grant, at=at, payload={"attendance": held.pk})
    return held


def hours_of(row: ProjectAttendance) -> Decimal | None:
    """Return the hours between signing in and out, to a hundredth, at most a day; None where there are none."""
    if row.signed_out_at is None:
        return None
    seconds = Decimal(int((row.signed_out_at - row.signed_in_at).total_seconds()))
    hours = min((seconds / HOUR).quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal(MOST_HOURS))
    return hours or None


@carries_out(CLAIM, "deliver")
def claim_deliver(claim: Claim, *, actor: User, report: str, served: int = 0, sessions: int = 0,
                  occurred_at: datetime | None = None, **given) -> Claim:  # fmt: skip
    """Report it delivered; hours of helpers are reported as services, and the last report delivers the project.

    Raises NotPermitted, Conflict (``state``), Invalid naming a field.
    """
    at, _today = now_of(occurred_at)
    report = text_needed(report, "report", LONGEST_REPORT)
    for name, value, most in (("served", served, MOST_SERVED), ("sessions", sessions, MOST_SESSIONS)):
        if not 0 <= value <= most:
            raise Invalid(_("0 to %(most)s.") % {"most": most}, field=name, code="out_of_range")
    with atomically():
        lock_partners([claim.partner_id])
        project = Project.objects.lock(claim.project_id)
        locked = Claim.objects.lock(claim.pk)
        granted(RUNS | ACTS, locked, actor)
        state_check(project, ProjectState.UNDER_WAY)
        fresh = carry(locked, "deliver", actor=actor, occurred_at=at, report=report, served=served, sessions=sessions,
                      delivered_at=at, payload={"served": served, "sessions": sessions}, **given)  # fmt: skip
        _hours_reported(project, fresh, actor=actor, at=at)
        if not Claim.objects.filter(project=project, state=ClaimState.AWARDED).exists():
            carry(project, "deliver", actor=clock(), occurred_at=at, delivered_at=at)
    return fresh


def _hours_reported(project: Project, claim: Claim, *, actor: User, at: datetime) -> None:
    """Report the hours of a claim's helpers as services of the partner: staff approve them as any other."""
    if project.help_kind is None:
        return
    rows = ProjectAttendance.objects.filter(claim=claim, record__isnull=True, signed_out_at__isnull=False)
    for row in rows.select_related("person").order_by("signed_in_at", "pk"):
        hours = hours_of(row)
        if hours is None or not acts_for_claim(claim, row.person):
            continue  # who does not act for the partner any more has the hours in the list alone
        row.record = record_submit(
            actor=actor, partner=claim.partner, kind=project.help_kind, performed_at=row.signed_in_at, hours=hours,
            person=row.person, place=project.place, note=project.title, occurred_at=at,
        )  # fmt: skip
        row.save(update_fields=["record"])
