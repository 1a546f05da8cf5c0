"""Addresses of visits for people at work, under ``/m/``."""

from django.urls import path

from partners.needs.pages import phone

app_name = "phone_needs"
urlpatterns = [
    path("needs/visits/", phone.visits, name="visits"),
    path("needs/visits/new/", phone.visit_new, name="visit-new"),
]
