"""Pages of figures: as they stand by a question, the cases behind a figure, and a table as a file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.http import FileResponse, Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.admin.filters import MOST_AREAS
from cases.models import Case, FactCursor, FrozenSpellFact, ScoreFormula, ScoreLine, ScorePeriod, SpellFact
from cases.scoring.appeals import FILES, line_ground
from cases.scoring.dimensions import Dimension, dimension_named
from cases.scoring.drill import LEFT_OUT, NUMERATOR, Spot, facts_behind
from cases.scoring.figures import Days, Ground, whole
from cases.scoring.indicators import ALL, BY_KEY, SPELL
from cases.scoring.periods import frozen_ground, of_json
from cases.scoring.questions import QuestionForm, usual_days
from cases.scoring.tables import (
    Row,
    Shaper,
    Trend,
    charted,
    groups_for,
    indicators_of,
    line_rows,
    live_rows,
    reason_label,
    trend_of,
)
from cases.scoring.workflow import PeriodState
from governance.errors import Invalid
from governance.exchange.exports import FORMATS, export_recorded, table_file
from governance.scoping import grants_of

SHOWN = 50
BARS = 30  # of the chart of ranks
PERIODS_SHOWN, LINES = 12, 8  # of the trend of a published ranking


def live_page(page, request) -> TemplateResponse:
    """The figures as they stand: a form, a table with ranks, charts."""
    form = QuestionForm(request.GET, user=request.user)
    context = {
        **_around(page, request, _("Figures")), "form": form, "usual": usual_days(timezone.localdate()),
        "cursor": FactCursor.objects.first(), "wide": form.fields["area"].queryset.count() > MOST_AREAS,
    }  # fmt: skip
    if not form.is_valid():
        return TemplateResponse(request, "cases/admin/scores.html", context, status=400)
    question = form.question()
    groups, group = _group(request, question.formula)
    shaper = Shaper(indicators_of(group, question.formula), question.formula, _linker(question.params()))
    ground, days = question.ground(), question.days
    rows = live_rows(ground, days, question.by, shaper)
    figures = whole(ground, days, shaper.indicators)
    chosen = _chosen(request.GET.get("key", ""), rows)
    name = chosen.name if chosen else _("all")
    trend = trend_of(ground, days.last, shaper, (question.by, chosen.key) if chosen else None)
    context |= {
        "question": question, "days": days, "groups": groups, "group": group, "rows": rows, "shaper": shaper,
        "totals": [shaper.cell(one, figures[one.key], "") for one in shaper.indicators],
        "query": urlencode(question.params()), "chosen": chosen, "formula": question.formula,
        "charts": charts_of(rows, trend, shaper, _("By month: %(name)s") % {"name": name}),
    }  # fmt: skip
    return TemplateResponse(request, "cases/admin/scores.html", context)


def _around(page, request, title: str) -> dict:
    return {**page.admin_site.each_context(request), "title": title, "title_part": title, "opts": page.opts}


def _group(request, formula: ScoreFormula | None) -> tuple[dict[str, str], str]:
    groups = groups_for(formula)
    asked = request.GET.get("group", "")
    return groups, asked if asked in groups else next(iter(groups))


def _linker(params: dict[str, str]):
    page = reverse("admin:cases_scoreperiod_cases")

    def link(indicator: str, part: str, key: str, line: ScoreLine | None) -> str:
        more = {"indicator": indicator, "part": part}
        if line is not None:
            return f"{page}?{urlencode(more | {'line': line.pk})}"
        return f"{page}?{urlencode(params | more | ({'key': key} if key else {}))}"

    return link


def _chosen(asked: str, rows: Sequence[Row]) -> Row | None:
    return next((row for row in rows if asked and str(row.key) == asked), None)


def charts_of(rows: Sequence[Row], trend: Trend, shaper: Shaper, title: str) -> dict:
    """Return what the charts show: bars of scores (without a formula of the first indicator), lines by month."""
    first = shaper.indicators[0]
    if shaper.formula is not None:
        values = [(row.name, None if row.score is None else float(row.score)) for row in rows]
        label, most = _("score"), float(shaper.formula.scale)
    else:
        values = [(row.name, charted(row.cells[0])) for row in rows]
        label, most = first.label, 100 if first.is_share else None
        values.sort(key=lambda bar: (bar[1] is None, (-1 if first.high else 1) * (bar[1] or 0)))
    bars = [(name, value) for name, value in values if value is not None][:BARS]
    unit = "" if all(one.is_share for one in shaper.indicators) else _("hours")
    return {
        "bars": {"label": str(label), "most": most, "rows": bars, "unit": "" if shaper.formula else unit},
        "lines": {"title": title, "months": trend.months, "series": trend.series, "unit": unit},
    }


def cases_page(page, request) -> TemplateResponse:
    """The cases behind one figure, newest first, as far as the person may open them."""
    try:
        behind = _behind(request)
        spot, ground = behind.spot, behind.ground
        facts = facts_behind(ground, behind.days, behind.by, spot)
        after = _after(request.GET.get("after", ""))
    except Invalid as error:
        context = {**_around(page, request, _("Cases of a figure")), "refusal": error.detail}
        return TemplateResponse(request, "cases/admin/score_cases.html", context, status=400)
    seen = facts.filter(case__in=Case.objects.visible_to(request.user).values("pk"))
    rows = list(_beyond(seen, after).select_related("case__category", "case__area", *_units(spot))[: SHOWN + 1])
    context = {
        **_around(page, request, _("Cases of a figure")), "behind": behind, "spot": spot, "rows": rows[:SHOWN],
        "of_turns": facts.model in (SpellFact, FrozenSpellFact), "counted": facts.count(), "seen": seen.count(),
        "heading": _heading(spot), "more": _place(rows[SHOWN - 1]) if len(rows) > SHOWN else "",
        "query": urlencode({name: value for name, value in request.GET.items() if name != "after"}),
    }  # fmt: skip
    return TemplateResponse(request, "cases/admin/score_cases.html", context)


@dataclass(frozen=True)
class Behind:
    """What a figure was counted from, and where it stands: a stored ``line``, a ``period``, or neither (live)."""

    ground: Ground
    days: Days
    by: Dimension
    spot: Spot
    period: ScorePeriod | None = None
    line: ScoreLine | None = None


def _behind(request) -> Behind:
    asked = request.GET
    spot = Spot.read(asked.get("indicator", ""), asked.get("part", ""), asked.get("key", ""))
    if "line" in asked:
        line = _found(ScoreLine.objects.visible_to(request.user).select_related("period__formula"), asked["line"])
        period = line.period
        own = Spot(spot.indicator, spot.part, line.subject, False)
        return Behind(line_ground(line), _days(period), dimension_named(period.dimension), own, period, line)
    if "period" in asked:
        period = _found(ScorePeriod.objects.visible_to(request.user).select_related("formula"), asked["period"])
        return Behind(frozen_ground(period), _days(period), dimension_named(period.dimension), spot, period)
    form = QuestionForm(asked, user=request.user)
    if not form.is_valid():
        raise Invalid(next(iter(form.errors.values()))[0])
    question = form.question()
    return Behind(question.ground(), question.days, question.by, spot)


def _days(period: ScorePeriod) -> Days:
    return Days(period.first, period.last)


def _found(rows, key: str):
    row = rows.filter(pk=key).first() if key.isascii() and key.isdecimal() and len(key) <= 18 else None
    if row is None:
        raise Http404
    return row


def _after(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}-[0-9]{1,9}", text, re.ASCII):
        raise Invalid(_("This page does not exist."), field="after")
    case, ordinal = text.split("-")
    return int(case), int(ordinal)


def _beyond(facts, after: tuple[int, int] | None):
    """Return facts in the order of the page: newest case first, its turns in theirs."""
    turns = facts.model in (SpellFact, FrozenSpellFact)
    if after is not None:
        beyond = Q(case__lt=after[0])
        facts = facts.filter(beyond | Q(case=after[0], ordinal__gt=after[1]) if turns else beyond)
    return facts.order_by("-case_id", "ordinal") if turns else facts.order_by("-case_id")


def _place(fact) -> str:
    return f"{fact.case_id}-{getattr(fact, 'ordinal', 0)}"


def _units(spot: Spot) -> list[str]:
    return ["unit"] if spot.part == LEFT_OUT or BY_KEY[spot.indicator].base == SPELL else []


def _heading(spot: Spot) -> dict:
    """Return what a figure is called and what was asked for, in words."""
    if spot.part == LEFT_OUT:
        return {"label": _("Left out: %(reason)s") % {"reason": reason_label(spot.indicator)}, "told": ""}
    indicator = BY_KEY[spot.indicator]
    return {"label": indicator.label, "told": indicator.counts if spot.part == NUMERATOR else indicator.out_of,
            "part": _("counted") if spot.part == NUMERATOR else _("out of")}  # fmt: skip


def period_context(request, period: ScorePeriod) -> dict:
    """Return what the page of a period shows: its lines as they stand, corrections, charts."""
    formula = ScoreFormula.objects.prefetch_related("weights", "exclusions__category").get(pk=period.formula_id)
    groups, group = _group(request, formula)
    every = Shaper(indicators_of(group, formula), formula, _linker({"period": str(period.pk)}))
    lines = list(
        ScoreLine.objects.visible_to(request.user).filter(period=period).current().ranked()
        .select_related("corrects", "appeal", "unit")
    )  # fmt: skip
    rows = [row for row in line_rows(lines, every) if row.tells]
    totals = of_json(period.totals)
    return {
        "formula": formula, "groups": groups, "group": group, "rows": rows, "shaper": every, "days": _days(period),
        "totals": [every.cell(one, totals[one.key], "") for one in every.indicators] if totals else [],
        "charts": charts_of(rows, _published_trend(request.user, period, lines), every, _("Score by period")),
        "may_appeal": _may_appeal(request.user, period),
    }  # fmt: skip


def _may_appeal(user, period: ScorePeriod) -> set[int]:
    """Return the units that the person may appeal for."""
    if period.state != PeriodState.PUBLISHED:
        return set()
    return {grant.unit_id for grant in grants_of(user) if grant.role in FILES and grant.unit_id}


def _published_trend(user, period: ScorePeriod, lines: Sequence[ScoreLine]) -> Trend:
    """Return the scores of the best lines in the last periods of the same kind, this one included."""
    alike = ScorePeriod.objects.visible_to(user).filter(
        Q(state=PeriodState.PUBLISHED) | Q(pk=period.pk), area=period.area_id, dimension=period.dimension,
        formula__key=period.formula.key, last__lte=period.last,
    )  # fmt: skip
    periods = list(alike.order_by("-last", "-pk")[:PERIODS_SHOWN])[::-1]
    subjects = {line.subject: line.name for line in lines if line.rank is not None and line.rank <= LINES}
    told = {}
    for line in ScoreLine.objects.filter(period__in=periods, subject__in=subjects).current():
        told[line.subject, line.period_id] = None if line.score is None else float(line.score)
    series = tuple((name, tuple(told.get((subject, one.pk)) for one in periods)) for subject, name in subjects.items())
    return Trend(tuple(f"{one.first:%Y-%m-%d}" for one in periods), series)


def table_of(rows: Sequence[Row], shaper: Shaper) -> tuple[list[str], list[list]]:
    """Return header and lines of a table as a file: of each figure value, numerator and denominator."""
    header = [_("place in the ranking"), _("name"), _("score")]
    for one in shaper.indicators:
        header += [str(one.label), *([_("counted")] if one.is_share else []), _("out of")]
    lines = []
    for row in rows:
        line = [row.rank, row.name, row.score]
        for cell in row.cells:
            value = _("sample too small") if cell.too_small else cell.figure.value
            of = [cell.figure.numerator] if cell.indicator.is_share else []
            line += [value, *of, cell.figure.denominator]
        lines.append(line)
    return header, lines


def file_of(request, name: str, rows: Sequence[Row], shaper: Shaper, model: str) -> FileResponse:
    """Answer with a table as a file, and record that it was taken. Raises Invalid for a format."""
    kind = request.POST.get("format", "xlsx")
    header, lines = table_of(rows, shaper)
    file, count = table_file(kind, header, lines)
    export_recorded(request.user, grant=grants_of(request.user)[0], model=model, filters=[], rows=count, kind=kind)
    return FileResponse(file, as_attachment=True, filename=f"{name}.{kind}", content_type=FORMATS[kind])


def live_file(request) -> FileResponse:
    """The table of the live page, with every indicator, as a file. Raises Invalid."""
    form = QuestionForm(request.GET, user=request.user)
    if not form.is_valid():
        raise Invalid(next(iter(form.errors.values()))[0])
    question = form.question()
    shaper = Shaper(ALL, question.formula, _linker(question.params()))
    rows = live_rows(question.ground(), question.days, question.by, shaper)
    name = f"{_('Figures')}-{question.by.key}-{question.days.first}-{question.days.last}"
    return file_of(request, name, rows, shaper, "cases.spellfact")


def period_file(request, period: ScorePeriod) -> FileResponse:
    """The lines of a period, with every indicator, as a file."""
    formula = ScoreFormula.objects.prefetch_related("weights").get(pk=period.formula_id)
    shaper = Shaper(ALL, formula, _linker({"period": str(period.pk)}))
    lines = ScoreLine.objects.visible_to(request.user).filter(period=period).current().ranked()
    return file_of(request, f"{_('Figures')}-{period.first}-{period.last}", line_rows(lines, shaper), shaper,
                   "cases.scoreline")  # fmt: skip
