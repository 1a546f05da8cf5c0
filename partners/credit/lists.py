"""Lists of candidates: drawn up from files at a date, decided on one by one by people, published.

Nothing is decided by a score: whoever is on a list is chosen or not by a person with a reason, and a partner of a lower
level may be put on it by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import record
from governance.models import Area, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.credit.computing import year_days
from partners.credit.querysets import RUNS
from partners.credit.workflow import CandidateState, ListState
from partners.earning.checks import text_checked
from partners.earning.deciding import refuse_own
from partners.earning.settling import day_span
from partners.models import CreditCandidate, CreditComputation, CreditKey, CreditList, CreditPurpose, Partner
from partners.models.partner import PartnerKind

LIST, CANDIDATE = "partners.creditlist", "partners.creditcandidate"
MOST_CANDIDATES = 500
STANDING = ("active",)


@dataclass(frozen=True)
class Criteria:
    """Who is looked for; empty: anybody."""

    levels: Sequence[str] = ()
    kinds: Sequence[str] = ()
    least_score: Decimal = Decimal(0)
    least_points: int = 0
    least_activities: int = 0

    def checked(self) -> "Criteria":
        """Return itself. Raises Invalid naming a field."""
        if unknown := set(self.kinds) - set(PartnerKind.values):
            raise Invalid(_("There is no “%(code)s”.") % {"code": sorted(unknown)[0]}, field="kinds")
        if any(not 1 <= len(level) <= 10 for level in self.levels) or len(self.levels) > 20:
            raise Invalid(_("There is no such level."), field="levels", code="invalid")
        if not self.least_score.is_finite() or not 0 <= self.least_score <= 1000:
            raise Invalid(_("A score from 0 to 1000 is needed."), field="least_score", code="out_of_range")
        for name in ("least_points", "least_activities"):
            if not 0 <= getattr(self, name) <= 1_000_000:
                raise Invalid(_("A whole number from 0 to 1,000,000 is needed."), field=name, code="out_of_range")
        return self


@dataclass(frozen=True)
class Standing:
    """A file at a date, with the figures that lists ask for."""

    computation: CreditComputation
    figures: dict[str, Decimal] = field(default_factory=dict)


def standings(area: Area, year: int, as_of: date) -> list[Standing]:
    """Return the files of active partners under an area as they stood when a day was over, best first."""
    _begin, end = day_span(as_of, as_of)
    rows = CreditComputation.objects.filter(
        profile__year=year, area__path__startswith=area.path, computed_at__lt=end, partner__state__in=STANDING
    )  # fmt: skip
    newest = rows.order_by("profile_id", "-number").distinct("profile_id").values("pk")
    found = CreditComputation.objects.filter(pk__in=newest).with_rows().order_by("-score", "partner_id")
    return [Standing(row, {line.line: line.figure for line in row.lines.all()}) for row in found]


def fits(standing: Standing, wanted: Criteria) -> bool:
    """Tell whether a file meets what is looked for."""
    row, figures = standing.computation, standing.figures
    return (
        (not wanted.levels or row.level in wanted.levels)
        and (not wanted.kinds or row.partner.kind in wanted.kinds)
        and row.score >= wanted.least_score
        and figures.get(CreditKey.POINTS, 0) >= wanted.least_points
        and figures.get(CreditKey.ACTIVITIES, 0) >= wanted.least_activities
    )


def reasons_of(standing: Standing) -> list[dict]:
    """Return why a partner is listed, as figures: level, score, and each line of its file that counts."""
    row = standing.computation
    lines = [
        {"what": line.line, "figure": f"{line.figure.normalize():f}", "counts": f"{line.value}"}
        for line in row.lines.all()
        if line.value
    ]
    return [{"what": "level", "figure": row.level_name, "counts": f"{row.score}"}, *lines]


def reason_told(reason: dict) -> str:
    """Return one reason in words."""
    if reason["what"] == "level":
        return _("Level “%(level)s”, score %(score)s") % {"level": reason["figure"], "score": reason["counts"]}
    label = CreditKey(reason["what"]).label
    return _("%(label)s: %(figure)s, counts %(counts)s") % {
        "label": label, "figure": reason["figure"], "counts": reason["counts"],
    }  # fmt: skip


def list_draw(*, actor: User, area: Area, purpose: str, year: int, title: str = "", as_of: date | None = None,
              wanted: Criteria | None = None, occurred_at: datetime | None = None) -> CreditList:  # fmt: skip
    """Draw up a list: the partners of an area whose file of ``year`` at ``as_of`` meets what is looked for.

    Raises NotPermitted, Invalid, Conflict (``open``: there is a list of this year for this purpose).
    """
    at, wanted = occurred_at or timezone.now(), (wanted or Criteria()).checked()
    today = timezone.localdate(at)
    year_days(year, today)
    day = as_of or today
    if not date(year, 1, 1) <= day <= today:
        raise Invalid(_("A day of the year or later, up to today, is needed."), field="as_of", code="out_of_range")
    if purpose not in CreditPurpose.values:
        raise Invalid(_("Choose what the list is for."), field="purpose", code="invalid_choice")
    words = text_checked(title, "title", 80) or f"{year} {CreditPurpose(purpose).label}"
    made = CreditList(
        area=area, purpose=purpose, title=words, year=year, as_of=day, levels=list(wanted.levels),
        kinds=list(wanted.kinds), least_score=wanted.least_score, least_points=wanted.least_points,
        least_activities=wanted.least_activities, drawn_by=actor, drawn_at=at,
    )  # fmt: skip
    grant = grant_for(RUNS, made, actor)
    if grant is None:
        raise NotPermitted(_("Lists are drawn up by the community's staff."))
    with atomically():
        _store_list(made)
        rows = [one for one in standings(area, year, day) if fits(one, wanted)][:MOST_CANDIDATES]
        CreditCandidate.objects.bulk_create(
            CreditCandidate(of_list=made, area_id=one.computation.area_id, partner=one.computation.partner,
                            computation=one.computation, reasons=reasons_of(one))
            for one in rows
        )  # fmt: skip
        payload = {"purpose": purpose, "year": year, "as_of": f"{day}", "candidates": len(rows)}
        record("credit_list.drawn", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return made


def _store_list(made: CreditList) -> None:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("There is such a list of this year already."), code="open") from error


def candidate_add(of_list: CreditList, partner: Partner, *, actor: User, reason: str,
                  occurred_at: datetime | None = None) -> CreditCandidate:  # fmt: skip
    """Put a partner on a list that did not meet what was looked for, with a reason.

    Raises NotPermitted (also for one's own), Invalid, Conflict (not being decided, ``twice``).
    """
    words = text_checked(reason, "reason", 500, needed=True)
    with atomically():
        locked = CreditList.objects.lock(of_list.pk)
        grant = grant_for(RUNS, locked, actor)
        if grant is None:
            raise NotPermitted(_("Lists are drawn up by the community's staff."))
        refuse_own(partner, actor)
        _deciding_check(locked)
        if not partner.area.path.startswith(locked.area.path) or partner.state not in STANDING:
            raise Invalid(_("Only active partners of this area."), field="partner", code="invalid")
        stood = next((one for one in standings(locked.area, locked.year, locked.as_of)
                      if one.computation.partner_id == partner.pk), None)  # fmt: skip
        made = CreditCandidate(of_list=locked, area=partner.area, partner=partner, added=True, added_reason=words)
        if stood is not None:
            made.computation, made.reasons = stood.computation, reasons_of(stood)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(_("This partner is on the list already."), code="twice") from error
        record("credit_candidate.added", made, actor=actor, grant=grant, payload=figures_of(made),
               occurred_at=occurred_at, text=words)  # fmt: skip
    return made


def _deciding_check(row: CreditList) -> None:
    if row.state != ListState.DECIDING:
        text = _("The list's state is “%(state)s”.") % {"state": row.get_state_display()}
        raise Conflict(text, code="conflict")


def figures_of(row: CreditCandidate) -> dict:
    """Return what events tell of a candidate."""
    computation = row.computation
    return {"list": row.of_list_id, "partner": row.partner_id, "computation": row.computation_id,
            "level": computation.level if computation else "", "added": row.added}  # fmt: skip


def _carried(row: CreditCandidate, name: str, *, actor, reason="", occurred_at=None, photos=(), decides=True,
             **given) -> CreditCandidate:  # fmt: skip
    at = occurred_at or timezone.now()
    with atomically():
        locked = CreditList.objects.lock(row.of_list_id)
        if grant_for(RUNS, row, actor) is None:
            raise NotPermitted(_("Lists are drawn up by the community's staff."))
        refuse_own(row.partner, actor)
        _deciding_check(locked)
        more = {}
        if decides:
            words = text_checked(reason, "reason", 500, needed=True)
            more = {"by": actor, "at": at, "decision": words}
        return perform(row, name, actor=actor, reason=reason, occurred_at=at, payload=figures_of(row), **more, **given)[
            0
        ]


@carries_out(CANDIDATE, "choose")
def candidate_choose(row: CreditCandidate, *, actor, **given) -> CreditCandidate:
    """Choose a candidate, with a reason; whatever the level. Raises NotPermitted (own), Conflict, Invalid."""
    return _carried(row, "choose", actor=actor, **given)


@carries_out(CANDIDATE, "pass_over")
def candidate_pass_over(row: CreditCandidate, *, actor, **given) -> CreditCandidate:
    """Do not choose a candidate, with a reason. Raises as ``candidate_choose``."""
    return _carried(row, "pass_over", actor=actor, **given)


@carries_out(CANDIDATE, "reopen")
def candidate_reopen(row: CreditCandidate, *, actor, **given) -> CreditCandidate:
    """Take a decision back before the list is published. Raises as ``candidate_choose``."""
    return _carried(row, "reopen", actor=actor, decides=False, **given)


@carries_out(LIST, "publish")
def list_publish(row: CreditList, *, actor, occurred_at=None, photos=(), **given) -> CreditList:
    """Publish a list whose candidates are all decided on. Raises NotPermitted, Conflict (``undecided``)."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = CreditList.objects.lock(row.pk)
        if grant_for(RUNS, locked, actor) is None:
            raise NotPermitted(_("Lists are drawn up by the community's staff."))
        states = list(locked.candidates.values_list("state", flat=True))
        if not states or CandidateState.PROPOSED in states:
            raise Conflict(_("Decide on every candidate first."), code="undecided")
        payload = {"candidates": len(states), "chosen": states.count(CandidateState.CHOSEN)}
        return perform(locked, "publish", actor=actor, occurred_at=at, at=at, payload=payload, **given)[0]


@carries_out(LIST, "withdraw")
def list_withdraw(row: CreditList, *, actor, photos=(), **given) -> CreditList:
    """Withdraw a list; a new one may be drawn up. Raises NotPermitted, Conflict, Invalid (reason)."""
    return perform(row, "withdraw", actor=actor, payload={"year": row.year, "purpose": row.purpose}, **given)[0]
