"""Closing a project: points by the outcome, once a claim; those who needed it are told; undone with a reason."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.earning.outcomes import outcome_pay, outcome_take_back
from partners.models import Claim, NeedState, Project, ProjectOutcome, ProjectTask
from partners.needs.deciding import need_solve, need_take_back
from partners.projects.acting import PROJECT, carry, clock, granted, lock_partners, now_of, own_check, state_check
from partners.projects.deadlines import timers_stop
from partners.projects.querysets import RUNS
from partners.projects.tasks import venue_free
from partners.projects.workflow import AFOOT, ClaimState, ProjectState


def _carried_out(project: Project) -> tuple[Project, list[Claim]]:
    """Lock the partners of the delivered claims, then the project, then the claims."""
    rows = Claim.objects.filter(project=project, state=ClaimState.DELIVERED).order_by("pk")
    lock_partners(rows.values_list("partner_id", flat=True))
    locked = Project.objects.lock(project.pk)
    return locked, [Claim.objects.lock(pk) for pk in rows.values_list("pk", flat=True)]


@carries_out(PROJECT, "close")
def project_close(project: Project, *, actor: User, occurred_at: datetime | None = None, **given) -> Project:
    """Close an evaluated project: each delivered claim is paid by the grade; the first time its needs are solved.

    Raises NotPermitted (also for the own claim), Conflict (``no_rule``, ``no_account``); as ``perform``.
    """
    at, today = now_of(occurred_at)
    with atomically():
        locked, claims = _carried_out(project)
        granted(RUNS, locked, actor)
        own_check(claims, actor)
        state_check(locked, ProjectState.EVALUATED)
        again = ProjectOutcome.objects.filter(claim__in=claims, taken_back_at__isnull=False).exists()
        paid = [_paid(locked, claim, actor=actor, at=at, day=today) for claim in claims]
        payload = {"score": f"{locked.score}", "share": locked.grade.share, "points": sum(paid)}
        fresh = carry(locked, "close", actor=actor, occurred_at=at, closed_at=at, payload=payload, **given)
        # of a second closing they were solved by the first: what is adopted now was opened again since, for another
        needs = fresh.needs.none() if again else fresh.needs.filter(state=NeedState.ADOPTED).order_by("pk")
        for need in needs:
            need_solve(need, actor=clock(), evidence=_told_end(fresh), occurred_at=at)
    return fresh


def _paid(project: Project, claim: Claim, *, actor: User, at: datetime, day) -> int:
    """Write down what a claim was worth and pay it; returns the points."""
    share = project.grade.share
    row = ProjectOutcome.objects.create(claim=claim, area=claim.area, score=project.score, share=share, at=at)
    if project.kind is None:
        return 0
    earning = outcome_pay(evidence=row, partner=claim.partner, kind=project.kind, quantity=project.quantity,
                          share=share, day=day, actor=actor, occurred_at=at)  # fmt: skip
    row.points = earning.points
    row.save(update_fields=["points"])
    return row.points


def _told_end(project: Project) -> str:
    text = _("The project “%(project)s” was carried out and evaluated: %(score)s (%(grade)s).")
    return text % {"project": project.title, "score": project.score, "grade": project.grade}


@carries_out(PROJECT, "reopen")
def project_reopen(project: Project, *, actor: User, occurred_at: datetime | None = None, **given) -> Project:
    """Undo the closing: points are taken back (what was spent is owed). Needs that were solved stay solved.

    Raises NotPermitted (also for the own claim); as ``perform``.
    """
    at, _today = now_of(occurred_at)
    with atomically():
        locked, claims = _carried_out(project)
        own_check(claims, actor)
        fresh = carry(locked, "reopen", actor=actor, occurred_at=at, **given)
        rows = ProjectOutcome.objects.filter(claim__in=claims, taken_back_at__isnull=True)
        for row in rows.select_related("claim__partner").order_by("pk"):
            if fresh.kind is not None:
                outcome_take_back(evidence=row, partner=row.claim.partner, actor=actor, occurred_at=at)
            row.taken_back_at = at
            row.save(update_fields=["taken_back_at"])
    return fresh


@carries_out(PROJECT, "terminate")
def project_terminate(project: Project, *, actor: User, reason: str = "", occurred_at: datetime | None = None,
                      **given) -> Project:  # fmt: skip
    """Terminate a project, with a reason all claimants are told; needs go back, venues are free again."""
    at, _today = now_of(occurred_at)
    with atomically():
        lock_partners(Claim.objects.filter(project=project).standing().values_list("partner_id", flat=True))
        locked = Project.objects.lock(project.pk)
        granted(RUNS, locked, actor)
        state_check(locked, *AFOOT)
        fresh = carry(locked, "terminate", actor=actor, occurred_at=at, reason=reason, **given)
        timers_stop(fresh)
        for row in Claim.objects.filter(project=fresh, state=ClaimState.SUBMITTED).order_by("pk"):
            carry(row, "decline", actor=clock(), occurred_at=at, decided_at=at, reason=reason)
        for row in Claim.objects.filter(project=fresh, state=ClaimState.AWARDED).order_by("pk"):
            carry(row, "dismiss", actor=clock(), occurred_at=at, ended_at=at, reason=reason)
        for task in ProjectTask.objects.filter(project=fresh).select_related("booking__venue"):
            venue_free(task, actor=actor, at=at)
        for need in fresh.needs.filter(state=NeedState.ADOPTED).order_by("pk"):
            need_take_back(need, actor=clock(), reason=reason, occurred_at=at)
    return fresh
