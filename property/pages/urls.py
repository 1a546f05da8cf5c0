"""Addresses of red property on the phone, under ``/m/``."""

from django.urls import path

from property.pages import care, counter, services

app_name = "phone_property"
urlpatterns = [
    path("care/", care.care, name="care"),
    path("care/<int:pk>/", care.visit, name="visit"),
    path("care/<int:pk>/<str:name>/", care.visit_step, name="visit_step"),
    path("parcels/", counter.parcels, name="parcels"),
    path("parcels/<int:pk>/<str:name>/", counter.parcel_step, name="parcel_step"),
    path("services/", services.services, name="services"),
    path("services/<int:pk>/", services.service, name="service"),
    path("services/<int:pk>/<str:name>/", services.service_step, name="service_step"),
]
