"""Addresses of stewards for residents, under ``/r/``."""

from django.urls import path

from property.stewards.pages import residents

app_name = "resident_stewards"
urlpatterns = [
    path("stewards/", residents.home, name="home"),
    path("stewards/requests/<int:pk>/withdraw/", residents.withdraw, name="withdraw"),
    path("stewards/<str:code>/join/", residents.join, name="join"),
]
