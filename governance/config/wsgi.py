"""The web server's entry: admin, REST and pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
application = get_wsgi_application()
