"""Addresses of Open311 under ``/open311/``; ``.xml`` and ``.json`` may follow each."""

from django.urls import re_path

from cases.open311 import views

FORMAT = r"(?:\.(?P<format>xml|json))?/?$"

urlpatterns = [
    re_path(rf"^(?:v2/)?discovery{FORMAT}", views.DiscoveryView.as_view()),
    re_path(rf"^v2/services{FORMAT}", views.ServicesView.as_view()),
    re_path(rf"^v2/services/(?P<code>[^/\x00]{{1,80}}?){FORMAT}", views.ServiceView.as_view()),
    re_path(rf"^v2/requests{FORMAT}", views.RequestsView.as_view()),
    re_path(rf"^v2/requests/(?P<number>[A-Za-z0-9-]{{1,30}}){FORMAT}", views.RequestView.as_view()),
    re_path(rf"^v2/tokens/(?P<token>[A-Za-z0-9_-]{{1,40}}){FORMAT}", views.TokenView.as_view()),
    re_path(r"^", views.NothingView.as_view()),
]
