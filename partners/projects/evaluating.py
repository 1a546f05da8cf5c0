"""Evaluation by three parties: who is asked, their answers, and the result."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, OrgUnit, Ownership, Residency, Role, User
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import (
    Evaluation,
    EvaluationForm,
    EvaluationGrade,
    EvaluationItem,
    EvaluationMark,
    Party,
    Project,
    ProjectAttendance,
)
from partners.projects.acting import PROJECT, carry, granted, now_of, own_check, plain, state_check, told
from partners.projects.conflicts import interested
from partners.projects.querysets import ANSWERS, RUNS
from partners.projects.result import Given, PartyLine, lines_of, result_of, rounded
from partners.projects.workflow import EvaluationState, ProjectState
from partners.recruiting.acting import words
from partners.recruiting.querysets import RUNNING_ROLES

ASKED_IN = (ProjectState.UNDER_WAY, ProjectState.DELIVERED)
MOST_ASKED = 60
NAMES = [Party.RESIDENTS, Party.STAFF, Party.THIRD]


def form_of(project: Project, day) -> EvaluationForm:
    """Return the form a project is evaluated by: that of who was asked first, else the one in force.

    Raises Conflict (``no_form``).
    """
    first = Evaluation.objects.filter(project=project).select_related("form").order_by("pk").first()
    found = first.form if first is not None else EvaluationForm.objects.on(day)
    if found is None:
        raise Conflict(_("No evaluation form is in force."), code="no_form")
    return found


def evaluator_invite(project: Project, *, actor: User, party: str, person: User,
                     occurred_at: datetime | None = None) -> Evaluation:  # fmt: skip
    """Ask somebody to evaluate a project for a party: a resident of the community or a participant, one of the staff,
    or an evaluator of a third party's unit.

    Raises NotPermitted, Conflict (``state``, ``asked``, ``interest``: the person has a stake in it), Invalid naming
    ``person`` or ``party``.
    """
    at, today = now_of(occurred_at)
    if party not in Party.values:
        raise Invalid(_("This is none of the choices."), field="party", code="invalid_choice")
    with atomically():
        locked = Project.objects.lock(project.pk)
        grant = granted(RUNS, locked, actor)
        state_check(locked, *ASKED_IN)
        if Evaluation.objects.filter(project=locked).count() >= MOST_ASKED:
            raise Conflict(_("There are enough lines."), code="full")
        form = form_of(locked, today)
        _form_check(form, party)
        unit = _unit_of(locked, party, person)
        if interested(locked, person, unit):
            text = _("This person has a stake in the project: somebody else evaluates it.")
            raise Conflict(text, field="person", code="interest")
        made = Evaluation(project=locked, area=locked.area, form=form, party=party, person=person, unit=unit,
                          asked_at=at)  # fmt: skip
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(_("This person is asked already."), field="person", code="asked") from error
        told("evaluation.invited", made, actor=actor, grant=grant, at=at, payload={"to": made.state})
    return made


def _form_check(form: EvaluationForm, party: str) -> None:
    """Refuse a form by which a project could not be brought to an end, before anybody answers it. Raises Conflict."""
    if not EvaluationItem.objects.filter(form=form, party=party).exists():
        text = _("“%(form)s” asks this party nothing: enter what is asked first.") % {"form": form}
        raise Conflict(text, field="party", code="no_items")
    if not EvaluationGrade.objects.filter(form=form, from_score=0).exists():
        raise Conflict(_("“%(form)s” has no grade from 0 on: enter one first.") % {"form": form}, code="no_grade")


def _unit_of(project: Project, party: str, person: User) -> OrgUnit | None:
    """Return the third party's unit. Raises Invalid unless the person belongs to the party."""
    if person.is_system or not person.is_active:
        raise Invalid(_("Only people evaluate."), field="person", code="invalid")
    area = project.area
    held = Appointment.objects.in_force().filter(user=person)
    if party == Party.THIRD:
        post = held.filter(role=Role.EVALUATOR, area__in=area.lineage).select_related("unit").order_by("pk").first()
        if post is None or post.unit is None:
            raise Invalid(_("This person evaluates for no third party here."), field="person", code="invalid")
        return post.unit
    if party == Party.STAFF:
        if not held.filter(role__in=RUNNING_ROLES, area__in=area.lineage).exists():
            raise Invalid(_("This person does not work in the community."), field="person", code="invalid")
        return None
    lives = any(
        model.objects.filter(user=person, state="verified", dwelling__area__path__startswith=area.path).exists()
        for model in (Residency, Ownership)
    )
    if not lives and not ProjectAttendance.objects.filter(project=project, person=person, claim=None).exists():
        text = _("Neither a verified resident of the community nor a participant.")
        raise Invalid(text, field="person", code="invalid")
    return None


def evaluation_answer(row: Evaluation, *, actor: User, marks: Mapping[int, int], remarks: str = "",
                      occurred_at: datetime | None = None) -> Evaluation:  # fmt: skip
    """Answer once, when its partners have delivered: a mark for each item of one's party, by the items' ids.

    Raises NotPermitted (somebody else's; ``interest``), Conflict (``state``), Invalid naming ``item_<id>``.
    """
    at, _today = now_of(occurred_at)
    remarks = words(remarks=remarks)["remarks"][:1000]
    with atomically():
        project = Project.objects.lock(row.project_id)
        locked = Evaluation.objects.lock(row.pk)
        granted(ANSWERS, locked, actor)
        state_check(project, ProjectState.DELIVERED)
        if interested(project, actor, locked.unit):
            text = _("You have a stake in the project: somebody else evaluates it.")
            raise NotPermitted(text, code="interest")
        state_check(locked, EvaluationState.INVITED)
        given = _marks_checked(locked, marks)
        fresh = carry(locked, "answer", actor=actor, occurred_at=at, words=remarks, answered_at=at,
                      payload={"marks": len(given)})  # fmt: skip
        EvaluationMark.objects.bulk_create(
            EvaluationMark(evaluation=fresh, item=item, mark=mark) for item, mark in given
        )  # fmt: skip
    return fresh


def _marks_checked(row: Evaluation, marks: Mapping[int, int]) -> list[tuple[EvaluationItem, int]]:
    items = list(EvaluationItem.objects.filter(form=row.form_id, party=row.party).order_by("position"))
    unknown = set(marks) - {item.pk for item in items}
    if unknown:
        raise Invalid(_("There is no such item."), field=f"item_{min(unknown)}", code="invalid")
    found = []
    for item in items:
        least, most = item.bounds
        mark = marks.get(item.pk)
        if isinstance(mark, bool) or not isinstance(mark, int) or not least <= mark <= most:
            text = _("A whole number from %(least)s to %(most)s is needed.") % {"least": least, "most": most}
            raise Invalid(text, field=f"item_{item.pk}", code="required" if mark is None else "out_of_range")
        found.append((item, mark))
    return found


def explained(project: Project) -> list[PartyLine]:
    """Return the lines of a project's result as it stands now; empty where nobody was asked."""
    rows = list(Evaluation.objects.filter(project=project, state=EvaluationState.ANSWERED).with_rows())
    form = project.form or (rows[0].form if rows else None)
    if form is None:
        return []
    answers: dict[str, list] = {}
    for row in rows:
        given = [Given(one.mark, one.item.weight, one.item.scale == "hundred") for one in row.marks.all()]
        answers.setdefault(row.party, []).append(given)
    return lines_of({party: form.weight_of(party) for party in NAMES}, answers)


def grade_of(form: EvaluationForm, score) -> EvaluationGrade:
    """Return the grade of a result. Raises Conflict (``no_grade``)."""
    found = EvaluationGrade.objects.filter(form=form, from_score__lte=score).order_by("-from_score").first()
    if found is None:
        raise Conflict(_("The form has no grade for %(score)s.") % {"score": score}, code="no_grade")
    return found


@carries_out(PROJECT, "evaluate")
def project_evaluate(project: Project, *, actor: User, missing_reason: str = "", reason: str = "",
                     occurred_at: datetime | None = None, **given) -> Project:  # fmt: skip
    """Compute the result. A party that weighs something and has not answered needs ``missing_reason``, kept on the
    event.

    Raises NotPermitted (also for the own claim), Conflict (``nobody`` answered), Invalid naming ``missing_reason``.
    """
    at, today = now_of(occurred_at)
    why = words(missing_reason=missing_reason or reason)["missing_reason"]
    with atomically():
        locked = Project.objects.lock(project.pk)
        granted(RUNS, locked, actor)
        own_check(locked.claims.select_related("partner"), actor)
        state_check(locked, ProjectState.DELIVERED)
        lines = explained(locked)
        result = result_of(lines)
        if result is None:
            raise Conflict(_("Nobody has evaluated it yet."), code="nobody")
        missing = [line.party for line in lines if line.score is None]
        if missing and not why:
            names = "、".join(str(Party(party).label) for party in missing)
            text = _("Not answered yet: %(parties)s. Say why it is concluded without them.") % {"parties": names}
            raise Invalid(text, field="missing_reason", code="required")
        form, score = form_of(locked, today), rounded(result)
        grade = grade_of(form, score)
        payload = {"score": f"{score}", "grade": grade.pk, "share": grade.share, "missing": missing}
        return carry(locked, "evaluate", actor=actor, occurred_at=at, score=score, grade=grade, form=form,
                     missing=missing, evaluated_at=at, payload=payload, reason=why, **given)  # fmt: skip


@carries_out(PROJECT, "reevaluate")
def project_reevaluate(project: Project, *, actor: User, **given) -> Project:
    """Open the evaluation again. Raises NotPermitted (also for the own claim); as ``perform``."""
    with atomically():
        locked = Project.objects.lock(project.pk)
        own_check(locked.claims.select_related("partner"), actor)
        return carry(locked, "reevaluate", actor=actor, **given)


plain(Evaluation, "revoke")
