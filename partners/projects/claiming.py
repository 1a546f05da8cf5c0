"""Claims: handed in by partners that fit, awarded by the community, given up or ended early.

The project's row is locked for each of these steps; an exclusive award is refused a second time by the database too.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import Claim, Partner, Project
from partners.models.project_claim import MOST_PEOPLE
from partners.projects.acting import (
    CLAIM,
    PROJECT,
    carry,
    clock,
    granted,
    lock_partners,
    now_of,
    own_check,
    state_check,
    told,
)
from partners.projects.deadlines import timers_stop
from partners.projects.fit import fit_of
from partners.projects.querysets import ACTS, RUNS, SYSTEM
from partners.projects.workflow import RUNNING, ClaimState, ProjectState
from partners.recruiting.acting import words

LONGEST_PLAN = 2000


def claim_submit(project: Project, *, actor: User, partner: Partner, plan: str, people: int = 1,
                 occurred_at: datetime | None = None) -> Claim:  # fmt: skip
    """Claim a project for a partner, with a plan; by its own people.

    Raises NotPermitted, Conflict (``state``, ``over``, ``claimed``; the code of what does not fit: ``active``,
    ``here``, ``kind``, ``profession``, ``qualification``, ``calendar``), Invalid naming a field.
    """
    at, _today = now_of(occurred_at)
    plan = words(plan=plan)["plan"]
    if not plan:
        raise Invalid(_("Say how you would do it."), field="plan", code="required")
    if len(plan) > LONGEST_PLAN:
        text = _("At most %(count)s characters.") % {"count": LONGEST_PLAN}
        raise Invalid(text, field="plan", code="max_length")
    if not 1 <= people <= MOST_PEOPLE:
        raise Invalid(_("1 to %(most)s.") % {"most": MOST_PEOPLE}, field="people", code="out_of_range")
    with atomically():
        held = lock_partners([partner.pk])[0]
        locked = Project.objects.lock(project.pk)
        made = Claim(project=locked, partner=held, area=locked.area, exclusive=locked.exclusive, plan=plan,
                     people=people, claimed_by=actor, submitted_at=at)  # fmt: skip
        grant = granted(ACTS, made, actor)
        _open_check(locked, at)
        fit = _fit_check(held, locked)
        made.busy = fit.busy
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(_("This partner has claimed it already."), code="claimed") from error
        payload = {"to": made.state, "people": people, "busy": made.busy}
        told("claim.submitted", made, actor=actor, grant=grant, at=at, payload=payload)
    return made


def _open_check(project: Project, at: datetime) -> None:
    state_check(project, ProjectState.CLAIMING)
    if not project.claim_from <= at < project.claim_until:
        raise Conflict(_("The time for claims is over."), code="over")


def _fit_check(partner: Partner, project: Project):
    """Return how they fit. Raises Conflict with the code of what is missing."""
    fit = fit_of(partner, project)
    if fit.missing is not None:
        text = _("This project does not fit: %(reason)s.") % {"reason": fit.missing.text}
        raise Conflict(text, code=fit.missing.code)
    return fit


def _locked(claim: Claim) -> tuple[Project, Claim]:
    """Lock what a step of a claim touches: its partner, its project, itself."""
    lock_partners([claim.partner_id])
    project = Project.objects.lock(claim.project_id)
    return project, Claim.objects.lock(claim.pk)


@carries_out(CLAIM, "award")
def claim_award(claim: Claim, *, actor: User, occurred_at: datetime | None = None, **given) -> Claim:
    """Give the project to a partner; the last award there is concludes it: the other claims are declined.

    Raises NotPermitted (also for the own claim), Conflict (what does not fit any more; ``full``).
    """
    at, _today = now_of(occurred_at)
    with atomically():
        project, locked = _locked(claim)
        granted(RUNS, locked, actor)
        _own_check(project, actor)
        state_check(project, ProjectState.CLAIMING)
        _fit_check(locked.partner, project)
        awarded = Claim.objects.filter(project=project, state=ClaimState.AWARDED).count()
        if awarded >= project.most_claims:
            raise Conflict(_("It is awarded already."), code="full")
        try:
            fresh = carry(locked, "award", actor=actor, occurred_at=at, decided_at=at, **given)
        except IntegrityError as error:  # pragma: no cover - the lock comes first; the index is the second wall
            raise Conflict(_("It is awarded already."), code="full") from error
        if awarded + 1 == project.most_claims:
            _concluded(project, actor=actor, at=at)
    return fresh


def _own_check(project: Project, actor: User) -> None:
    """Refuse who claimed the project, or acts for who did: they do not decide between themselves and others."""
    own_check(Claim.objects.filter(project=project).select_related("partner"), actor)


def _concluded(project: Project, *, actor: User, at: datetime, **given) -> Project:
    """Decline what is not awarded, and go on to the awarded state."""
    for row in Claim.objects.filter(project=project, state=ClaimState.SUBMITTED).order_by("pk"):
        reason = _("The project was awarded to others.")
        carry(row, "decline", actor=clock(), occurred_at=at, decided_at=at, reason=reason)
    timers_stop(project)
    return carry(project, "conclude", actor=actor, occurred_at=at, awarded_at=at, **given)


@carries_out(PROJECT, "conclude")
def project_conclude(project: Project, *, actor: User, occurred_at: datetime | None = None, **given) -> Project:
    """Award no more; claims not awarded are declined. Raises Conflict (``none``: nobody has it yet)."""
    at, _today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(project.pk)
        granted(RUNS, locked, actor)
        _own_check(locked, actor)
        state_check(locked, ProjectState.CLAIMING)
        if not Claim.objects.filter(project=locked, state=ClaimState.AWARDED).exists():
            raise Conflict(_("Award it to a partner first."), code="none")
        return _concluded(locked, actor=actor, at=at, **given)


@carries_out(CLAIM, "decline")
def claim_decline(claim: Claim, *, actor: User, occurred_at: datetime | None = None, **given) -> Claim:
    """Decline a claim, with a reason that the partner reads; after the last day the last one leaves it unclaimed."""
    at, _today = now_of(occurred_at)
    with atomically():
        project, locked = _locked(claim)
        granted(RUNS | SYSTEM, locked, actor)
        _own_check(project, actor)
        fresh = carry(locked, "decline", actor=actor, occurred_at=at, decided_at=at, **given)
        _lapse_if_empty(project, at)
    return fresh


@carries_out(CLAIM, "withdraw")
def claim_withdraw(claim: Claim, *, actor: User, occurred_at: datetime | None = None, **given) -> Claim:
    """Withdraw a claim before it is decided on."""
    at, _today = now_of(occurred_at)
    with atomically():
        project, locked = _locked(claim)
        fresh = carry(locked, "withdraw", actor=actor, occurred_at=at, **given)
        _lapse_if_empty(project, at)
    return fresh


def _lapse_if_empty(project: Project, at: datetime) -> None:
    """A project that nobody carries out any more, or after its last day nobody claims, is unclaimed."""
    if Claim.objects.filter(project=project).standing().exists():
        return
    over = project.state == ProjectState.CLAIMING and project.claim_until <= at
    if over or project.state in RUNNING:
        timers_stop(project)
        carry(project, "lapse", actor=clock(), occurred_at=at)


def _ended(claim: Claim, name: str, *, actor: User, occurred_at: datetime | None, **given) -> Claim:
    at, _today = now_of(occurred_at)
    with atomically():
        project, locked = _locked(claim)
        fresh = carry(locked, name, actor=actor, occurred_at=at, ended_at=at, **given)
        rows = Claim.objects.filter(project=project)
        if not rows.standing().exists():
            _lapse_if_empty(project, at)
        elif project.state == ProjectState.UNDER_WAY and not rows.filter(state=ClaimState.AWARDED).exists():
            carry(project, "deliver", actor=clock(), occurred_at=at, delivered_at=at)
    return fresh


@carries_out(CLAIM, "quit")
def claim_quit(claim: Claim, *, actor: User, occurred_at: datetime | None = None, **given) -> Claim:
    """Give up an awarded project; without another partner it is unclaimed and may be published again."""
    return _ended(claim, "quit", actor=actor, occurred_at=occurred_at, **given)


@carries_out(CLAIM, "dismiss")
def claim_dismiss(claim: Claim, *, actor: User, occurred_at: datetime | None = None, **given) -> Claim:
    """End it with a partner, with a reason that the partner is told."""
    return _ended(claim, "dismiss", actor=actor, occurred_at=occurred_at, **given)
