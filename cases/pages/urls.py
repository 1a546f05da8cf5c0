"""Addresses of the residents' pages, under ``/r/``."""

from django.urls import path, register_converter

from cases.pages import home, mine, views


class TokenConverter:
    """A tracking token (``cases.models.case.new_token``)."""

    regex = "[A-Za-z0-9_-]{20,40}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(TokenConverter, "tracking_token")

app_name = "cases_pages"
urlpatterns = [
    path("", views.report, name="report"),
    path("areas/", views.areas, name="areas"),
    path("sign-in/", mine.enter, name="sign-in"),
    path("sign-out/", mine.sign_out, name="sign-out"),
    path("mine/", mine.mine, name="mine"),
    path("mine/home/", home.home, name="home"),
    path("mine/home/<str:kind>/<int:tie_id>/<str:step>/", home.leave, name="leave"),
    path("mine/name/", mine.name, name="name"),
    path("mine/sessions/end-others/", mine.end_others, name="end-others"),
    path("mine/sessions/<int:session_id>/end/", mine.end_session, name="end-session"),
    path("<tracking_token:token>/", views.follow, name="follow"),
    path("<tracking_token:token>/progress/", views.progress, name="progress"),
    path("<tracking_token:token>/rating/", views.rate, name="rate"),
    path("<tracking_token:token>/reopen/", views.reopen, name="reopen"),
    path("<tracking_token:token>/photos/<uuid:photo_id>/", views.photo, name="photo"),
    path("<path:anything>", views.unknown, name="unknown"),
]
