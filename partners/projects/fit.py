"""Which partners fit a project, and which projects fit a partner: by rule, each with its reasons, always the same.

Needed: an active partner of the community, of a kind the project is for, of its profession, with the qualification in
force on all its days. Its calendar is looked at in addition: other projects, dates of offers, bookings at that time.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.clock import SHANGHAI
from governance.models import Booking
from partners.models import (
    Claim,
    Clash,
    Offer,
    OfferKind,
    OfferSlot,
    Partner,
    Project,
    ProjectTask,
    Qualification,
)

DAY = timedelta(days=1)
MOST_SUGGESTED = 30
# What counts in the order of suggestions [J]: points per reason; each past project at most thrice.
FITS_PROFESSION, OFFERS, FREE, PAST, MOST_PAST = 40, 20, 20, 10, 3
Span = tuple[datetime, datetime]


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


def spans_of(project: Project) -> list[Span]:
    """Return when a project takes a partner's time: its dated tasks, or all its days where it has none."""
    rows = ProjectTask.objects.filter(project=project, starts_at__isnull=False)
    found = list(rows.order_by("starts_at").values_list("starts_at", "ends_at"))
    if found:
        return found
    first = datetime.combine(project.starts_on, time(0), SHANGHAI)
    return [(first, datetime.combine(project.ends_on + DAY, time(0), SHANGHAI))]


def _touches(spans: list[Span], starts: str, ends: str) -> Q:
    found = Q(pk__in=[])
    for first, last in spans:
        found |= Q(**{f"{starts}__lt": last, f"{ends}__gt": first})
    return found


def busy_count(partner: Partner, project: Project, spans: list[Span]) -> int:
    """Return how many other things a partner has at those times: tasks of projects, dates of offers, bookings."""
    others = Claim.objects.filter(partner=partner, state="awarded").exclude(project=project)
    tasks = ProjectTask.objects.filter(project__in=others.values("project_id"))
    slots = OfferSlot.objects.filter(partner=partner, state="planned")
    mine = Q(booked_by=partner.person_id) if partner.person_id else Q(unit=partner.unit_id)
    bookings = Booking.objects.filter(mine, state="booked")
    touching = Q(pk__in=[])
    for first, last in spans:
        touching |= Q(period__overlap=(first, last))
    return (
        tasks.filter(_touches(spans, "starts_at", "ends_at")).count()
        + slots.filter(_touches(spans, "starts_at", "ends_at")).count()
        + bookings.filter(touching).count()
    )


def fit_of(partner: Partner, project: Project, spans: list[Span] | None = None) -> Fit:
    """Return how a partner and a project fit, with every reason."""
    spans = spans_of(project) if spans is None else spans
    reasons = [*_standing(partner, project), *_papers(partner, project)]
    busy = busy_count(partner, project, spans)
    reasons.append(_calendar(project, busy))
    score = FREE if not busy else 0
    if project.profession_id and partner.profession_id == project.profession_id:
        score += FITS_PROFESSION
    offers = Offer.objects.on_view().filter(partner=partner, kind__in=[OfferKind.SERVICE, OfferKind.HOURS]).count()
    if offers:
        reasons.append(Reason("offers", _("offers services or hours: %(count)s") % {"count": offers}, True))
        score += OFFERS
    past = Claim.objects.filter(partner=partner, state="delivered", project__state="closed").count()
    if past:
        reasons.append(Reason("past", _("projects brought to an end: %(count)s") % {"count": past}, True))
        score += PAST * min(past, MOST_PAST)
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


def _papers(partner: Partner, project: Project) -> list[Reason]:
    if not project.qualification_id:
        return []
    held = Qualification.objects.filter(partner=partner, kind=project.qualification_id).in_force(project.starts_on)
    ok = held.in_force(project.ends_on).exists()
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
    spans = spans_of(project)
    found = [fit_of(partner, project, spans) for partner in rows[:200]]
    return sorted((fit for fit in found if fit.fits), key=lambda fit: (-fit.score, fit.partner.pk))[:MOST_SUGGESTED]


def projects_for(partner: Partner) -> list[Fit]:
    """Return projects open to be claimed that fit a partner and that it has no claim on, the best first."""
    claimed = Claim.objects.filter(partner=partner).values("project_id")
    rows = Project.objects.filter(area=partner.area_id, state="claiming").exclude(pk__in=claimed).with_rows()
    found = [fit_of(partner, project) for project in rows.order_by("pk")[:100]]
    return sorted((fit for fit in found if fit.fits), key=lambda fit: (-fit.score, fit.project.pk))[:MOST_SUGGESTED]


__all__ = ["Fit", "Reason", "busy_count", "fit_of", "partners_for", "projects_for", "spans_of"]
