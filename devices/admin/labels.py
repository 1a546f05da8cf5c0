"""The page of labels of devices, as the browser prints it."""

from django.template.response import TemplateResponse
from django.urls import reverse

from devices.labels import MOST_LABELS, qr_svg


def labels_page(request, devices, *, back: str) -> TemplateResponse:
    """Answer with the labels of devices (the first ``MOST_LABELS``); each code leads to the device's phone page."""
    labels = [
        (device, qr_svg(request.build_absolute_uri(reverse("phone_devices:device", args=[device.code]))))
        for device in devices[:MOST_LABELS]
    ]
    return TemplateResponse(request, "devices/admin/labels.html", {"labels": labels, "back": back})
