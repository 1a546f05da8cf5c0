"""Cases as Open311 shows them to anybody.

Public is less than what the holder of a tracking token reads: no words of the reporter or of staff, no photos, no
address as somebody wrote it. A case is told by what it is filed as, where it lies (the names of its areas; the exact
point of a component, which is the city's own thing, and of an event a point within about 100 m), who has it, and when.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseCategory, CategoryKind
from cases.models.catalogue import LimitUnit
from cases.open311.offers import Offer
from cases.open311.rendering import moment
from cases.timeline import HELD_BY_UNIT
from cases.workflow import OPEN
from governance.errors import Invalid
from governance.models import Area, Event

LONGEST_SPAN = timedelta(days=90)
MOST = 1000
# Decimals of the degrees of an event: 0.001° is about 100 m.
COARSE = 3
STATUSES = ("open", "closed")


def public_cases() -> QuerySet[Case]:
    """Cases that anybody may know of: filed under a sub-category in use."""
    rows = Case.objects.filter(category__is_active=True, category__parent__isnull=False)
    columns = (
        "number", "state", "reported_at", "accepted_at", "dispatched_at", "submitted_at", "closed_at", "promised_at",
        "longitude", "latitude", "category__kind", "lead_unit__name", "area__name", "area__path",
        "standard__limit_amount", "standard__limit_unit",
    )  # fmt: skip
    return rows.select_related("category", "lead_unit", "area", "standard").only(*columns)


def requests_between(start: datetime, end: datetime, *, statuses: Collection[str],
                     categories: Collection[CaseCategory] | None) -> list[Case]:  # fmt: skip
    """Return the newest ``MOST`` public cases reported from ``start`` to ``end``."""
    rows = public_cases().filter(reported_at__gte=start, reported_at__lte=end)
    if categories is not None:
        rows = rows.filter(category__in=categories)
    if set(statuses) == {"open"}:
        rows = rows.filter(state__in=OPEN)
    elif set(statuses) == {"closed"}:
        rows = rows.exclude(state__in=OPEN)
    return list(rows.order_by("-reported_at", "-id")[:MOST])


def requests_named(numbers: Collection[str]) -> list[Case]:
    """Return the public cases of these numbers, newest first."""
    return list(public_cases().filter(number__in=numbers).order_by("-reported_at", "-id")[:MOST])


def period(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Return the span to search: the last 90 days, or 90 days from or up to what was given.

    Raises Invalid where the calendar ends within them.
    """
    if start is None and end is None:
        end = timezone.now()
    try:
        start = start or end - LONGEST_SPAN
        end = end or start + LONGEST_SPAN
        return start.astimezone(UTC), end.astimezone(UTC)
    except OverflowError as error:
        name = "start_date" if start else "end_date"
        text = _("%(name)s lies beyond the calendar.") % {"name": name}
        raise Invalid(text, field=name, code="out_of_range") from error


def told(cases: Sequence[Case], known: dict[str, Offer]) -> list[dict]:
    """Return cases as Open311 shows them; two statements for any number of them."""
    codes = {service.category.pk: service for service in known.values()}
    ended, names = _ended(cases), _area_names(cases)
    return [_request(case, codes[case.category_id], ended, names) for case in cases if case.category_id in codes]


def _request(case: Case, service: Offer, ended: dict[int, datetime], names: dict[int, str]) -> dict:
    longitude, latitude = _point(case, service.category)
    lead = case.lead_unit if case.state in HELD_BY_UNIT else None
    return {
        "service_request_id": case.number,
        "status": "open" if case.state in OPEN else "closed",
        "status_notes": case.get_state_display(),
        "service_name": service.category.name,
        "service_code": service.code,
        "description": service.category.name,
        "agency_responsible": lead.name if lead else None,
        "service_notice": limit_of(case.standard),
        "requested_datetime": moment(case.reported_at),
        "updated_datetime": moment(_updated(case, ended)),
        "expected_datetime": moment(case.promised_at),
        "address": _address(case, names),
        "address_id": None,
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": None,
    }


def _point(case: Case, category: CaseCategory) -> tuple[float | None, float | None]:
    if case.longitude is None or category.kind == CategoryKind.COMPONENT:
        return case.longitude, case.latitude
    return round(case.longitude, COARSE), round(case.latitude, COARSE)


def limit_of(standard) -> str | None:
    """Return within which limit a standard has something handled, in words."""
    if standard is None:
        return None
    limit = f"{standard.limit_amount.normalize():f}"
    return _("Handled within %(amount)s %(unit)s.") % {"amount": limit, "unit": LimitUnit(standard.limit_unit).label}


def _updated(case: Case, ended: dict[int, datetime]) -> datetime:
    """When it last moved on; of a case that is over, when it ended."""
    if case.state not in OPEN:
        return case.closed_at or ended.get(case.pk, case.reported_at)
    times = (case.reported_at, case.accepted_at, case.dispatched_at, case.submitted_at)
    return max(at for at in times if at is not None)


def _ended(cases: Sequence[Case]) -> dict[int, datetime]:
    """Return when those cases ended that were never closed: rejected, cancelled."""
    over = [case.pk for case in cases if case.state not in OPEN and case.closed_at is None]
    if not over:
        return {}
    rows = Event.objects.filter(subject_type=Case._meta.label_lower, subject_id__in=over, payload__has_key="to")
    return dict(rows.order_by().values_list("subject_id").annotate(Max("occurred_at")))


def _area_names(cases: Sequence[Case]) -> dict[int, str]:
    ids = {pk for case in cases for pk in case.area.lineage}
    return dict(Area.objects.filter(pk__in=ids).values_list("pk", "name"))


def _address(case: Case, names: dict[int, str]) -> str:
    """From the most specific to the most general, as Open311 has it."""
    return ", ".join(names[pk] for pk in reversed(case.area.lineage) if pk in names)


def request_of_token(token: str) -> Case | None:
    """Return the public case whose tracking token this is."""
    return public_cases().filter(Q(token=token)).first()
