"""A shift on one day, planned by who leads or manages the team."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Building, User
from governance.scoping import grant_for
from governance.transactions import atomically
from property.models import StewardPlan, StewardShift, StewardTeam
from property.stewards.scope import MANAGES
from property.stewards.shifts import shifts_make

# How far ahead a shift is planned [J].
LATEST = timedelta(days=366)


def shift_plan(*, actor: User, team: StewardTeam, name: str, day: date, starts: time, ends: time, wanted: int = 1,
               building: Building | None = None, place: str = "",
               at: datetime | None = None) -> StewardShift:  # fmt: skip
    """Plan a shift on one day and return it; the plan keeps the day, so that it is found among the plans.

    Raises NotPermitted for who neither leads nor manages the team; Invalid naming the field; Conflict where the team
    is out of use, or the time of the shift is over.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    if not today <= day <= today + LATEST:
        raise Invalid(_("A shift is planned for a day of the coming year."), field="day", code="out_of_range")
    with atomically():
        rows = StewardTeam.objects.select_for_update(of=("self",)).select_related("area", "estate")
        team = rows.get(pk=team.pk)
        number = StewardPlan.objects.filter(team=team).count() + 1
        plan = StewardPlan(
            code=f"t{team.pk}-{day:%Y%m%d}-{number}", team=team, name=name.strip(), day=day, starts=starts,
            ends=ends, wanted=wanted, building=building, place=place.strip(), valid_from=day, valid_to=day,
        )  # fmt: skip
        grant = grant_for(MANAGES, plan, actor)
        if grant is None:
            raise NotPermitted(_("You do not lead this team."))
        if not team.is_active:
            raise Conflict(_("This team is no longer in use."), code="inactive")
        _judge(plan)
        plan.save(force_insert=True)
        payload = {"team": team.code, "plan": plan.code, "date": f"{day}"}
        events.record("steward.day_planned", plan, actor=actor, grant=grant, payload=payload, occurred_at=at)
        if not shifts_make(day, day, now=at, plans=[plan]):
            raise Conflict(_("The time of this shift is over."), code="too_late")
    return plan.shifts.select_related("team", "area", "plan").get()


def _judge(plan: StewardPlan) -> None:
    try:
        plan.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
