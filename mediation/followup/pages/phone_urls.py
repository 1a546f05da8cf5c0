"""Addresses of follow-up visits under ``/m/``."""

from django.urls import path

from mediation.followup.pages import offering, phone

app_name = "phone_mediation_visits"
urlpatterns = [
    path("visits/", phone.visits, name="list"),
    path("visits/<int:pk>/", phone.visit, name="one"),
    path("visits/counselling/<int:dispute>/", offering.offer, name="offer"),
]
