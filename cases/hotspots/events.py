"""Names of what happens about hot spots."""

from django.utils.translation import gettext_lazy as _

from cases.evidence import register_origin
from governance.events import register

for name, label in {
    "hotspot.detected": _("Hot spot detected"),
    "hotspot.seen_again": _("Hot spot seen again"),
    "hotspot.case_opened": _("Proactive case opened"),
    "hotspot.need_made": _("Need made of a hot spot"),
    "hotspot.dismissed": _("Hot spot dismissed"),
}.items():
    register(name, label)

register_origin("hotspot", _("Hot-spot signal"))
