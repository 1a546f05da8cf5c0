"""What templates need to find the live server."""

from django.conf import settings


def live_settings(_request) -> dict:
    """Context processor: the live server's address, or its port on the page's own host."""
    return {"LIVE_URL": settings.LIVE_URL, "LIVE_PORT": settings.LIVE_PORT}
