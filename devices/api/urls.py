"""Addresses of devices under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from devices.api import mqtt, profiles, readings, views

router = SimpleRouter()
router.register("devices", views.DeviceViewSet)
router.register("device-profiles", profiles.DeviceProfileViewSet)
router.register("alarms", views.AlarmViewSet)

urlpatterns = [
    path("devices/readings/", readings.ReadingsView.as_view(), name="device-readings"),
    path("devices/mqtt/sign-in/", mqtt.MqttSignInView.as_view(), name="mqtt-sign-in"),
    path("devices/mqtt/access/", mqtt.MqttAccessView.as_view(), name="mqtt-access"),
    path("", include(router.urls)),
]
