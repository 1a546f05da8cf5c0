"""States and transitions of a hazard (矛盾隐患). Nothing here reads or writes data.

reported → assessed → excluded | watched | converted (domain/mediation.md, "State machines"). A watch that ends leads
back to assessed; what was excluded may be considered again. Until it is decided the words and the assessment may be put
right, and the hazard handed to the community in which it is.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.prevention.querysets import KEEPS, REWORDS, SYSTEM
from mediation.prevention.states import OPEN
from mediation.prevention.states import HazardState as H


def tells(hazard) -> bool:
    """Tell whether a hazard still has its words."""
    return hazard.erased_at is None


class HazardSteps(models.Model):
    """The transitions; ``Hazard`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Assess the hazard"), source=[H.REPORTED], target=H.ASSESSED, allow=KEEPS, event="hazard.assessed")
    def assess(self, *, assessed_by, assessed_at, type, people, violence, urgency, finding):
        """Somebody looked: of which type it is, for how many people, how pressing."""
        self.assessed_by, self.assessed_at, self.finding = assessed_by, assessed_at, finding
        self.type, self.type_guessed = type, False
        self.people, self.violence, self.urgency = people, violence, urgency

    @step(label=_("Put the assessment right"), source=[H.ASSESSED, H.WATCHED], target=None, allow=KEEPS,
          event="hazard.reassessed", reason=True)  # fmt: skip
    def reassess(self, *, type, people, violence, urgency, finding):
        """A slip, or it is otherwise by now; the reason says which. Who assessed it first, and any watch, stay."""
        self.type, self.finding = type, finding
        self.people, self.violence, self.urgency = people, violence, urgency

    @step(label=_("Put the words right"), source=OPEN, target=None, allow=REWORDS, event="hazard.reworded", reason=True)
    def reword(self, *, words, parties, place, type):
        """A slip of the voice or the pen; a type that was only guessed is that of the words as they are now."""
        self.words, self.parties, self.place, self.type = words, parties, place, type

    @step(label=_("Watch it"), source=[H.ASSESSED, H.WATCHED], target=H.WATCHED, allow=KEEPS, event="hazard.watched")
    def watch(self, *, watch_until, at):
        """No dispute yet: somebody looks again until that day."""
        self.watch_until, self.decided_at = watch_until, at

    @step(label=_("Log a look"), source=[H.WATCHED], target=None, allow=KEEPS, event="hazard.looked", reason=True)
    def look(self, *, at, violence):
        """Somebody went again; the reason says what was found. Violence seen once stays said."""
        self.looked_at, self.looks = at, self.looks + 1
        self.violence = self.violence or violence

    @step(label=_("Register a dispute"), source=[H.ASSESSED, H.WATCHED], target=H.CONVERTED, allow=KEEPS,
          event="hazard.converted")  # fmt: skip
    def convert(self, *, dispute, at):
        """It has become a dispute: mediated from now on."""
        self.dispute, self.decided_at = dispute, at

    @step(label=_("Exclude the hazard"), source=[H.ASSESSED, H.WATCHED], target=H.EXCLUDED, allow=KEEPS,
          event="hazard.excluded", reason=True)  # fmt: skip
    def exclude(self, *, at):
        """There is nothing, or it is settled; the reason says so."""
        self.decided_at = at

    @step(label=_("Look at it again"), source=[H.EXCLUDED], target=H.ASSESSED, allow=KEEPS, event="hazard.reconsidered",
          backward=True, guards=[tells])  # fmt: skip
    def reconsider(self):
        """It was not settled after all; of one that was emptied nothing is left to consider."""
        self.decided_at = None

    @step(label=_("Hand it to another community"), source=[H.REPORTED, H.ASSESSED, H.WATCHED], target=None,
          allow=KEEPS, event="hazard.moved", reason=True)  # fmt: skip
    def move(self, *, area, longitude, latitude):
        """It lies elsewhere: kept from now on by the mediators there. Its limits stay."""
        self.area, self.longitude, self.latitude = area, longitude, latitude

    @step(label=_("End the watch"), source=[H.WATCHED], target=H.ASSESSED, allow=SYSTEM, event="hazard.watch_ended",
          quiet=True)  # fmt: skip
    def end_watch(self):
        """The day has come: to be decided anew."""
        self.decided_at = None

    @step(label=_("Remind of the assessment"), source=[H.REPORTED], target=None, allow=SYSTEM, event="hazard.late",
          quiet=True)  # fmt: skip
    def remind(self, *, at):
        """Nobody assessed it in time: the township's centre reads it too."""
        self.late_since = at
