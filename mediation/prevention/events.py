"""Names of what happens to hazards and signals."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "hazard.reported": _("Hazard reported"),
    "hazard.reported_urgent": _("Pressing hazard reported"),
    "hazard.assessed": _("Hazard assessed"),
    "hazard.reassessed": _("Assessment of a hazard put right"),
    "hazard.reworded": _("Words of a hazard put right"),
    "hazard.watched": _("Hazard watched"),
    "hazard.looked": _("Looked at a hazard again"),
    "hazard.watch_ended": _("The watch over a hazard has ended"),
    "hazard.excluded": _("Hazard excluded"),
    "hazard.converted": _("Hazard became a dispute"),
    "hazard.reconsidered": _("Excluded hazard considered again"),
    "hazard.moved": _("Hazard handed to another community"),
    "hazard.late": _("Hazard not assessed in time"),
    "hazards.emptied": _("Excluded hazards emptied of what tells of persons"),
    "signals.brought_in": _("Signals brought in"),
    "signals.withdrawn": _("Signals brought in wrongly were withdrawn"),
    "signals.emptied": _("Old signals emptied of what tells of persons"),
    "signal.typed": _("Type of a signal put right"),
    "signal.placed": _("Area of a signal put right"),
    "signal.became_hazard": _("Signal became a hazard"),
    "signals.key_issued": _("Key of a source of signals issued"),
    "signals.key_revoked": _("Key of a source of signals revoked"),
}.items():
    register(name, label, close=name.startswith("hazard.") or name == "signal.became_hazard")
