"""Early warnings on the first page of those who judge them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from mediation.models import EarlyWarning, WarningState
from mediation.warning.querysets import JUDGES


def row_of(warning: EarlyWarning) -> WorkRow:
    """Show a warning as a thing to do."""
    return WorkRow(
        url=reverse("admin:mediation_earlywarning_change", args=[warning.pk]),
        title=str(warning.type),
        text=_("%(observed)s events, %(expected).1f expected")
        % {"observed": warning.observed, "expected": warning.expected},
        place=str(warning.area),
        badge=warning.get_level_display(),
        tone="red" if warning.level == "orange" else "amber",
        note=f"{warning.first_day:%m-%d} – {warning.last_day:%m-%d}",
    )


@provides_work
def warning_work(user) -> list[WorkList]:
    """The list of warnings nobody has judged."""
    if not roles_of(user) & set(JUDGES):
        return []
    rows = EarlyWarning.objects.filter(visible_q(JUDGES, user), state=WarningState.OPEN).with_rows()
    url = f"{reverse('admin:mediation_earlywarning_changelist')}?state__exact={WarningState.OPEN}"
    return [
        work_list(
            "early-warnings", _("Early warnings to look into"), rows.order_by("-recurrence_days", "-id"), row_of, url,
            lead=_("More than usual of one type at one place: look there, then say what it was."), order=14,
            urgent=True,
        )
    ]  # fmt: skip
