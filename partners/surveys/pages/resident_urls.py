"""Addresses of questionnaires for residents, under ``/r/``."""

from django.urls import path, re_path

from partners.surveys.pages import residents

CODE = r"^surveys/(?P<code>[0-9a-z]{6,12})/"

app_name = "residents_surveys"
urlpatterns = [
    path("surveys/", residents.home, name="home"),
    re_path(rf"{CODE}$", residents.survey, name="survey"),
    re_path(rf"{CODE}fill/$", residents.fill, name="fill"),
    re_path(rf"{CODE}thanks/$", residents.thanks, name="thanks"),
    re_path(rf"{CODE}results/$", residents.results, name="results"),
    re_path(rf"{CODE}try/$", residents.attempt, name="try"),
]
