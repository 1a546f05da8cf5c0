"""Addresses of devices under ``/api/v1/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from devices.api import (
    alarms,
    battery,
    collection,
    command_answers,
    commands,
    gateways,
    mqtt,
    profiles,
    readings,
    refusals,
    rounds,
    shelvings,
    snapshots,
    views,
)
from devices.api import map as device_map

router = SimpleRouter()
router.register("devices/map", device_map.DeviceMapViewSet, basename="device-map")
router.register("devices/bins", collection.BinViewSet, basename="device-bins")
router.register("devices/collection-route", collection.CollectionRouteViewSet, basename="collection-route")
router.register("devices/collection-stops", collection.CollectionStopViewSet, basename="collection-stop")
router.register("devices", views.DeviceViewSet)
router.register("device-commands", commands.DeviceCommandViewSet)
router.register("device-profiles", profiles.DeviceProfileViewSet)
router.register("device-refusals", refusals.DeviceRefusalViewSet)
router.register("alarm-shelvings", shelvings.ShelvingViewSet)
router.register("collection-rounds", rounds.CollectionRoundViewSet)
router.register("reading-retention", rounds.ReadingRetentionViewSet)
router.register("gateways", gateways.GatewayViewSet)
router.register("alarms", alarms.AlarmViewSet)

CHART = device_map.DeviceChartViewSet.as_view({"get": "retrieve"})

urlpatterns = [
    path("devices/battery/", battery.BatteryViewSet.as_view({"get": "list"}), name="device-battery"),
    re_path(r"^devices/(?P<code>[A-Za-z0-9][A-Za-z0-9._-]{0,29})/chart/$", CHART, name="device-chart"),
    path("devices/readings/", readings.ReadingsView.as_view(), name="device-readings"),
    path("devices/events/", snapshots.DeviceEventView.as_view(), name="device-events"),
    path("devices/mqtt/sign-in/", mqtt.MqttSignInView.as_view(), name="mqtt-sign-in"),
    path("devices/mqtt/access/", mqtt.MqttAccessView.as_view(), name="mqtt-access"),
    path("devices/commands/", command_answers.CommandsView.as_view(), name="device-commands"),
    path(
        "devices/commands/<int:pk>/result/", command_answers.CommandResultView.as_view(), name="device-command-result"
    ),
    path("", include(router.urls)),
]
