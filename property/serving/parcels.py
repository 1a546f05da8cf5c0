"""Parcels taken in for households: received, told, collected with the code, overdue after some days."""

import hmac
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Invalid, NotPermitted
from governance.models import Dwelling, Residency, User
from governance.notices import notify_if_kept
from governance.scoping import grant_for
from governance.timers import cancel_timer, fires, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import Parcel, ParcelState
from property.serving.contracts import contract_of
from property.serving.querysets import COMPANY

KEPT_FOR = timedelta(days=3)  # how long a parcel may lie before it counts as overdue [J]
OVERDUE = "property.parcel_overdue"
TEMPLATE, TEMPLATE_OVERDUE = "parcel_received", "parcel_overdue"
LENGTHS = {"carrier": 30, "tracking": 8, "shelf": 20}


def timer_key(parcel: Parcel) -> str:
    """Return the key of the timer that makes a parcel overdue."""
    return f"parcel:{parcel.pk}:overdue"


def told(parcel: Parcel) -> dict:
    """Return what events say of a parcel; not whose it is."""
    return {"parcel": parcel.pk, "estate": parcel.estate.code}


def parcel_receive(*, actor: User, dwelling: Dwelling, carrier: str, tracking: str, shelf: str = "",
                   occurred_at: datetime | None = None) -> Parcel:  # fmt: skip
    """Take a parcel in for a dwelling; a household with an account knows at once.

    Raises NotPermitted for people of another company than that which looks after the estate by contract, Invalid by
    field.
    """
    at = occurred_at or timezone.now()
    given = {"carrier": carrier.strip(), "tracking": tracking.strip()[-LENGTHS["tracking"] :], "shelf": shelf.strip()}
    for name in ("carrier", "tracking"):
        if not given[name]:
            raise Invalid(_("A value is needed here."), field=name, code="required")
    for name, most in LENGTHS.items():
        if len(given[name]) > most:
            raise Invalid(_("At most %(most)s characters.") % {"most": most}, field=name, code="max_length")
    contract = contract_of(dwelling.building.estate)
    with atomically():
        parcel = Parcel(dwelling=dwelling, estate=dwelling.building.estate, area=dwelling.area,
                        company=contract and contract.company, received_by=actor, received_at=at, **given)  # fmt: skip
        grant = grant_for(COMPANY, parcel, actor) if contract else None
        if grant is None:
            raise NotPermitted(_("Parcels are taken in by the company that looks after the estate."))
        parcel.save(force_insert=True)
        payload = told(parcel) | {"to": parcel.state}
        events.record("parcel.received", parcel, actor=actor, grant=grant, payload=payload, occurred_at=at)
        set_timer(timer_key(parcel), OVERDUE, subject_id=parcel.pk, due_at=at + KEPT_FOR)
        return _tell(parcel, at)


def _household_told(parcel: Parcel, template: str) -> bool:
    """Tell those who live there and have an account; False where nobody has. A place without the template is silent."""
    people = User.objects.filter(
        pk__in=Residency.objects.current().filter(dwelling=parcel.dwelling).values("user"), is_active=True
    )
    notify_if_kept(people, template, subject=parcel)
    return bool(people)


def _tell(parcel: Parcel, at: datetime) -> Parcel:
    """Tell those of the household who have an account; without one somebody has to call."""
    if not _household_told(parcel, TEMPLATE):
        return parcel
    system = User.objects.system("notices")
    return perform(parcel, "notify", actor=system, notified_at=at, occurred_at=at, payload=told(parcel))[0]


@carries_out("property.parcel", "notify")
def parcel_notify(parcel: Parcel, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                  photos=()) -> Parcel:  # fmt: skip
    """Note that somebody told the household."""
    at = occurred_at or timezone.now()
    return perform(parcel, "notify", actor=actor, version=version, reason=reason, occurred_at=at, notified_at=at,
                   payload=told(parcel))[0]  # fmt: skip


@carries_out("property.parcel", "collect")
def parcel_collect(parcel: Parcel, *, actor: User, code: str, version=None, reason="",
                   occurred_at: datetime | None = None, photos=()) -> Parcel:  # fmt: skip
    """Hand a parcel out to who says its code. Raises Invalid for another code."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh, _event = perform(parcel, "collect", actor=actor, version=version, reason=reason, occurred_at=at,
                                collected_at=at, payload=told(parcel))  # fmt: skip
        if not hmac.compare_digest(fresh.code.encode(), code.strip().encode()):
            raise Invalid(_("This is not the code of the parcel."), field="code", code="wrong_code")
        cancel_timer(timer_key(fresh))
    return fresh


@carries_out("property.parcel", "send_back")
def parcel_send_back(parcel: Parcel, *, actor: User, version=None, reason="", occurred_at=None, photos=()) -> Parcel:
    """Give a parcel back to its carrier."""
    return perform(parcel, "send_back", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                   payload=told(parcel))[0]  # fmt: skip


@fires(OVERDUE)
def parcel_overdue(timer) -> None:
    """Mark a parcel nobody came for as overdue, and tell the household."""
    parcel = Parcel.objects.lock(timer.subject_id)
    if parcel.state in (ParcelState.RECEIVED, ParcelState.NOTIFIED):
        system = User.objects.system("timers")
        late = perform(parcel, "lapse", actor=system, occurred_at=timer.due_at, payload=told(parcel))[0]
        _household_told(late, TEMPLATE_OVERDUE)
