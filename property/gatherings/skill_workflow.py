"""States and transitions of skill exchange (技能交换). Nothing here reads or writes data.

Entry: open → withdrawn | taken down. Match: proposed → confirmed by both → done by both; refused, called off.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.gatherings.querysets import EITHER, KEEPS_SKILLS, OWN, SYSTEM


class SkillState(models.TextChoices):
    OPEN = "open", _("Open to neighbours")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    TAKEN_DOWN = "taken_down", _("Taken down")


class MatchState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed by both")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Not taken up")
    CALLED_OFF = "called_off", _("Called off")


S, M = SkillState, MatchState


class SkillEntrySteps(models.Model):
    """The transitions; ``SkillEntry`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Withdraw"), source=[S.OPEN], target=S.WITHDRAWN, allow=OWN, event="skill.withdrawn")
    def withdraw(self):
        """Not offered or wanted any more; open proposals end."""

    @step(label=_("Take down"), source=[S.OPEN], target=S.TAKEN_DOWN, allow=KEEPS_SKILLS, event="skill.taken_down",
          backward=True)  # fmt: skip
    def take_down(self):
        """It does not belong here."""


class SkillMatchSteps(models.Model):
    """The transitions; ``SkillMatch`` inherits them. ``giver`` offers, ``taker`` wants."""

    class Meta:
        abstract = True

    @step(label=_("Yes, let us do it"), source=[M.PROPOSED], target=None, allow=EITHER, event="skill_match.answered")
    def confirm(self, *, side, at):
        """One side says yes; when both have, they see how to reach each other."""
        setattr(self, f"{side}_confirmed_at", at)

    @step(label=_("Confirmed by both"), source=[M.PROPOSED], target=M.CONFIRMED, allow=SYSTEM,
          event="skill_match.confirmed", quiet=True)  # fmt: skip
    def agree(self):
        """Both have said yes."""

    @step(label=_("No, thank you"), source=[M.PROPOSED], target=M.REFUSED, allow=EITHER, event="skill_match.refused")
    def refuse(self):
        """Without a reason."""

    @step(label=_("Call off"), source=[M.CONFIRMED], target=M.CALLED_OFF, allow=EITHER, event="skill_match.called_off")
    def call_off(self):
        """It does not come about after all; contact is hidden again."""

    @step(label=_("It is done"), source=[M.CONFIRMED], target=None, allow=EITHER, event="skill_match.reported")
    def report(self, *, side, at):
        """One side says that it took place."""
        setattr(self, f"{side}_done_at", at)

    @step(label=_("Done"), source=[M.CONFIRMED], target=M.DONE, allow=SYSTEM, event="skill_match.done", quiet=True)
    def complete(self):
        """Both have said so."""

    @step(label=_("Say how it was"), source=[M.DONE], target=None, allow=EITHER, event="skill_match.rated")
    def rate(self, *, side, stars, words):
        """Each side about the exchange, once."""
        setattr(self, f"{side}_stars", stars)
        setattr(self, f"{side}_words", words)

    @step(label=_("Ended with an entry"), source=[M.PROPOSED], target=M.REFUSED, allow=SYSTEM,
          event="skill_match.ended", quiet=True)  # fmt: skip
    def end(self):
        """The offer or the want was withdrawn."""
