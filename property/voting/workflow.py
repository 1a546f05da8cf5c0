"""States and transitions of a resolution. Nothing here reads or writes data.

proposed → deliberating → voting → passed | rejected | no quorum → publicised → effective → revoked.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.scoping import Anywhere
from governance.workflow import step
from property.voting.querysets import LEADERS, PROPOSERS, RUNNERS, where


class ResolutionState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    DELIBERATING = "deliberating", _("Under deliberation")
    VOTING = "voting", _("Voting")
    PASSED = "passed", _("Passed")
    REJECTED = "rejected", _("Not passed")
    NO_QUORUM = "no_quorum", _("No quorum")
    PUBLICISED = "publicised", _("Result publicised")
    EFFECTIVE = "effective", _("In effect")
    REVOKED = "revoked", _("Revoked")


S = ResolutionState
PROPOSES = where(PROPOSERS)
RUNS = where(RUNNERS)
LEADS = where(LEADERS)
CLOCK = {Role.SYSTEM: Anywhere()}
COUNTED = (S.PASSED, S.REJECTED, S.NO_QUORUM)


def _is_announced(resolution) -> bool:
    return resolution.noticed_at is not None


def _not_announced(resolution) -> bool:
    return resolution.noticed_at is None


def _is_closed(resolution) -> bool:
    return resolution.closed_at is not None


def _not_closed(resolution) -> bool:
    return resolution.closed_at is None


def _has_passed(resolution) -> bool:
    return resolution.stands == S.PASSED


class ResolutionSteps(models.Model):
    """The transitions; ``Resolution`` inherits them. Methods set fields of the resolution only."""

    class Meta:
        abstract = True

    @step(label=_("Open the deliberation"), source=[S.PROPOSED], target=S.DELIBERATING, allow=PROPOSES,
          event="resolution.deliberated")  # fmt: skip
    def deliberate(self):
        """From now on residents see it and talk about it."""

    @step(label=_("Announce the vote"), source=[S.DELIBERATING], target=None, allow=RUNS, guards=[_not_announced],
          event="resolution.announced")  # fmt: skip
    def announce(self, *, noticed_at, voting_from, voting_until):
        """The roll is frozen; the time of notice runs."""
        self.noticed_at, self.voting_from, self.voting_until = noticed_at, voting_from, voting_until

    @step(label=_("Open the vote"), source=[S.DELIBERATING], target=S.VOTING, allow=CLOCK, guards=[_is_announced],
          event="resolution.opened", quiet=True)  # fmt: skip
    def open(self):
        """The hour announced has come."""

    @step(label=_("End the vote"), source=[S.VOTING], target=None, allow=CLOCK, guards=[_not_closed],
          event="resolution.closed", quiet=True)  # fmt: skip
    def close(self, *, closed_at):
        """No more ballots are taken; papers handed in before may still be entered."""
        self.closed_at = closed_at

    @step(label=_("Count"), source=[S.VOTING], target=None, allow=RUNS, guards=[_is_closed],
          event="resolution.counted")  # fmt: skip
    def count(self, *, counted_at, tally, outcome):
        """The tally is computed and kept; one of the three outcomes follows at once."""
        self.counted_at, self.tally, self.outcome = counted_at, tally, outcome

    @step(label=_("Declare passed"), source=[S.VOTING], target=S.PASSED, allow=CLOCK, event="resolution.passed",
          quiet=True, name="pass")  # fmt: skip
    def declare_passed(self):
        """By the count."""

    @step(label=_("Declare not passed"), source=[S.VOTING], target=S.REJECTED, allow=CLOCK,
          event="resolution.rejected", quiet=True)  # fmt: skip
    def reject(self):
        """By the count."""

    @step(label=_("Declare without quorum"), source=[S.VOTING], target=S.NO_QUORUM, allow=CLOCK,
          event="resolution.lacked_quorum", quiet=True)  # fmt: skip
    def lack_quorum(self):
        """By the count: too few took part."""

    @step(label=_("Publicise the result"), source=COUNTED, target=S.PUBLICISED, allow=LEADS,
          event="resolution.publicised")  # fmt: skip
    def publicise(self, *, publicised_at, publicity_until):
        """The result hangs out until ``publicity_until``."""
        self.publicised_at, self.publicity_until = publicised_at, publicity_until

    @step(label=_("Take effect"), source=[S.PUBLICISED], target=S.EFFECTIVE, allow=CLOCK, guards=[_has_passed],
          event="resolution.took_effect", quiet=True)  # fmt: skip
    def take_effect(self, *, effective_from):
        """The time of publicity is over; only what was passed."""
        self.effective_from = effective_from

    @step(label=_("Record the official result"), source=[*COUNTED, S.PUBLICISED, S.EFFECTIVE], target=None,
          allow=LEADS | RUNS, event="resolution.official_recorded", name="record_official")  # fmt: skip
    def record_official(self, *, official_outcome, official_on, official_number):
        """What the body in charge declared, with its document, beside what was computed here."""
        self.official_outcome, self.official_on = official_outcome, official_on
        self.official_number = official_number

    @step(
        label=_("Revoke the resolution"),
        source=[S.PROPOSED, S.DELIBERATING, S.VOTING, S.PASSED, S.PUBLICISED, S.EFFECTIVE],
        target=S.REVOKED,
        allow=LEADS,
        event="resolution.revoked",
        backward=True,
    )
    def revoke(self, *, revoked_at):
        """It no longer holds, or the vote is called off."""
        self.revoked_at = revoked_at
