"""States and transitions of a partner. Nothing here reads or writes data.

applied → approved → active ⇄ suspended → left; an application may be declined or withdrawn until it is active.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.recruiting.querysets import RUNS, SYSTEM, THEMSELVES


class PartnerState(models.TextChoices):
    APPLIED = "applied", _("Applied")
    APPROVED = "approved", _("Approved, not active yet")
    ACTIVE = "active", _("Active partner")
    SUSPENDED = "suspended", _("Suspended")
    LEFT = "left", _("Left")
    DECLINED = "declined", _("Application declined")
    WITHDRAWN = "withdrawn", _("Application withdrawn")


S = PartnerState
APPLICATION = (S.APPLIED, S.APPROVED)
STANDING = (S.ACTIVE, S.SUSPENDED)
OPEN = (*APPLICATION, *STANDING)


class PartnerSteps(models.Model):
    """The transitions; ``Partner`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Approve the application"), source=[S.APPLIED], target=S.APPROVED, allow=RUNS,
          event="partner.approved")  # fmt: skip
    def approve(self, *, unit=None):
        """An organisation is tied to its unit at the latest now."""
        self.unit = unit

    @step(label=_("Decline the application"), source=APPLICATION, target=S.DECLINED, allow=RUNS,
          event="partner.declined", backward=True)  # fmt: skip
    def decline(self):
        """Not a partner here; the reason is told."""

    @step(label=_("Withdraw the application"), source=APPLICATION, target=S.WITHDRAWN, allow=THEMSELVES,
          event="partner.withdrawn")  # fmt: skip
    def withdraw(self):
        """The applicant thought better of it."""

    @step(label=_("Make active"), source=[S.APPROVED], target=S.ACTIVE, allow=RUNS, event="partner.activated")
    def activate(self, *, account, active_from):
        """The agreement is signed, what is needed is verified; from now on points can be earned."""
        self.account, self.active_from = account, active_from

    @step(label=_("Suspend the partner"), source=[S.ACTIVE], target=S.SUSPENDED, allow=RUNS, event="partner.suspended",
          backward=True)  # fmt: skip
    def suspend(self, *, until=None):
        """For a time, or until somebody resumes it."""
        self.suspended_until = until

    @step(label=_("Resume"), source=[S.SUSPENDED], target=S.ACTIVE, allow=RUNS | SYSTEM, event="partner.resumed")
    def resume(self):
        """By hand, or because the time is over."""
        self.suspended_until = None

    @step(label=_("Let somebody act for it"), source=STANDING, target=None, allow=RUNS, event="partner.person_added")
    def add_person(self):
        """One more person of the organisation."""

    @step(label=_("End that somebody acts for it"), source=STANDING, target=None, allow=RUNS,
          event="partner.person_ended", backward=True)  # fmt: skip
    def drop_person(self):
        """Moved on, or never should have."""

    @step(label=_("Leave the partnership"), source=STANDING, target=S.LEFT, allow=THEMSELVES, event="partner.left")
    def leave(self, *, left_on):
        """The partner goes; points stay."""
        self.left_on, self.suspended_until = left_on, None

    @step(label=_("End the partnership"), source=STANDING, target=S.LEFT, allow=RUNS, event="partner.ended",
          backward=True)  # fmt: skip
    def end(self, *, left_on):
        """The community ends it, with a reason."""
        self.left_on, self.suspended_until = left_on, None
