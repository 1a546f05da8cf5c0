"""Addresses of counsellors, under ``/r/``."""

from django.urls import path

from mediation.followup.pages import residents

app_name = "residents_counselling"
urlpatterns = [
    path("counselling/", residents.home, name="home"),
    path("counselling/<int:pk>/", residents.one, name="one"),
]
