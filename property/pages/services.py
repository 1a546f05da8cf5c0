"""``/m/services/``: what is to be done today by the service list; report it done with a photo, look at it on site."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import phone_page
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ASKED, PhoneButton, TaskCard, phone_buttons, phone_tasks
from cases.pages.mobile.texts import phone_texts
from governance.models import Role
from governance.scoping import roles_of
from governance.workflow import available
from property.models import ServiceRecord
from property.serving.photos import files_of
from property.serving.workflow import CHECKS

MOST_OF_DAY = 200
TONES = {"planned": "violet", "done": "blue", "checked": "green", "missed": "red", "excused": "grey"}


@phone_tasks
def services_of_today(user) -> list[TaskCard]:
    """What the company of a property manager has to do today."""
    if Role.PROPERTY_MANAGER not in roles_of(user):
        return []
    rows = ServiceRecord.objects.to_do(user, timezone.localdate())[:ASKED]
    return [
        TaskCard(
            group=_("Services of today"),
            title=str(row.item),
            url=reverse("phone_property:service", args=[row.pk]),
            text=row.item.standard,
            place=str(row.estate),
            badge=f"{row.item.starts:%H:%M}",
            tone="violet",
            due_at=row.ends_at,
            order=14,
        )
        for row in rows
    ]


@phone_buttons
def services_button(user) -> list[PhoneButton]:
    """The day's services of the estates, for who looks at them on site."""
    if not roles_of(user) & {*CHECKS, Role.PROPERTY_MANAGER}:
        return []
    return [PhoneButton(_("Services of the estates"), reverse("phone_property:services"), order=60)]


@phone_page
@require_safe
def services(request):
    """Everything of today, what is still to be done first."""
    rows = ServiceRecord.objects.visible_to(request.user).filter(date=timezone.localdate()).with_rows()
    found = sorted(rows.order_by("ends_at", "pk")[:MOST_OF_DAY], key=lambda row: row.state != "planned")
    context = {"records": [(row, TONES[row.state]) for row in found], "texts": phone_texts()}
    return render(request, "property/mobile/services.html", context)


def _record_of(request, pk: int) -> ServiceRecord:
    rows = ServiceRecord.objects.visible_to(request.user).with_rows().select_related("item__service_list")
    record = rows.filter(pk=pk).first()
    if record is None:
        raise Http404
    return record


@phone_page
@require_safe
def service(request, pk):
    """One occurrence: what is asked for, photos, and what the person may do now."""
    record = _record_of(request, pk)
    context = {
        "record": record,
        "tone": TONES[record.state],
        "photos": files_of([record]).get(record.pk, ()),
        "steps": available(record, request.user),
        "texts": phone_texts(),
    }
    return render(request, "property/mobile/service.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def service_step(request, pk, name):
    """One transition of an occurrence."""
    return step_page(request, _record_of(request, pk), name, reverse("phone_property:service", args=[pk]))
