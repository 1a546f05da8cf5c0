"""``/m/devices/<code>/``: what the label on a device leads to. Look at it, claim it, test it, put it in service."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.mobile.access import phone_page, refused, status_of
from cases.pages.mobile.forms import most_photos
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.texts import phone_texts
from devices.admin.looks import DEVICE_TONES, TONES, behind, figure
from devices.claims import Heard, claim_going_on, device_claim, device_commission, heard_since
from devices.models import Device, Severity
from devices.pages.forms import ClaimForm
from devices.querysets import INSTALLS, KEEPS_DEVICES
from devices.workflow import DeviceState
from governance.errors import Refused
from governance.scoping import grant_for
from governance.workflow import available

TO_PUT_UP = (DeviceState.REGISTERED, DeviceState.DISABLED)
# How soon the page looks again for the test alarm, in seconds; a plain header, so that it works without a script.
LOOK_AGAIN = 4
SAMPLES_SHOWN = 8


def _device_of(request, code: str) -> Device:
    device = Device.objects.visible_to(request.user).with_rows().filter(code=code).first()
    if device is None:
        raise Http404
    return device


@phone_page
@require_safe
def device(request, code):
    """The device; to who may put it up the form to claim it or, once claimed, what was heard since."""
    found = _device_of(request, code)
    if not _may_put_up(found, request.user):
        return _shown(request, found)
    claim = claim_going_on(found, request.user)
    if claim is None or "anew" in request.GET:
        return _shown(request, found, form=ClaimForm(may_correct=_keeps(found, request.user)))
    response = _shown(request, found, claim=claim, samples=[_told(found, heard) for heard in heard_since(claim)])
    response["Refresh"] = str(LOOK_AGAIN)
    return response


@phone_page
@require_POST
def claim(request, code):
    """Claim the device with photos and a position; leads back to its page, which waits for the test alarm."""
    found = _device_of(request, code)
    form = ClaimForm(request.POST, request.FILES, may_correct=_keeps(found, request.user))
    if not form.is_valid():
        return _shown(request, found, form=form, status=HTTPStatus.BAD_REQUEST)
    try:
        device_claim(found, actor=request.user, **form.cleaned_data)
    except Refused as error:
        if error.field not in form.fields:
            return refused(request, error, _address(found))
        form.add_error(error.field, str(error.detail))
        return _shown(request, found, form=form, status=status_of(error))
    return redirect(_address(found))


@phone_page
@require_POST
def commission(request, code):
    """Put the device in service."""
    found = _device_of(request, code)
    try:
        device_commission(found, actor=request.user)
    except Refused as error:
        return refused(request, error, _address(found))
    return redirect(_address(found))


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def device_step(request, code, name):
    """One transition of a device."""
    found = _device_of(request, code)
    return step_page(request, found, name, _address(found))


def _address(device: Device) -> str:
    return reverse("phone_devices:device", args=[device.code])


def _may_put_up(device: Device, user) -> bool:
    return device.state in TO_PUT_UP and grant_for(INSTALLS, device, user) is not None


def _keeps(device: Device, user) -> bool:
    return grant_for(KEEPS_DEVICES, device, user) is not None


def _told(device: Device, heard: Heard) -> dict:
    """Return a sample as people read it: when, what it says, and what it would have raised."""
    said = [figure(device.profile, "status", None, heard.status)] if heard.status is not None else []
    said += [figure(device.profile, name, value, "") for name, value in sorted(heard.metrics.items())]
    severities = {status.code: status.severity for status in device.profile.statuses.all()}
    raises = [(device.profile.label_of(word), TONES[severities.get(word, Severity.MEDIUM)]) for word in heard.raises]
    return {"at": heard.at, "said": said, "raises": raises}


def _shown(request, device: Device, *, form=None, claim=None, samples=(), status: int = HTTPStatus.OK):
    context = {
        "device": device,
        "tone": DEVICE_TONES[device.state],
        "behind": behind(device),
        "latest": [(row, *figure(device.profile, row.metric, row.value, row.text))
                   for row in sorted(device.latest.all(), key=lambda row: row.metric)],
        "alarms": [(device.profile.label_of(row.alarm_type), TONES[row.severity], row) for row in device.active_alarms],
        "form": form,
        "claim": claim,
        "samples": samples[:SAMPLES_SHOWN],
        "tested": any(sample["raises"] for sample in samples),
        "steps": [] if form or claim else available(device, request.user),
        "photos_lost": bool(request.FILES),
        "max_photos": most_photos(),
        "texts": phone_texts() | {"noPosition": _("The position could not be found: type it below.")},
    }  # fmt: skip
    return render(request, "devices/mobile/device.html", context, status=status)
