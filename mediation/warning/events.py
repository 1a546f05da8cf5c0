"""Names of what happens to early warnings."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "warning.raised": _("Early warning raised"),
    "warning.grew": _("New events of an early warning"),
    "warning.rose": _("Early warning rose to orange"),
    "warning.true": _("Early warning judged true"),
    "warning.false": _("Early warning judged a false alarm"),
    "warning.known": _("Early warning known already"),
}.items():
    register(name, label)
