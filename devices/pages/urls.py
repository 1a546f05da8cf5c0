"""Addresses of devices on the phone, under ``/m/devices/``: that of a device stands on its label."""

from django.urls import re_path

from devices.models.device import CODE
from devices.pages import device

app_name = "phone_devices"
urlpatterns = [
    re_path(rf"^(?P<code>{CODE})/$", device.device, name="device"),
    re_path(rf"^(?P<code>{CODE})/claim/$", device.claim, name="claim"),
    re_path(rf"^(?P<code>{CODE})/commission/$", device.commission, name="commission"),
    re_path(rf"^(?P<code>{CODE})/steps/(?P<name>[a-z_]{{1,40}})/$", device.device_step, name="step"),
]
