"""Names of what happens to dispatch rules."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "rule.tried": _("Tried on past cases"),
    "rule.switched_on": _("Switched on"),
    "rule.switched_off": _("Switched off"),
}.items():
    register(name, label)
