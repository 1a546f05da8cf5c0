"""The web server's entry: admin, REST and pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402

from governance.memory import settle  # noqa: E402

get_resolver().url_patterns  # noqa: B018  (else the first request would load them)
settle()
