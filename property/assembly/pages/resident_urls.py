"""Addresses of the assembly for residents, under ``/r/``."""

from django.urls import path, re_path

from property.assembly.pages import residents

app_name = "residents_assembly"
urlpatterns = [
    path("assembly/", residents.home, name="home"),
    path("assembly/sessions/<int:pk>/", residents.session, name="session"),
    path("assembly/sessions/<int:pk>/<str:name>/", residents.session_step, name="session-step"),
    path("assembly/invitations/<int:pk>/<str:name>/", residents.invitation_step, name="invitation-step"),
    path("assembly/items/<int:pk>/<str:name>/", residents.item_step, name="item-step"),
    path("assembly/topics/<int:pk>/", residents.topic, name="topic"),
    path("assembly/topics/<int:pk>/second/", residents.second, name="second"),
    path("assembly/topics/<int:pk>/withdraw/", residents.withdraw, name="withdraw"),
    path("assembly/<slug:code>/propose/", residents.propose, name="propose"),
    re_path(r"^assembly/sign-in/(?P<code>[0-9a-f-]{10,60})/$", residents.sign_in, name="sign-in"),
]
