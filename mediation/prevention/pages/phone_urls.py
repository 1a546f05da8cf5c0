"""Addresses of hazards for people at work, under ``/m/``."""

from django.urls import path

from mediation.prevention.pages import phone

app_name = "phone_hazards"
urlpatterns = [
    path("hazards/", phone.hazards, name="hazards"),
    path("hazards/new/", phone.hazard_new, name="new"),
    path("hazards/new/<int:patrol_id>/", phone.hazard_new, name="new_on_round"),
    path("hazards/<int:pk>/", phone.hazard, name="hazard"),
    path("hazards/<int:pk>/<slug:name>/", phone.hazard_step, name="step"),
]
