"""``/m/alarms/``: the alarms of one's own places on the phone; one of them, and what the person may do about it."""

import re

from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case
from cases.pages.mobile.access import phone_page
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ASKED, PhoneButton, TaskCard, phone_buttons, phone_tasks
from cases.pages.mobile.texts import phone_texts
from devices.admin.looks import TONES, amount, figure
from devices.alarm_trail import trail_of
from devices.models import Alarm, Condition, Device
from devices.querysets import ACKNOWLEDGES, LOOKS_ON_SITE
from devices.shelving import shelved_until
from devices.workflow import AlarmState, awaits_a_look, nobody_else_looks
from governance.scoping import roles_of
from governance.workflow import available

PAGE = 20
# Where a page begins: after a row that is not over (its rank and id), or one that is (its id).
AFTER = re.compile(r"(?P<rank>[0-2])-(?P<pk>[0-9]{1,18})|over-(?P<over>[0-9]{1,18})", re.ASCII)


@phone_tasks
def alarms_to_look_at(user) -> list[TaskCard]:
    """Latched alarms that wait for the person's look: normal again, and no open case brings anybody there."""
    if not roles_of(user) & set(LOOKS_ON_SITE):
        return []
    rows = Alarm.objects.visible_to(user).awaiting_a_look(user).pressing_first().select_related("device__profile")
    return [
        TaskCard(
            group=_("Alarms that wait for a look"),
            title=alarm.label,
            url=reverse("phone_devices:alarm", args=[alarm.pk]),
            text=f"{alarm.device.code} {alarm.device.name}",
            place=alarm.device.address,
            badge=alarm.get_severity_display(),
            tone=TONES[alarm.severity],
            order=27,
        )
        for alarm in rows.prefetch_related("device__profile__statuses")[:ASKED]
    ]


@phone_buttons
def alarms_button(user) -> list[PhoneButton]:
    """The list of alarms, for who may do something about some."""
    may = roles_of(user) & set(ACKNOWLEDGES)
    return [PhoneButton(_("Alarms of devices"), reverse("phone_devices:alarms"), order=30)] if may else []


@phone_page
@require_safe
def alarms(request):
    """The alarms the person may see, page by page: what is not over first, the severest on top, then the past.

    Those that a lost gateway stands for are left out, as in the console's figures: its case is one task, not a hundred.
    """
    rows, following = _page_of(request.user, request.GET.get("after"))
    context = {
        "rows": [(alarm, TONES[alarm.severity] if alarm.active else "grey", *_badge(alarm)) for alarm in rows],
        "first": "after" not in request.GET, "next": following, "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "devices/mobile/alarms.html", context)


def _page_of(user, after: str | None) -> tuple[list[Alarm], str | None]:
    """Return the alarms of the page that begins after a place, and where the next one does. Raises Http404."""
    place = AFTER.fullmatch(after) if after is not None else None
    if after is not None and place is None:
        raise Http404
    seen, found = Alarm.objects.visible_to(user).presented().with_rows(), []
    over = seen.exclude(cleared_at=None).order_by("-pk")
    if place is not None and place["over"]:
        over = over.filter(pk__lt=place["over"])
    else:
        pressing = seen.active().pressing_first()
        if place is not None:
            pressing = pressing.filter(Q(rank=place["rank"], pk__lt=place["pk"]) | Q(rank__gt=place["rank"]))
        found = list(pressing[: PAGE + 1])
    if len(found) <= PAGE:
        found += over[: PAGE + 1 - len(found)]
    return found[:PAGE], _place_of(found[PAGE - 1]) if len(found) > PAGE else None


def _place_of(alarm: Alarm) -> str:
    return f"{alarm.rank}-{alarm.pk}" if alarm.active else f"over-{alarm.pk}"


def _badge(alarm: Alarm) -> tuple[str, str]:
    """Return where an alarm stands, in words and a colour."""
    if not alarm.active:
        return _("Over"), "grey"
    if alarm.inhibited:
        return alarm.get_inhibited_display(), "violet"
    if alarm.condition == Condition.AWAITING:
        return alarm.get_condition_display(), "amber"
    return alarm.get_state_display(), "grey" if alarm.state == AlarmState.ACKNOWLEDGED else "red"


def _alarm_of(request, pk) -> Alarm:
    found = Alarm.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@phone_page
@require_safe
def alarm(request, pk):
    """The alarm: what, where, since when, what is known now, its case, and what the person may do."""
    found, user = _alarm_of(request, pk), request.user
    device = found.device
    context = {
        "alarm": found,
        "tone": TONES[found.severity],
        "badge": _badge(found),
        "measured": _measured(found),
        "latest": [(row, *figure(device.profile, row.metric, row.value, row.text))
                   for row in device.latest.order_by("metric")],
        "sees_device": Device.objects.visible_to(user).filter(pk=device.pk).exists(),
        "sees_case": found.case is not None and Case.objects.visible_to(user).filter(pk=found.case_id).exists(),
        "case_brings_look": awaits_a_look(found) and not nobody_else_looks(found),
        "shelved_until": shelved_until(found),
        "steps": available(found, user),
        "trail": trail_of(found),
        "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "devices/mobile/alarm.html", context)


def _measured(alarm: Alarm) -> tuple[str, str] | None:
    """Return label and figure of the metric at raising, where a figure raised it."""
    if alarm.value is None:
        return None
    metrics = alarm.device.profile.metrics.all()
    metric = next((metric for metric in metrics if metric.alarm == alarm.alarm_type), None)
    return (metric.label, amount(metric, alarm.value)) if metric else ("", f"{alarm.value:g}")


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def alarm_step(request, pk, name):
    """One transition of an alarm: the console's."""
    found = _alarm_of(request, pk)
    return step_page(request, found, name, reverse("phone_devices:alarm", args=[found.pk]))
