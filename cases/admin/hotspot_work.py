"""Hot-spot signals on the first page of those who decide about them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.hotspots.querysets import ACTS
from cases.models import HotSpotSignal, SignalState
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q


def row_of(signal: HotSpotSignal) -> WorkRow:
    """Show a signal as a thing to do."""
    return WorkRow(
        url=reverse("admin:cases_hotspotsignal_change", args=[signal.pk]),
        title=str(signal.category or _("All cases")),
        text=_("%(observed)s cases, %(expected).1f expected")
        % {"observed": signal.observed, "expected": signal.expected},
        place=str(signal.area),
        badge=signal.get_state_display(),
        tone="red",
        note=f"{signal.first_day:%m-%d} – {signal.last_day:%m-%d}",
    )


@provides_work
def hotspot_work(user) -> list[WorkList]:
    """The list of signals nobody has decided about."""
    if not roles_of(user) & set(ACTS):
        return []
    rows = HotSpotSignal.objects.filter(visible_q(ACTS, user), state=SignalState.NEW).with_rows()
    url = f"{reverse('admin:cases_hotspotsignal_changelist')}?state={SignalState.NEW}"
    return [
        work_list(
            "hotspot-signals", _("Hot spots to look at"), rows.order_by("p_value", "-id"), row_of, url,
            lead=_("More cases than chance explains: open a proactive case, or say why not."), order=15, urgent=True,
        )
    ]  # fmt: skip
