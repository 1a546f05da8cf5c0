"""Addresses of parties under ``/r/``: by account, and by link."""

from django.urls import include, path, re_path

from mediation.papers.pages import linked, residents

TOKEN = r"p/(?P<token>[A-Za-z0-9_-]{43})"

by_account = (
    [
        path("", residents.home, name="home"),
        path("<int:pk>/", residents.one, name="one"),
        path("<int:pk>/say/<slug:what>/", residents.said, name="say"),
        path("<int:pk>/papers/<slug:code>/", residents.paper, name="paper"),
    ],
    "residents_disputes",
)
by_link = (
    [
        re_path(rf"^{TOKEN}/$", linked.one, name="one"),
        re_path(rf"^{TOKEN}/say/(?P<what>[a-z_]{{1,20}})/$", linked.said, name="say"),
        re_path(rf"^{TOKEN}/papers/(?P<code>[a-z_]{{1,40}})/$", linked.paper, name="paper"),
        re_path(rf"^{TOKEN}/leave/$", linked.leave, name="leave"),
    ],
    "party_page",
)
urlpatterns = [path("disputes/", include(by_account)), path("", include(by_link))]
