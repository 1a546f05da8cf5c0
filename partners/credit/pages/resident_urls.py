"""Addresses of credit files for partners, and of published lists for everybody, under ``/r/``."""

from django.urls import path

from partners.credit.pages import residents

app_name = "residents_credit"
urlpatterns = [
    path("credit/", residents.home, name="home"),
    path("credit/<int:pk>/", residents.file, name="file"),
    path("credit/<int:pk>/compute/", residents.compute, name="compute"),
    path("credit/<int:pk>/<int:year>/appeal/<str:line>/", residents.appeal_line, name="appeal-line"),
    path("credit/notes/<int:pk>/answer/", residents.answer, name="answer"),
    path("credit/notes/<int:pk>/appeal/", residents.appeal_note, name="appeal-note"),
    path("credit/appeals/<int:pk>/withdraw/", residents.withdraw, name="withdraw"),
    path("credit/lists/<int:pk>/", residents.published, name="list"),
]
