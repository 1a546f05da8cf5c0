"""Addresses of SensorThings: all under ``/v1.1/``, read by ``devices.sensorthings.paths``."""

from django.urls import re_path

from devices.sensorthings.views import SensorThingsView

urlpatterns = [re_path(r"^(?:/(?P<path>.*))?$", SensorThingsView.as_view(), name="sensorthings")]
