"""Addresses of the assembly for people at work, under ``/m/``."""

from django.urls import path, re_path

from property.assembly.pages import phone

STEP = r"(?P<name>[a-z_]{1,40})/$"

app_name = "phone_assembly"
urlpatterns = [
    path("assembly/<int:pk>/", phone.session, name="session"),
    path("assembly/<int:pk>/code/", phone.code, name="code"),
    re_path(rf"^assembly/(?P<pk>[0-9]{{1,18}})/steps/{STEP}", phone.session_step, name="session-step"),
    re_path(rf"^assembly/topics/(?P<pk>[0-9]{{1,18}})/{STEP}", phone.topic_step, name="topic-step"),
    re_path(rf"^assembly/invitations/(?P<pk>[0-9]{{1,18}})/{STEP}", phone.invitation_step, name="invitation-step"),
    path("assembly/items/<int:pk>/", phone.item, name="item"),
    re_path(rf"^assembly/items/(?P<pk>[0-9]{{1,18}})/{STEP}", phone.item_step, name="item-step"),
]
