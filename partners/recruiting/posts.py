"""Who acts for a partner organisation: appointments with the role partner in its unit, for its community."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Appointment, Role, User
from governance.scoping import forget_grants
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import Partner
from partners.recruiting.acting import PARTNER, carry, day_of, granted
from partners.recruiting.querysets import RUNS

DAY = timedelta(days=1)


def posts_of(partner: Partner):
    """Return the appointments in force of those who act for an organisation."""
    rows = Appointment.objects.in_force().filter(unit=partner.unit_id, area=partner.area_id, role=Role.PARTNER)
    return rows.select_related("user").order_by("pk")


def appoint(partner: Partner, person: User, today: date) -> Appointment:
    """Let a person act for the unit of a partner from ``today`` on; nothing changes where they do already."""
    key = {"user": person, "unit": partner.unit, "role": Role.PARTNER, "area": partner.area}
    held = Appointment.objects.in_force(today).filter(**key).first()
    if held is None:
        held, _made = Appointment.objects.update_or_create(**key, valid_from=today, defaults={"valid_to": None})
    forget_grants(person)
    return held


def posts_end(partner: Partner, today: date, person: User | None = None) -> int:
    """End the appointments of one person, or of all who act for a partner; returns how many.

    The last day is yesterday, so that nobody acts any more; of one that began today, today.
    """
    rows = Appointment.objects.filter(unit=partner.unit_id, area=partner.area_id, role=Role.PARTNER)
    rows = rows.in_force(today) if person is None else rows.in_force(today).filter(user=person)
    for row in rows.select_related("user"):
        row.valid_to = max(row.valid_from, today - DAY)
        row.save(update_fields=["valid_to"])
        forget_grants(row.user)
    return len(rows)


@carries_out(PARTNER, "add_person")
def partner_add_person(partner: Partner, *, actor: User, person: User, occurred_at: datetime | None = None,
                       **given) -> Partner:  # fmt: skip
    """Let one more person act for an organisation, and use its points: another one than who decides it.

    Raises Invalid naming ``person``, Conflict (``own``); as ``perform``.
    """
    at, today = day_of(occurred_at)
    with atomically():
        granted(RUNS, partner, actor)
        _organisation_check(partner)
        if person.pk == actor.pk:
            raise Conflict(_("Somebody else lets you act for a partner."), code="own")
        if person.is_system or not person.is_active:
            raise Invalid(_("Only people act for a partner."), field="person", code="invalid")
        fresh = carry(partner, "add_person", actor=actor, occurred_at=at, payload={"person": person.pk}, **given)
        appoint(fresh, person, today)
    return fresh


@carries_out(PARTNER, "drop_person")
def partner_drop_person(partner: Partner, *, actor: User, person: User, occurred_at: datetime | None = None,
                        **given) -> Partner:  # fmt: skip
    """End that a person acts for an organisation. Raises Invalid naming ``person``, Conflict for the last one."""
    at, today = day_of(occurred_at)
    with atomically():
        _organisation_check(partner)
        fresh = carry(partner, "drop_person", actor=actor, occurred_at=at, payload={"person": person.pk}, **given)
        people = set(posts_of(fresh).values_list("user_id", flat=True))
        if person.pk not in people:
            raise Invalid(_("This person does not act for the partner."), field="person", code="invalid")
        if people == {person.pk}:
            raise Conflict(_("Somebody must act for the partner: add another person first."), code="last")
        posts_end(fresh, today, person)
    return fresh


def _organisation_check(partner: Partner) -> None:
    if not partner.is_organisation:
        raise Conflict(_("A person acts for themself."), code="person")
