"""Names of what happens to a judicial confirmation. Payloads hold ids, states and dates only."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "confirmation.replaced": _("Term for confirmation ended by a newer agreement"),
    "confirmation.opened": _("Term for judicial confirmation began"),
    "confirmation.last_day_moved": _("Last day to apply for confirmation moved"),
    "confirmation.judged": _("Decided whether the law excludes confirmation"),
    "confirmation.not_wanted": _("Parties do not want judicial confirmation"),
    "confirmation.wanted": _("Parties want judicial confirmation after all"),
    "confirmation.consent_recorded": _("Wish of a party for confirmation recorded"),
    "confirmation.applied": _("Judicial confirmation applied for"),
    "confirmation.corrected": _("Court and day of an application for confirmation corrected"),
    "confirmation.reminded": _("Reminded of the term for judicial confirmation"),
    "confirmation.received": _("Application for confirmation received by the court"),
    "confirmation.admitted": _("Application for confirmation admitted"),
    "confirmation.extended": _("Term of the court extended by ten days"),
    "confirmation.valid": _("Agreement confirmed as valid by the court"),
    "confirmation.not_admitted": _("Application for confirmation not admitted"),
    "confirmation.rejected": _("Application for confirmation rejected"),
    "confirmation.withdrawn": _("Application for confirmation taken back"),
    "confirmation.papers_lacking": _("Application for confirmation treated as withdrawn: papers not completed"),
    "confirmation.court_corrected": _("A step of the court taken back: entered by mistake"),
    "confirmation.open_again": _("Confirmation may be applied for again"),
    "confirmation.enforcement_noted": _("Enforcement of a confirmed agreement noted"),
}.items():
    register(name, label, close=True)
