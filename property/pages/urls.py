"""Addresses of red property among the residents' pages, under ``/r/``."""

from django.urls import path

from property.pages import votes

app_name = "property_pages"
urlpatterns = [
    path("votes/", votes.votes, name="votes"),
    path("votes/<int:pk>/", votes.vote, name="vote"),
]
