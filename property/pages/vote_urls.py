"""Addresses of votes among the residents' pages, under ``/r/votes/``."""

from django.urls import path

from property.pages import votes

app_name = "vote_pages"
urlpatterns = [
    path("", votes.votes, name="votes"),
    path("<int:pk>/", votes.vote, name="vote"),
]
