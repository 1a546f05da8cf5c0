"""Sentences that the pages' script shows."""

from django.utils.translation import gettext as _


def report_texts() -> dict[str, str]:
    """Return the script's sentences for the report page, in the visitor's language."""
    return {
        "insecure": _("Browsers give the position only on secure (https) pages. Tap on the map or write the address."),
        "denied": _("The position was not allowed. Tap on the map or write the address."),
        "unavailable": _("The position cannot be found just now. Tap on the map or write the address."),
        "locating": _("Looking for your position…"),
        "point": _("Point chosen"),
        "accuracy": _("accurate to about {metres} m"),
        "outside": _("This point lies outside the areas we serve."),
        "removePhoto": _("Remove"),
        "tooMany": _("At most {count} photos."),
        "sending": _("Sending…"),
        "unsent": _("No network. What you typed is still here: send it later."),
        "mapFailed": _("The map could not be loaded. Please write the address."),
        "zoomIn": _("Zoom in"),
        "zoomOut": _("Zoom out"),
    }


def follow_texts() -> dict[str, str]:
    """Return the script's sentences for the progress page, in the visitor's language."""
    return {
        "live": _("Updates by itself"),
        "polling": _("Connection weak; looked up every 20 seconds"),
        "offline": _("No connection; shown as of the last look"),
        "copied": _("Copied."),
        "copyFailed": _("Press and hold the link to copy it."),
        "removePhoto": _("Remove"),
        "tooMany": _("At most {count} photos."),
        "sending": _("Sending…"),
        "unsent": _("No network. What you typed is still here: send it later."),
    }
