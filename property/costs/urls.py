"""Addresses of shared costs among the residents' pages, under ``/r/costs/``."""

from django.urls import path

from property.costs import pages

app_name = "cost_pages"
urlpatterns = [
    path("", pages.mine, name="mine"),
    path("receipts/<int:pk>/", pages.receipt, name="receipt"),
    path("statements/<int:pk>/", pages.statement, name="statement"),
    path("statements/<int:pk>/<str:kind>/", pages.statement_file, name="statement-file"),
    path("disclosures/<int:pk>/", pages.disclosure, name="disclosure"),
]
