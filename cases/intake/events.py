"""Names of what happens to named sources and to messages that could not be taken."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "intake.key_issued": _("Key issued to a source"),
    "intake.key_revoked": _("Key of a source revoked"),
    "intake.silent": _("A source has gone silent"),
    "intake.heard_again": _("A silent source sends again"),
    "intake.corrected": _("Message put right"),
    "intake.replayed": _("Message replayed"),
    "intake.discarded": _("Message discarded"),
    "intake.superseded": _("Message replaced by a later one"),
}.items():
    register(name, label)
