"""Sentences that the phone pages' script shows."""

from django.utils.translation import gettext as _

from cases.pages.texts import report_texts


def phone_texts() -> dict[str, str]:
    """Return the script's sentences, in the reader's language."""
    return report_texts() | {
        "insecure": _("Browsers give the position only on secure (https) pages. It is sent without a position."),
        "denied": _("The position was not allowed. Allow it in the browser's settings, or send without it."),
        "unavailable": _("The position cannot be found just now. Try again in the open, or send without it."),
        "withoutPosition": _("Send without a position"),
        "kept": _("No network. It is kept on this phone and sent as soon as there is one."),
        "photosNotKept": _("The photos could not be kept: take them again when there is network."),
        "waiting": _("{count} check-ins wait for the network."),
        "sentNow": _("Check-ins that had waited were sent."),
        "refusedNow": _("A check-in that had waited was refused: {why}"),
        "signIn": _("Sign in again, so that waiting check-ins can be sent."),
    }
