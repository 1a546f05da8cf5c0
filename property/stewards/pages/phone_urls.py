"""Addresses of stewards on the phone, under ``/m/``."""

from django.urls import path

from property.stewards.pages import leading, phone, writing

app_name = "phone_stewards"
urlpatterns = [
    path("stewards/", phone.home, name="home"),
    path("stewards/hours/", phone.hours, name="hours"),
    path("stewards/teams/<str:code>/", leading.team, name="team"),
    path("stewards/members/<int:pk>/correct/", leading.member_correct, name="member-correct"),
    path("stewards/members/<int:pk>/end/", leading.member_leave, name="member-end"),
    path("stewards/shifts/new/", writing.shift_new, name="shift-new"),
    path("stewards/shifts/<int:pk>/take/", phone.take, name="take"),
    path("stewards/shifts/<int:pk>/assign/", leading.shift_assign, name="shift-assign"),
    path("stewards/shifts/<int:pk>/<str:name>/", leading.shift_step, name="shift-step"),
    path("stewards/duties/<int:pk>/<str:name>/", phone.duty_step, name="duty-step"),
    path("stewards/requests/<int:pk>/<str:name>/", phone.request_step, name="request-step"),
    path("stewards/visits/", writing.visits, name="visits"),
    path("stewards/visits/new/", writing.visit_new, name="visit-new"),
    path("stewards/visits/<int:pk>/case/", writing.visit_pass_on, name="visit-case"),
    path("stewards/disputes/new/", writing.sighting_new, name="sighting-new"),
    path("stewards/disputes/<int:pk>/", writing.sighting, name="sighting"),
    path("stewards/disputes/<int:pk>/<str:name>/", writing.sighting_step, name="sighting-step"),
]
