"""Addresses of respected locals, under ``/r/``."""

from django.urls import path

from mediation.joint.pages import residents

app_name = "residents_helping"
urlpatterns = [
    path("helping/", residents.home, name="home"),
    path("helping/<int:pk>/", residents.one, name="one"),
]
