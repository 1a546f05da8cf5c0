"""Names of what happens to score periods and to appeals against their lines."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "score.opened": _("Score period opened"),
    "score.computed": _("Figures computed"),
    "score.published": _("Figures published"),
    "score.discarded": _("Score period discarded"),
    "score.appealed": _("Appeal against figures filed"),
    "score.appeal_reviewed": _("First opinion on an appeal against figures"),
    "score.appeal_sent_back": _("Second opinion on an appeal against figures differs"),
    "score.appeal_upheld": _("Appeal against figures upheld"),
    "score.appeal_refused": _("Appeal against figures refused"),
    "score.corrected": _("Score line corrected"),
}.items():
    register(name, label)
