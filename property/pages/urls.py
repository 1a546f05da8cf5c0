"""Addresses of red property on the phone, under ``/m/``."""

from django.urls import path

from property.pages import services

app_name = "phone_property"
urlpatterns = [
    path("services/", services.services, name="services"),
    path("services/<int:pk>/", services.service, name="service"),
    path("services/<int:pk>/<str:name>/", services.service_step, name="service_step"),
]
