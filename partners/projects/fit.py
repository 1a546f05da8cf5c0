"""Which partners fit a project, and which projects fit a partner: by rule, each with its reasons, always the same.

Needed: an active partner of the community, of a kind the project is for, of its profession, with the qualification in
force on all its days. Its calendar is looked at in addition: other projects, dates of offers, bookings at that time.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from partners.models import Claim, Clash, Partner, Project
from partners.projects.held import Held, Span, held_by, spans_of

MOST_SUGGESTED, MOST_COMPARED = 30, 200
# What counts in the order of suggestions [J]: points per reason; each past project at most thrice.
FITS_PROFESSION, OFFERS, FREE, PAST, MOST_PAST = 40, 20, 20, 10, 3


@dataclass(frozen=True)
class Reason:
    """One reason for or against: ``ok`` fits, ``needed`` refuses a claim where it does not."""

    code: str
    text: str
    ok: bool
    needed: bool = False


@dataclass(frozen=True)
class Fit:
    """How a partner and a project stand to each other."""

    partner: Partner
    project: Project
    reasons: tuple[Reason, ...]
    busy: int
    score: int

    @property
    def fits(self) -> bool:
        """Whether nothing needed is missing."""
        return all(reason.ok for reason in self.reasons if reason.needed)

    @property
    def missing(self) -> Reason | None:
        """The first thing needed that is missing."""
        return next((reason for reason in self.reasons if reason.needed and not reason.ok), None)


def fit_of(partner: Partner, project: Project) -> Fit:
    """Return how a partner and a project fit, with every reason."""
    spans = spans_of([project])[project.pk]
    return _fit(partner, project, spans, held_by([partner], spans)[partner.pk])


def _fit(partner: Partner, project: Project, spans: list[Span], held: Held) -> Fit:
    reasons = [*_standing(partner, project), *_papers(project, held)]
    busy = held.busy(project, spans)
    reasons.append(_calendar(project, busy))
    score = FREE if not busy else 0
    if project.profession_id and partner.profession_id == project.profession_id:
        score += FITS_PROFESSION
    if held.offers:
        text = _("offers services or hours: %(count)s") % {"count": held.offers}
        reasons.append(Reason("offers", text, True))
        score += OFFERS
    if held.past:
        reasons.append(Reason("past", _("projects brought to an end: %(count)s") % {"count": held.past}, True))
        score += PAST * min(held.past, MOST_PAST)
    return Fit(partner, project, tuple(reasons), busy, score)


def _standing(partner: Partner, project: Project) -> list[Reason]:
    here = partner.area_id == project.area_id
    found = [
        Reason("active", _("active partner") if partner.state == "active" else _("not an active partner now"),
               partner.state == "active", True),
        Reason("here", _("partner of this community") if here else _("partner of another community"), here, True),
    ]  # fmt: skip
    if project.partner_kinds:
        ok = partner.kind in project.partner_kinds
        text = _("kind of partner: %(kind)s") % {"kind": partner.get_kind_display()}
        found.append(Reason("kind", text, ok, True))
    if project.profession_id:
        ok = partner.profession_id == project.profession_id
        text = _("works as: %(profession)s") if ok else _("does not work as: %(profession)s")
        found.append(Reason("profession", text % {"profession": project.profession}, ok, True))
    return found


def _papers(project: Project, held: Held) -> list[Reason]:
    if not project.qualification_id:
        return []
    ok = held.holds(project.qualification_id, project.starts_on, project.ends_on)
    text = _("holds on all days: %(kind)s") if ok else _("does not hold on all days: %(kind)s")
    return [Reason("qualification", text % {"kind": project.qualification}, ok, True)]


def _calendar(project: Project, busy: int) -> Reason:
    if not busy:
        return Reason("calendar", _("free at that time"), True)
    text = _("has other dates at that time: %(count)s") % {"count": busy}
    return Reason("calendar", text, False, project.clash == Clash.REFUSE)


def partners_for(project: Project) -> list[Fit]:
    """Return partners that fit a project and have no claim on it, the best first; ties by id."""
    claimed = Claim.objects.filter(project=project).values("partner_id")
    rows = Partner.objects.active().filter(area=project.area_id).exclude(pk__in=claimed).with_rows().order_by("pk")
    if project.partner_kinds:
        rows = rows.filter(kind__in=project.partner_kinds)
    if project.profession_id:
        rows = rows.filter(profession=project.profession_id)
    partners = list(rows[:MOST_COMPARED])
    spans = spans_of([project])[project.pk]
    held = held_by(partners, spans)
    found = [_fit(partner, project, spans, held[partner.pk]) for partner in partners]
    return sorted((fit for fit in found if fit.fits), key=lambda fit: (-fit.score, fit.partner.pk))[:MOST_SUGGESTED]


def projects_for(partners: Collection[Partner]) -> list[Fit]:
    """Return, partner by partner, projects open to be claimed that fit it and that it has no claim on, the best first;
    as many statements for many partners and projects as for one of each."""
    claimed = set(Claim.objects.filter(partner__in=partners).order_by().values_list("partner_id", "project_id"))
    places = {partner.area_id for partner in partners}
    rows = Project.objects.filter(area__in=places, state="claiming").with_rows().order_by("pk")
    projects = list(rows[:MOST_COMPARED])
    spans = spans_of(projects)
    held = held_by(partners, [span for some in spans.values() for span in some])
    found = []
    for partner in partners:
        fits = [
            _fit(partner, project, spans[project.pk], held[partner.pk]) for project in projects
            if project.area_id == partner.area_id and (partner.pk, project.pk) not in claimed
        ]  # fmt: skip
        found += sorted((fit for fit in fits if fit.fits), key=lambda fit: (-fit.score, fit.project.pk))[
            :MOST_SUGGESTED
        ]
    return found
