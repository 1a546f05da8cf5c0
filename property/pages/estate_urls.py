"""Addresses of a resident's estate, under ``/r/estate/``."""

from django.urls import path

from property.pages import estate

app_name = "estate_pages"
urlpatterns = [
    path("", estate.estate, name="estate"),
    path("<str:code>/", estate.estate, name="of"),
    path("<str:code>/repairs/", estate.repair, name="repair"),
    path("<str:code>/services/<int:item_id>/rating/", estate.rate, name="rate"),
]
