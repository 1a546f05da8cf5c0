"""Addresses of the phone pages of devices, under ``/m/``."""

from django.urls import path, re_path

from devices.pages import collections

app_name = "phone_devices"
urlpatterns = [
    path("collections/<int:pk>/", collections.collection, name="collection"),
    re_path(r"^collections/stops/(?P<pk>[0-9]{1,18})/(?P<deed>empty|untick)/$", collections.tick, name="tick"),
]
