"""Addresses of red property under ``/api/v1/``."""

from django.urls import include, path

urlpatterns = [path("", include("property.api.costs_urls"))]
