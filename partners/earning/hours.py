"""The book of volunteered hours and certificates from it: truthful, free of charge, apart from points.

志愿服务条例 19-21: what was done is kept truthfully, a certificate is issued on request, free of charge, and nobody
makes one up.
"""

from datetime import date, datetime

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import record
from governance.models import Area, OrgUnit, Role, User
from governance.models.organisation import UnitKind
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.earning.numbers import number_next
from partners.earning.querysets import OWN, RUNS, SYSTEM
from partners.models import HoursCertificate, ServiceRecord, VolunteerHours

CERTIFICATE = "partners.hourscertificate"
DAY = 24 * 60
ISSUES = OWN | RUNS


def hours_count(row: ServiceRecord, *, actor, occurred_at: datetime | None = None) -> VolunteerHours | None:
    """Write the hours of an approved record into the book; None where there are none to count.

    Call it in the transaction of the approval. Raises Conflict when the person's day would have more than 24 hours.
    """
    if not row.kind.counts_hours or row.hours is None or row.person_id is None:
        return None
    User.objects.select_for_update(no_key=True).get(pk=row.person_id)
    day, minutes = timezone.localdate(row.performed_at), int(row.hours * 60)
    if VolunteerHours.objects.filter(person=row.person_id, day=day).minutes_sum() + minutes > DAY:
        raise Conflict(_("No day has more than 24 hours: look at this person's other records."), code="too_many")
    line = VolunteerHours.objects.create(
        person_id=row.person_id, area_id=row.area_id, record=row, day=day, minutes=minutes,
        counted_at=occurred_at or timezone.now(),
    )  # fmt: skip
    _tell("volunteer_hours.counted", line, actor, occurred_at)
    return line


def hours_take_back(row: ServiceRecord, *, actor, occurred_at: datetime | None = None) -> VolunteerHours | None:
    """Reverse the line of a record by another one; certificates that name it are revoked.

    The person is locked first, as who issues a certificate does: none is issued from the line meanwhile.
    """
    if row.person_id is None:
        return None
    User.objects.select_for_update(no_key=True).get(pk=row.person_id)
    first = VolunteerHours.objects.filter(record=row, reverses__isnull=True, reversed_by__isnull=True).first()
    if first is None:
        return None
    line = VolunteerHours.objects.create(
        person_id=first.person_id, area_id=first.area_id, record=row, day=first.day, minutes=-first.minutes,
        reverses=first, counted_at=occurred_at or timezone.now(),
    )  # fmt: skip
    _tell("volunteer_hours.reversed", line, actor, occurred_at)
    within = HoursCertificate.objects.filter(person=first.person_id, area=first.area_id, state="valid")
    for certificate in within.filter(first__lte=first.day, last__gte=first.day, issued_at__gte=first.counted_at):
        why = _("Record %(number)s was reversed.") % {"number": row.number}
        perform(certificate, "revoke", actor=User.objects.system("timers"), reason=why, occurred_at=occurred_at)
    return line


def _tell(name: str, line: VolunteerHours, actor, occurred_at) -> None:
    grant = grant_for(RUNS | SYSTEM, line, actor) or Grant(Role.SYSTEM)
    payload = {"person": line.person_id, "record": line.record_id, "day": f"{line.day}", "minutes": line.minutes}
    record(name, line, actor=actor, grant=grant, payload=payload, occurred_at=occurred_at)


def minutes_by_area(person: User) -> list[dict]:
    """Return the minutes a person volunteered in each community: ``area``, ``name``, ``minutes``."""
    rows = VolunteerHours.objects.filter(person=person).values("area", "area__name")
    return [
        {"area": row["area"], "name": row["area__name"], "minutes": row["sum"]}
        for row in rows.annotate(sum=Sum("minutes")).order_by("area__name")
    ]


def certificate_issue(*, actor: User, person: User, area: Area, first: date, last: date,
                      occurred_at: datetime | None = None) -> HoursCertificate:  # fmt: skip
    """Certify the hours a person volunteered in a community from one day to another: asked for by the person or staff.

    Raises NotPermitted, Invalid (days), Conflict (``empty``: no hours in these days).
    """
    at = occurred_at or timezone.now()
    if last < first:
        raise Invalid(_("The last day lies before the first."), field="last", code="order")
    if last > timezone.localdate(at):
        raise Invalid(_("This lies in the future."), field="last", code="future")
    wanted = HoursCertificate(person=person, area=area)
    grant = grant_for(ISSUES, wanted, actor)
    if grant is None:
        raise NotPermitted(_("A certificate is issued to the person, or by the community's staff."))
    with atomically():
        lines = _lines(person, area, first, last)
        minutes = sum(line["minutes"] for line in lines)
        if not minutes:
            raise Conflict(_("The book has no hours of volunteering in these days."), field="first", code="empty")
        wanted = HoursCertificate(
            person=person, area=area, number=number_next(area, "ZY", timezone.localdate(at).year),
            holder=person.name or person.username, issuer=issuer_of(area), first=first, last=last, minutes=minutes,
            lines=lines, issued_by=actor, issued_at=at,
        )  # fmt: skip
        wanted.save(force_insert=True)
        payload = {"person": person.pk, "minutes": minutes, "first": f"{first}", "last": f"{last}"}
        record("hours_certificate.issued", wanted, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return wanted


def _lines(person: User, area: Area, first: date, last: date) -> list[dict]:
    """Return the lines that stand: reversed ones and what reverses them are left out together."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    rows = VolunteerHours.objects.filter(person=person, area=area, day__range=(first, last))
    rows = rows.filter(Q(reverses__isnull=True, reversed_by__isnull=True)).select_related("record__kind")
    return [
        {"day": f"{row.day}", "kind": row.record.kind.name, "record": row.record.number, "minutes": row.minutes}
        for row in rows.order_by("day", "pk")
    ]


def issuer_of(area: Area) -> str:
    """Return who issues papers in a community: its committee, else the community by its name."""
    kinds = OrgUnit.objects.filter(area=area, kind=UnitKind.COMMUNITY_COMMITTEE, is_active=True)
    unit = kinds.order_by("pk").first()
    return unit.name if unit else area.name


@carries_out(CERTIFICATE, "revoke")
def certificate_revoke(row: HoursCertificate, *, actor, photos=(), **given) -> HoursCertificate:
    """Revoke a certificate, with a reason. Raises NotPermitted (also for the own one), Conflict, Invalid."""
    if actor.pk == row.person_id:
        raise NotPermitted(_("Another person decides on what is yours or what you reported."), code="own")
    return perform(row, "revoke", actor=actor, **given)[0]


def masked(name: str) -> str:
    """Return a name as strangers may read it: all but its last character is a star, 葛明理 → **理."""
    return "*" * (len(name) - 1) + name[-1:] if len(name) > 1 else "*"


def clock_text(minutes: int) -> str:
    """Return minutes as people read them: ``2 h 30 min``."""
    hours, rest = divmod(minutes, 60)
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
