"""Appeals of a unit against its line in a published period: filed, reviewed by two, and the correction they lead to."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, ScoreAppeal, ScoreAppealCase, ScoreLine
from cases.scoring.dimensions import UNIT
from cases.scoring.figures import NOTHING, Days, Ground, figures_by, left_out_by
from cases.scoring.indicators import STANDS
from cases.scoring.periods import as_json, frozen_ground
from cases.scoring.querysets import IN_AREA
from cases.scoring.ranking import ranks, score_of
from governance import events
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import OfUnit, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform

# Who speaks for a unit.
FILES = dict.fromkeys((Role.HANDLER, Role.SUPERVISOR, Role.COMMUNITY_STAFF), OfUnit("unit"))
MOST_CASES = 500


def score_appeal_file(*, actor: User, line: ScoreLine, cases: Sequence[Case], reason: str) -> ScoreAppeal:
    """File an appeal of the line's unit about some of its cases, in words (``reason``).

    Raises NotPermitted for people of other units, Conflict for a period that is not published or a line that was
    appealed against or corrected, Invalid without words or cases, or for a case that is not counted in the line.
    """
    if line.unit_id is None:
        raise Invalid(_("Only the line of a unit can be appealed against."), field="line", code="no_unit")
    appeal = ScoreAppeal(line=line, unit=line.unit, area=line.period.area, filed_by=actor)
    grant = grant_for(FILES, appeal, actor)
    if grant is None:
        raise NotPermitted(_("Only the unit itself may appeal against its line."))
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    with atomically():
        ScoreLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
        _check_open(line)
        _check_cases(line, cases)
        appeal.save(force_insert=True)
        ScoreAppealCase.objects.bulk_create(ScoreAppealCase(appeal=appeal, case=case) for case in cases)
        payload = {"line": line.pk, "period": line.period_id, "cases": [case.number for case in cases],
                   "to": appeal.state}  # fmt: skip
        events.record("score.appealed", appeal, actor=actor, grant=grant, payload=payload, text=reason.strip())
    return appeal


def _check_open(line: ScoreLine) -> None:
    if line.period.state != "published":
        raise Conflict(_("Only published figures can be appealed against."), code="not_published")
    if ScoreAppeal.objects.filter(line=line).exists():
        raise Conflict(_("There is an appeal against this line already."), code="appealed")
    if ScoreLine.objects.filter(corrects=line).exists():
        raise Conflict(_("This line was corrected; look at the newer one."), code="corrected")


def cases_named(line: ScoreLine, numbers: Sequence[str]) -> list[Case]:
    """Return the cases with these numbers. Raises Invalid for one that is not counted in the line (or is none)."""
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) > MOST_CASES:
        raise Invalid(_("At most %(most)s cases.") % {"most": MOST_CASES}, field="cases", code="too_many")
    found = {case.number: case for case in Case.objects.filter(number__in=wanted, pk__in=_counted(line))}
    for number in wanted:
        if number not in found:
            raise _not_counted(number)
    return list(found.values())


def _not_counted(number: str) -> Invalid:
    text = _("Case %(number)s is not counted in this line.") % {"number": number}
    return Invalid(text, field="cases", code="not_counted")


def _check_cases(line: ScoreLine, cases: Sequence[Case]) -> None:
    if not cases:
        raise Invalid(_("Name the cases that should not count."), field="cases", code="required")
    if len(cases) > MOST_CASES:
        raise Invalid(_("At most %(most)s cases.") % {"most": MOST_CASES}, field="cases", code="too_many")
    counted = set(_counted(line).filter(case__in=cases))
    for case in cases:
        if case.pk not in counted:
            raise _not_counted(case.number)


def _counted(line: ScoreLine) -> QuerySet[int]:
    """Return the keys of the cases of which the line counts a turn of its unit."""
    return line_ground(line).spells.filter(STANDS, unit=line.unit_id).values_list("case_id", flat=True)


@carries_out("cases.scoreappeal", "review")
def score_appeal_review(
    appeal: ScoreAppeal, *, actor, opinion: str, version=None, reason="", occurred_at=None
) -> ScoreAppeal:
    """Give the first opinion."""
    fresh, _event = perform(
        appeal, "review", actor=actor, version=version, reason=reason, occurred_at=occurred_at, opinion=opinion,
        reviewer=actor, payload={"opinion": opinion},
    )  # fmt: skip
    return fresh


@carries_out("cases.scoreappeal", "send_back")
def score_appeal_send_back(appeal: ScoreAppeal, *, actor, version=None, reason="", occurred_at=None) -> ScoreAppeal:
    """Disagree with the first opinion."""
    fresh, _event = perform(
        appeal, "send_back", actor=actor, version=version, reason=reason, occurred_at=occurred_at, reviewer=actor
    )
    return fresh


@carries_out("cases.scoreappeal", "refuse")
def score_appeal_refuse(appeal: ScoreAppeal, *, actor, version=None, reason="", occurred_at=None) -> ScoreAppeal:
    """Refuse it, as the second of two."""
    at = occurred_at or timezone.now()
    fresh, _event = perform(
        appeal, "refuse", actor=actor, version=version, reason=reason, occurred_at=at, reviewer=actor, settled_at=at
    )
    return fresh


@carries_out("cases.scoreappeal", "uphold")
def score_appeal_uphold(appeal: ScoreAppeal, *, actor, version=None, reason="", occurred_at=None) -> ScoreAppeal:
    """Uphold it, as the second of two: a line without its cases takes the place of the one appealed against."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh, _event = perform(
            appeal, "uphold", actor=actor, version=version, reason=reason, occurred_at=at, reviewer=actor,
            settled_at=at,
        )  # fmt: skip
        line = _corrected(fresh)
        line.save(force_insert=True)
        grant = grant_for({Role.OPERATIONS_CENTRE: IN_AREA}, fresh, actor)
        told = {"line": fresh.line_id, "correction": line.pk, "score": str(line.score), "before": str(fresh.line.score)}
        events.record("score.corrected", line.period, actor=actor, grant=grant, payload=told, occurred_at=at)
    return fresh


def line_ground(line: ScoreLine) -> Ground:
    """Return the facts that a line counts: those kept, without the cases that upheld appeals took out of it."""
    taken_out, before = Q(pk__in=[]), line
    while before.corrects_id is not None:
        before = before.corrects
        taken_out |= Q(appeal__line=before.pk)
    return _without(frozen_ground(line.period), ScoreAppealCase.objects.filter(taken_out))


def _without(ground: Ground, disputed: QuerySet[ScoreAppealCase]) -> Ground:
    cases = disputed.values("case_id")
    return Ground(ground.spells.exclude(case__in=cases), ground.cases.exclude(case__in=cases), ground.as_of)


def _corrected(appeal: ScoreAppeal) -> ScoreLine:
    """Return the line as it would have been without the cases of the appeal, not stored."""
    line = appeal.line
    period, days = line.period, Days(line.period.first, line.period.last)
    ground = _without(line_ground(line), appeal.disputed.all())
    figures = figures_by(ground, days, UNIT).get(line.subject, NOTHING)
    score = score_of(period.formula, figures).score
    others = period.lines.current().exclude(pk=line.pk).values_list("subject", "score")
    return ScoreLine(
        period=period, subject=line.subject, unit=line.unit, name=line.name, figures=as_json(figures),
        left_out=left_out_by(ground, days, UNIT).get(line.subject, {}), score=score, corrects=line,
        rank=ranks(dict(others) | {line.subject: score})[line.subject],
    )  # fmt: skip
