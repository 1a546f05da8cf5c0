"""Addresses of devices under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from devices.api import battery, command_answers, commands, mqtt, profiles, readings, views

router = SimpleRouter()
router.register("devices", views.DeviceViewSet)
router.register("device-commands", commands.DeviceCommandViewSet)
router.register("device-profiles", profiles.DeviceProfileViewSet)
router.register("alarms", views.AlarmViewSet)

urlpatterns = [
    path("devices/battery/", battery.BatteryViewSet.as_view({"get": "list"}), name="device-battery"),
    path("devices/readings/", readings.ReadingsView.as_view(), name="device-readings"),
    path("devices/mqtt/sign-in/", mqtt.MqttSignInView.as_view(), name="mqtt-sign-in"),
    path("devices/mqtt/access/", mqtt.MqttAccessView.as_view(), name="mqtt-access"),
    path(
        "devices/commands/<int:pk>/result/", command_answers.CommandResultView.as_view(), name="device-command-result"
    ),
    path("", include(router.urls)),
]
