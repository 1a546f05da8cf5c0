"""Addresses of earning points for residents, partners and merchants, under ``/r/``."""

from django.urls import path

from partners.earning.pages import giving, merchants, residents

app_name = "residents_points"
urlpatterns = [
    path("points/", residents.home, name="home"),
    path("points/<int:pk>/give/", giving.give, name="give"),
    path("points/<int:pk>/<str:month>.<str:kind>", residents.month, name="month"),
    path("points/services/", residents.records, name="records"),
    path("points/donations/<int:pk>.docx", residents.receipt, name="receipt"),
    path("hours/", residents.hours, name="hours"),
    path("hours/certificates/", residents.certify, name="certify"),
    path("hours/certificates/<int:pk>.docx", residents.certificate, name="certificate"),
    path("settlements/", merchants.sheets, name="sheets"),
    path("settlements/<int:pk>/", merchants.sheet, name="sheet"),
    path("settlements/<int:pk>/<str:name>/", merchants.sheet_step, name="sheet-step"),
    path("settlements/<int:pk>.<str:kind>", merchants.sheet_file, name="sheet-file"),
    path("verify/<str:code>/", residents.verify, name="verify"),
]
