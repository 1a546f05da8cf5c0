"""Names of what happens to resolutions, rolls and ballots. No payload tells how anybody voted."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "resolution.proposed": _("Resolution proposed"),
    "resolution.changed": _("Resolution changed"),
    "resolution.deliberated": _("Deliberation opened"),
    "resolution.announced": _("Vote announced"),
    "resolution.opened": _("Vote opened"),
    "resolution.closed": _("Vote ended"),
    "resolution.counted": _("Votes counted"),
    "resolution.passed": _("Resolution passed"),
    "resolution.rejected": _("Resolution not passed"),
    "resolution.lacked_quorum": _("Resolution without quorum"),
    "resolution.publicised": _("Result publicised"),
    "resolution.took_effect": _("Resolution took effect"),
    "resolution.official_recorded": _("Official result recorded"),
    "resolution.revoked": _("Resolution revoked"),
    "roll.drawn": _("Owners' roll drawn"),
    "roll.entry_changed": _("Entry of the roll changed"),
    "roll.numbers_given": _("List of ballot numbers given out"),
    "roll.frozen": _("Owners' roll frozen"),
    "ballot.read": _("Paper ballot read"),
    "ballot.settled": _("Difference between two readings settled"),
    "ballot.cast": _("Ballot cast online"),
    "ballot.changed": _("Online ballot changed"),
    "ballot.conflict_decided": _("Conflicting ballots decided"),
}.items():
    register(name, label)
