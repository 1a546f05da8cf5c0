"""Addresses of neighbours' events and skill exchange for residents, under ``/r/``."""

from django.urls import path, re_path

from property.gatherings.pages import exchange, residents

app_name = "residents_gatherings"
urlpatterns = [
    path("gatherings/", residents.home, name="home"),
    path("gatherings/<int:pk>/", residents.event, name="event"),
    path("gatherings/<int:pk>/sign-up/", residents.join, name="sign-up"),
    path("gatherings/<int:pk>/feedback/", residents.feedback, name="feedback"),
    path("gatherings/sign-ups/<int:pk>/<str:name>/", residents.sign_up_step, name="sign-up-step"),
    path("gatherings/tasks/<int:pk>/", residents.help_with, name="help"),
    path("gatherings/helping/<int:pk>/<str:name>/", residents.helping_step, name="helping-step"),
    path("gatherings/photos/", residents.consents, name="consents"),
    path("gatherings/photos/<int:pk>/", residents.photo, name="photo"),
    path("gatherings/consents/<int:pk>/<str:name>/", residents.consent_step, name="consent-step"),
    path("gatherings/skills/", exchange.skills, name="skills"),
    path("gatherings/skills/new/", exchange.skill_new, name="skill-new"),
    path("gatherings/skills/<int:pk>/", exchange.skill, name="skill"),
    path("gatherings/skills/<int:pk>/withdraw/", exchange.withdraw, name="skill-withdraw"),
    path("gatherings/skills/<int:pk>/propose/<int:other>/", exchange.propose, name="skill-propose"),
    path("gatherings/matches/<int:pk>/<str:name>/", exchange.match_step, name="match-step"),
    re_path(r"^gatherings/check-in/(?P<code>[0-9a-f-]{10,60})/$", residents.check_in, name="check-in"),
]
