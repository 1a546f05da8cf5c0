"""Addresses of the phone pages, under ``/m/``."""

from django.urls import path, re_path

from cases.pages.mobile import cases, patrols, today

CASE = r"^cases/(?P<number>[A-Za-z0-9-]{1,20})/"
STEP = r"(?P<name>[a-z_]{1,40})/$"

app_name = "phone"
urlpatterns = [
    path("", today.today, name="today"),
    path("report/", cases.report, name="report"),
    re_path(rf"{CASE}$", cases.case, name="case"),
    re_path(rf"{CASE}{STEP}", cases.case_step, name="case_step"),
    path("patrols/<int:pk>/", patrols.patrol, name="patrol"),
    path("patrols/<int:pk>/finding/", patrols.finding, name="finding"),
    path("patrols/<int:pk>/points/<int:point_id>/", patrols.check_in, name="check_in"),
    path("patrols/<int:pk>/points/<int:point_id>/finding/", patrols.finding, name="finding_at"),
    re_path(rf"^patrols/(?P<pk>[0-9]{{1,18}})/{STEP}", patrols.patrol_step, name="patrol_step"),
]
