"""States and transitions of photos of an event and of what people say to them. Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.gatherings.querysets import ASKED, RUNS_PART


class PhotoState(models.TextChoices):
    KEPT = "kept", _("Kept")
    TAKEN_DOWN = "taken_down", _("Taken down")


class ConsentState(models.TextChoices):
    ASKED = "asked", _("Asked")
    CONSENTED = "consented", _("Agreed")
    REFUSED = "refused", _("Did not agree")


P, C = PhotoState, ConsentState


class EventPhotoSteps(models.Model):
    """The transitions; ``EventPhoto`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Ask somebody on it"), source=[P.KEPT], target=None, allow=RUNS_PART, event="photo.asked")
    def ask(self):
        """A person, a child's guardian, or a household that can be recognised."""
        self.nobody_by = None

    @step(label=_("Nobody can be recognised"), source=[P.KEPT], target=None, allow=RUNS_PART, event="photo.nobody")
    def nobody(self, *, nobody_by):
        """Whoever says so answers for it by name."""
        self.nobody_by = nobody_by

    @step(label=_("Take down"), source=[P.KEPT], target=P.TAKEN_DOWN, allow=RUNS_PART, event="photo.taken_down",
          backward=True)  # fmt: skip
    def take_down(self):
        """Not shown any more, whoever agreed."""


class PhotoConsentSteps(models.Model):
    """The transitions; ``PhotoConsent`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("I agree"), source=[C.ASKED, C.REFUSED], target=C.CONSENTED, allow=ASKED, event="consent.given")
    def agree(self, *, answered_by, answered_at):
        """The photo may be shown to neighbours."""
        self.answered_by, self.answered_at = answered_by, answered_at

    @step(label=_("I do not agree"), source=[C.ASKED, C.CONSENTED], target=C.REFUSED, allow=ASKED,
          event="consent.refused")  # fmt: skip
    def refuse(self, *, answered_by, answered_at):
        """Without a reason, at any time: it is hidden at once."""
        self.answered_by, self.answered_at = answered_by, answered_at
