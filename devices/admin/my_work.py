"""What staff must do about alarms, for the first page."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from devices.admin.looks import TONES
from devices.models import Alarm
from devices.querysets import ACKNOWLEDGES
from devices.workflow import AlarmState
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.models import Role
from governance.scoping import visible_q

NOT_STAFF = {Role.SYSTEM, Role.RESIDENT}


def row_of(alarm: Alarm) -> WorkRow:
    """Show an alarm as a thing to take notice of."""
    return WorkRow(
        url=reverse("admin:devices_alarm_change", args=[alarm.pk]),
        title=alarm.device.code,
        text=f"{alarm.label} · {alarm.device.name}",
        place=f"{alarm.area} · {alarm.device.address}",
        badge=alarm.get_severity_display(),
        tone=TONES[alarm.severity],
        note=alarm.case.number if alarm.case else "",
    )


@provides_work
def alarm_work(user) -> list[WorkList]:
    """Active alarms that nobody has acknowledged and this person may; what is held back asks nobody."""
    found = visible_q({role: relation for role, relation in ACKNOWLEDGES.items() if role not in NOT_STAFF}, user)
    if found is None:
        return []
    rows = (
        Alarm.objects.filter(found, state=AlarmState.UNACKNOWLEDGED, inhibited="").active().with_rows().order_by("-id")
    )
    url = f"{reverse('admin:devices_alarm_changelist')}?{urlencode({'condition': 'waiting'})}"
    return [
        work_list("alarm-acknowledge", _("Alarms to acknowledge"), rows, row_of, url,
                  lead=_("A device reports something: look at it and acknowledge."), order=8, urgent=True)
    ]  # fmt: skip
