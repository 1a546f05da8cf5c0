"""The live server's entry: WebSockets, and its own health."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.urls import get_resolver, path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
django.setup(set_prefix=False)

from cases.live import ReportSocket  # noqa: E402
from devices.live_door import PATH, IngestDoor  # noqa: E402
from governance.live.application import LiveApplication, deny  # noqa: E402
from governance.live.origin import WebOrigins  # noqa: E402
from governance.live.relay import Relay  # noqa: E402
from governance.live.staff import StaffSocket  # noqa: E402
from governance.memory import settle  # noqa: E402

routes = [
    path("ws/v1/events/", AuthMiddlewareStack(StaffSocket.as_asgi())),
    path("ws/v1/reports/<str:token>/", CookieMiddleware(ReportSocket.as_asgi())),
    re_path("", deny),
]
application = LiveApplication(Relay(), WebOrigins(URLRouter(routes), settings.WEB_ORIGINS), {PATH: IngestDoor()})
get_resolver().url_patterns  # noqa: B018  (else the first alarm told, whose page has an address, would load them)
settle()
