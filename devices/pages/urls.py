"""Addresses of devices on the phone, under ``/m/``: that of a device stands on its label."""

from django.urls import path, re_path

from devices.models.device import CODE
from devices.pages import alarms, collections, device

app_name = "phone_devices"
urlpatterns = [
    re_path(rf"^devices/(?P<code>{CODE})/$", device.device, name="device"),
    re_path(rf"^devices/(?P<code>{CODE})/claim/$", device.claim, name="claim"),
    re_path(rf"^devices/(?P<code>{CODE})/commission/$", device.commission, name="commission"),
    re_path(rf"^devices/(?P<code>{CODE})/steps/(?P<name>[a-z_]{{1,40}})/$", device.device_step, name="step"),
    path("alarms/", alarms.alarms, name="alarms"),
    re_path(r"^alarms/(?P<pk>[0-9]{1,18})/$", alarms.alarm, name="alarm"),
    re_path(r"^alarms/(?P<pk>[0-9]{1,18})/steps/(?P<name>[a-z_]{1,40})/$", alarms.alarm_step, name="alarm_step"),
    path("collections/<int:pk>/", collections.collection, name="collection"),
    re_path(r"^collections/stops/(?P<pk>[0-9]{1,18})/(?P<deed>empty|untick)/$", collections.tick, name="tick"),
]
