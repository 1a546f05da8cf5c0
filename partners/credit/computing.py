"""Computing a partner's file of a year: on demand and by the nightly job, any number of times, with one effect."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import record
from governance.models import User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from partners.credit.facts import facts_of
from partners.credit.formulas import formula_needed, formula_on, level_for
from partners.credit.querysets import ACTS, RUNS, SYSTEM
from partners.credit.reckoning import Line, Reckoned, Weight, reckon
from partners.earning.deciding import partner_lock
from partners.models import CreditComputation, CreditFormula, CreditLine, CreditNote, CreditProfile, Partner
from partners.models.credit import FIRST_YEAR
from partners.recruiting.acting import clock

COMPUTES = RUNS | ACTS | SYSTEM
# A fact of these lines is no reason to raise while a note about the same evidence counts.
KEPT_LINES = ("activities", "punctuality")


@dataclass
class Gathered:
    """What a file counts by line: figures, facts as they are kept, and the notes that lower."""

    figures: dict[str, list[Decimal]] = field(default_factory=dict)
    facts: dict[str, list[dict]] = field(default_factory=dict)
    notes: dict[str, list[CreditNote]] = field(default_factory=dict)

    def add(self, line: str, figure: Decimal, told: dict) -> None:
        self.figures.setdefault(line, []).append(figure)
        self.facts.setdefault(line, []).append(told | {"figure": f"{figure.normalize():f}"})


def year_days(year: int, today: date) -> tuple[date, date]:
    """Return the first day of a year and its last one so far. Raises Invalid for a year that has not begun."""
    if isinstance(year, bool) or not isinstance(year, int) or not FIRST_YEAR <= year <= today.year:
        raise Invalid(_("A year up to this one is needed."), field="year", code="out_of_range")
    return date(year, 1, 1), min(today, date(year, 12, 31))


def gathered(partner: Partner, first: date, last: date, at: datetime) -> Gathered:
    """Return the facts of days that count at a moment: of what lowers only notes that the partner was told of."""
    found = Gathered()
    notes = CreditNote.objects.counting(at).filter(partner=partner, happened_on__range=(first, last))
    lowered = set()
    for note in notes.order_by("happened_on", "pk"):
        told = {"what": note.what, "when": f"{note.happened_on}", "source": note.source, "note": note.pk,
                "evidence_type": note.evidence_type, "evidence_id": note.evidence_id}  # fmt: skip
        found.add(note.line, note.figure, told)
        found.notes.setdefault(note.line, []).append(note)
        lowered.add((note.evidence_type, note.evidence_id))
    for source, fact in facts_of(partner, first, last):
        if fact.lowers or (fact.line in KEPT_LINES and fact.evidence in lowered):
            continue
        told = {"what": fact.what, "when": f"{fact.when}", "source": source, "evidence_type": fact.evidence[0],
                "evidence_id": fact.evidence[1]}  # fmt: skip
        found.add(fact.line, fact.figure, told)
    return found


def weights_of(formula: CreditFormula) -> list[Weight]:
    """Return the lines of a formula in their order."""
    return [Weight(row.line, row.weight, row.cap) for row in formula.weights.all()]


def reckoned(formula: CreditFormula, found: Gathered) -> Reckoned:
    """Return the score of what was gathered."""
    return reckon(formula.base, (formula.floor, formula.ceiling), weights_of(formula), found.figures)


def profile_compute(partner: Partner, year: int, *, actor: User, occurred_at: datetime | None = None) -> CreditProfile:
    """Compute the file of a year; where nothing differs from the computation that holds, nothing is written.

    Raises NotPermitted, Invalid (year), Conflict (never a partner, ``no_formula``).
    """
    at = occurred_at or timezone.now()
    first, last = year_days(year, timezone.localdate(at))
    with atomically():
        locked = partner_lock(partner)
        grant = grant_for(COMPUTES, CreditProfile(partner=locked, area=locked.area), actor)
        if grant is None:
            raise NotPermitted(_("You may not compute this credit file."))
        if locked.active_from is None or locked.active_from > last:
            raise Conflict(_("This was no partner then."), code="inactive")
        formula = formula_needed(locked.area, last)
        profile, _made = CreditProfile.objects.get_or_create(
            partner=locked, year=year, defaults={"area": locked.area}
        )  # fmt: skip
        return _computed(profile, formula, gathered(locked, first, last, at), (last, at), actor, grant)


def _computed(profile: CreditProfile, formula: CreditFormula, found: Gathered, when: tuple[date, datetime],
              actor: User, grant: Grant) -> CreditProfile:  # fmt: skip
    result = reckoned(formula, found)
    digest = _digest(formula, result, found)
    before = profile.current
    if before is not None and before.digest == digest:
        return profile
    level = level_for(formula, result.score)
    made = CreditComputation.objects.create(
        profile=profile, partner_id=profile.partner_id, area_id=profile.area_id, formula=formula, until=when[0],
        number=before.number + 1 if before else 1, raw=result.raw, score=result.score, level=level.code,
        level_name=level.name, meaning=level.meaning, digest=digest, computed_at=when[1],
    )  # fmt: skip
    _lines_keep(made, result.lines, found)
    profile.current, profile.score, profile.level, profile.level_name = made, made.score, level.code, level.name
    profile.save(update_fields=["current", "score", "level", "level_name"])
    payload = {"partner": profile.partner_id, "year": profile.year, "number": made.number, "score": f"{made.score}",
               "level": level.code, "formula": formula.code}  # fmt: skip
    record("credit_profile.computed", profile, actor=actor, grant=grant, payload=payload, occurred_at=when[1])
    return profile


def _lines_keep(made: CreditComputation, lines: Sequence[Line], found: Gathered) -> None:
    for line in lines:
        row = CreditLine.objects.create(
            computation=made, line=line.line, figure=line.figure, weight=line.weight, cap=line.cap, value=line.value,
            facts=found.facts.get(line.line, []),
        )  # fmt: skip
        if notes := found.notes.get(line.line):
            row.notes.add(*notes)


def _digest(formula: CreditFormula, result: Reckoned, found: Gathered) -> str:
    """What tells computations apart: everything but words, which are in the language of who computes."""
    lines = [
        [line.line, f"{line.value}", [{**fact, "what": ""} for fact in found.facts.get(line.line, [])]]
        for line in result.lines
    ]
    told = json.dumps([formula.pk, f"{result.score}", lines], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def partner_recompute(partner: Partner, year: int) -> None:
    """Compute a file anew after one of its facts changed, if it was computed before and a formula holds."""
    last = year_days(year, timezone.localdate())[1]
    if CreditProfile.objects.filter(partner=partner, year=year).exists() and formula_on(partner.area, last):
        profile_compute(partner, year, actor=clock())
