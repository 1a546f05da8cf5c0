"""Addresses of neighbours' events for people at work, under ``/m/``."""

from django.urls import path, re_path

from property.gatherings.pages import phone

STEP = r"(?P<name>[a-z_]{1,40})/$"

app_name = "phone_gatherings"
urlpatterns = [
    path("gatherings/", phone.events, name="events"),
    path("gatherings/<int:pk>/", phone.event, name="event"),
    path("gatherings/<int:pk>/code/", phone.code, name="code"),
    re_path(rf"^gatherings/(?P<pk>[0-9]{{1,18}})/steps/{STEP}", phone.event_step, name="event-step"),
    re_path(rf"^gatherings/people/(?P<pk>[0-9]{{1,18}})/{STEP}", phone.sign_up_step, name="sign-up-step"),
    re_path(rf"^gatherings/helping/(?P<pk>[0-9]{{1,18}})/{STEP}", phone.helping_step, name="helping-step"),
]
