"""Addresses of devices under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from devices.api import battery, command_answers, commands, profiles, readings, views

router = SimpleRouter()
router.register("devices", views.DeviceViewSet)
router.register("device-commands", commands.DeviceCommandViewSet)
router.register("device-profiles", profiles.DeviceProfileViewSet)
router.register("alarms", views.AlarmViewSet)

urlpatterns = [
    path("devices/battery/", battery.BatteryViewSet.as_view({"get": "list"}), name="device-battery"),
    path("devices/readings/", readings.ReadingsView.as_view(), name="device-readings"),
    path(
        "devices/commands/<int:pk>/result/", command_answers.CommandResultView.as_view(), name="device-command-result"
    ),
    path("", include(router.urls)),
]
