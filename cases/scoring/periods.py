"""Every write of score periods: opening, computing, publishing (freezing), and checking what was frozen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import (
    Case,
    CaseFact,
    FrozenCaseFact,
    FrozenSpellFact,
    ScoreFormula,
    ScoreLine,
    ScorePeriod,
    SpellFact,
)
from cases.scoring import keeping
from cases.scoring.dimensions import UNIT, WHOLE, dimension_named
from cases.scoring.facts import BATCH, CASE_COLUMNS, OF_CASE, SPELL_COLUMNS, read_facts
from cases.scoring.figures import NOTHING, Days, Figure, Figures, Ground, figures_by, kept_by, left_out_by, whole
from cases.scoring.ranking import ranks, score_of
from cases.scoring.scenes import Scenes
from governance import events
from governance.configuration import configuration_grant
from governance.errors import Conflict, Invalid, NotPermitted
from governance.live.cursor import Snapshot
from governance.models import Area, Event, User
from governance.transactions import atomically
from governance.workflow import carries_out, perform

SPELL_MOMENTS = ("due_at", "dispatched_at", "closed_at")
CASE_MOMENTS = ("reported_at", "filing_due_at", "dispatch_due_at")


def score_period_open(*, actor: User, area: Area, dimension: str, formula: ScoreFormula, first: date,
                      last: date) -> ScorePeriod:  # fmt: skip
    """Open a period of days ``first`` to ``last`` for an area, compared by ``dimension``, scored with ``formula``.

    Raises NotPermitted, Invalid (days, dimension, a formula not valid then, without weights or out of use), or
    Conflict when there is one like it.
    """
    days, by = Days(first, last), dimension_named(dimension)
    if by is WHOLE:
        raise Invalid(_("There is no “%(code)s”.") % {"code": dimension}, field="by", code="invalid_choice")
    period = ScorePeriod(area=area, dimension=by.key, formula=formula, first=days.first, last=days.last)
    grant = configuration_grant(period, "add", actor)
    if grant is None:
        raise NotPermitted(_("You may not open score periods for this area."))
    if not formula.is_active or formula.valid_from > days.first:
        raise Invalid(_("This formula is not in force at the beginning of the period."), field="formula")
    if not formula.weights.exists():
        raise Invalid(_("This formula has no weights yet."), field="formula", code="empty")
    with atomically():
        ScoreFormula.objects.select_for_update().get(pk=formula.pk)  # nobody edits it at the same moment
        alike = {name: getattr(period, name) for name in ("area", "dimension", "formula", "first", "last")}
        if ScorePeriod.objects.filter(**alike).exclude(state="discarded").exists():
            raise Conflict(_("There is such a period already."), code="exists")
        period.save(force_insert=True)
        events.record("score.opened", period, actor=actor, grant=grant, payload=_told(period))
    return period


def _told(period: ScorePeriod) -> dict:
    return {"first": period.first.isoformat(), "last": period.last.isoformat(), "dimension": period.dimension,
            "formula": period.formula.key, "version": period.formula.version, "to": period.state}  # fmt: skip


@carries_out("cases.scoreperiod", "compute")
def score_period_compute(period: ScorePeriod, *, actor, version=None, reason="", occurred_at=None) -> ScorePeriod:
    """Read all events up to now, keep a copy of the facts of the period, and count its lines from the copy.

    Raises Conflict while the period is not over, or all figures are being counted anew.
    """
    with atomically():
        cursor = keeping.catch_up_fully(keeping.held_cursor())
        if Days(period.first, period.last).end > cursor.as_of:
            raise Conflict(_("The period is not over yet."), code="not_over")
        fresh, _event = perform(
            period, "compute", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
            as_of=cursor.as_of, position=cursor.position, last_event=_last_event(), payload=_told(period),
        )  # fmt: skip
        for rows in (FrozenSpellFact, FrozenCaseFact, ScoreLine):
            rows.objects.filter(period=fresh).delete()
        _keep(fresh, SpellFact, FrozenSpellFact, (*SPELL_COLUMNS, "ordinal"), SPELL_MOMENTS)
        _keep(fresh, CaseFact, FrozenCaseFact, CASE_COLUMNS, CASE_MOMENTS)
        ground = frozen_ground(fresh)
        fresh.totals = as_json(whole(ground, Days(fresh.first, fresh.last)))
        fresh.save(update_fields=["totals"])
        ScoreLine.objects.bulk_create(lines_of(fresh, ground))
    return fresh


def _last_event() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _keep(period: ScorePeriod, live, frozen, columns: tuple[str, ...], moments: tuple[str, ...]) -> None:
    """Copy the facts of the area that have a moment in the period, each with its scenes of now; one statement."""
    days = Days(period.first, period.last)
    in_days = Q(pk__in=[])
    for moment in moments:
        in_days |= Q(**{f"{moment}__gte": days.start, f"{moment}__lt": days.end})
    names = ["case_id", *columns]
    rows = live.objects.under(period.area).filter(in_days).annotate(scenes=Scenes().array(live))
    names.append("scenes")
    chosen = rows.order_by().values_list(*names)
    sql, values = chosen.query.sql_with_params()
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    table = connection.ops.quote_name(frozen._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (period_id, {quoted}) SELECT %s, kept.* FROM ({sql}) AS kept",
            [period.pk, *values],
        )


def frozen_ground(period: ScorePeriod) -> Ground:
    """Return the facts that a period keeps, without what its formula leaves out."""
    ground = Ground(
        FrozenSpellFact.objects.filter(period=period), FrozenCaseFact.objects.filter(period=period),
        period.as_of,
    )  # fmt: skip
    return ground.filtered(kept_by(period.formula))


def as_json(figures: Figures) -> dict:
    """Return figures as a line keeps them."""
    return {key: figure.as_json() for key, figure in figures.items()}


def of_json(figures: dict) -> Figures:
    """Return the figures that a line keeps."""
    return {key: Figure.of_json(told) for key, told in figures.items()}


def lines_of(period: ScorePeriod, ground: Ground) -> list[ScoreLine]:
    """Return the lines of a period, not stored, with scores and ranks."""
    days, by = Days(period.first, period.last), dimension_named(period.dimension)
    found, left_out = figures_by(ground, days, by), left_out_by(ground, days, by)
    keys = sorted({*found, *left_out}, key=lambda key: (key is None, key))
    own = {key: found.get(key, NOTHING) for key in keys}
    scores = {key: score_of(period.formula, own[key]).score for key in keys}
    places, names = ranks(scores), by.names(keys)
    return [
        ScoreLine(
            period=period, subject=key, unit_id=key if by is UNIT else None, name=names.get(key, ""),
            figures=as_json(own[key]), left_out=left_out.get(key, {}), score=scores[key], rank=places[key],
        )
        for key in keys
    ]  # fmt: skip


@carries_out("cases.scoreperiod", "publish")
def score_period_publish(period: ScorePeriod, *, actor, version=None, reason="", occurred_at=None) -> ScorePeriod:
    """Freeze a computed period for good, with its formula, and show its ranking to everybody at work in the area."""
    fresh, _event = perform(
        period, "publish", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
        published_at=occurred_at or timezone.now(), payload=_told(period),
    )  # fmt: skip
    return fresh


@dataclass(frozen=True)
class Difference:
    """A fact of a period that its events would tell otherwise: which case, and what is kept and told by column."""

    case_id: int
    columns: dict[str, tuple]


def differences(period: ScorePeriod) -> Iterator[Difference]:
    """Read a computed period again from nothing but the events known then, and yield where the facts kept differ.

    Category, area, source and scenes are told by no event and not compared; deadlines of stages that no event tells
    are read from the stage clocks. Nothing is stored. Slow: it reads every case of the time.
    """
    position = Snapshot.parse(period.position)
    last = 0
    while True:
        ids = list(Case.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        last = ids[-1]
        told = read_facts(ids, position, last_event=period.last_event)
        yield from _differing(period, ids, told.spells, FrozenSpellFact, (*SPELL_COLUMNS, "ordinal"), SPELL_MOMENTS)
        yield from _differing(period, ids, told.cases, FrozenCaseFact, CASE_COLUMNS, CASE_MOMENTS)


def _differing(period, ids, told, frozen: type[models.Model], columns, moments) -> Iterator[Difference]:
    days, paths = Days(period.first, period.last), _paths(told, period.area)
    wanted = {
        (one.case_id, getattr(one, "ordinal", 0)): one
        for one in told
        if one.area_id in paths and any(_lies(getattr(one, moment), days) for moment in moments)
    }
    kept = {
        (one.case_id, getattr(one, "ordinal", 0)): one for one in frozen.objects.filter(period=period, case__in=ids)
    }
    for key in sorted({*wanted, *kept}):
        now, then = wanted.get(key), kept.get(key)
        if now is None or then is None:
            yield Difference(key[0], {"": (then is not None, now is not None)})
            continue
        compared = [name for name in columns if name not in OF_CASE]
        differing = {
            name: (getattr(then, name), getattr(now, name))
            for name in compared
            if getattr(then, name) != getattr(now, name)
        }
        if differing:
            yield Difference(key[0], differing)


def _lies(moment: datetime | None, days: Days) -> bool:
    return moment is not None and days.start <= moment < days.end


def _paths(told, area: Area) -> set[int]:
    ids = {one.area_id for one in told}
    return set(Area.objects.under(area).filter(pk__in=ids).values_list("pk", flat=True))
