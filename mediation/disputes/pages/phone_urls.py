"""Addresses of disputes for people who mediate on site, under ``/m/``."""

from django.urls import path, re_path

from mediation.disputes.pages import phone
from mediation.files.pages import phone as files

app_name = "phone_disputes"
urlpatterns = [
    path("disputes/", phone.disputes, name="disputes"),
    path("disputes/new/", phone.register, name="new"),
    path("disputes/<int:pk>/", phone.dispute, name="dispute"),
    path("disputes/<int:pk>/answers/", phone.consent, name="consent"),
    path("disputes/<int:pk>/parties/new/", phone.party, name="party"),
    path("disputes/<int:pk>/parties/<int:party_id>/", phone.unmask, name="unmask"),
    path("disputes/<int:pk>/parties/<int:party_id>/correct/", phone.correct, name="correct"),
    path("disputes/<int:pk>/parties/<int:party_id>/strike/", phone.strike, name="strike"),
    path("disputes/<int:pk>/files/new/", files.file_new, name="file_new"),
    re_path(r"^disputes/(?P<pk>[0-9]{1,18})/steps/(?P<name>[a-z_]{1,40})/$", phone.step, name="step"),
]
