"""Addresses of needs for residents, under ``/r/``."""

from django.urls import path

from partners.needs.pages import residents

app_name = "residents_needs"
urlpatterns = [
    path("needs/", residents.home, name="home"),
    path("needs/new/", residents.raise_one, name="new"),
]
