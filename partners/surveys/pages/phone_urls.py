"""Addresses of questionnaires for people at work, under ``/m/``."""

from django.urls import path

from partners.surveys.pages import phone

app_name = "phone_surveys"
urlpatterns = [
    path("surveys/", phone.surveys, name="surveys"),
    path("surveys/<int:pk>/", phone.enter, name="enter"),
]
