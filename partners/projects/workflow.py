"""States and transitions of projects, claims and evaluations. Nothing here reads or writes data.

Project: planned → published → claiming → awarded → under_way → delivered → evaluated → closed; unclaimed (published
again or terminated), terminated. Claim: submitted → awarded → delivered; declined, withdrawn, quit, dismissed.
Evaluation: invited → answered; revoked.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.projects.querysets import ACTS, ANSWERS, RUNS, SYSTEM


class ProjectState(models.TextChoices):
    PLANNED = "planned", _("Being planned")
    PUBLISHED = "published", _("Published, claims open later")
    CLAIMING = "claiming", _("Open to be claimed")
    UNCLAIMED = "unclaimed", _("Claimed by nobody")
    AWARDED = "awarded", _("Awarded")
    UNDER_WAY = "under_way", _("Being carried out")
    DELIVERED = "delivered", _("Delivered, to be evaluated")
    EVALUATED = "evaluated", _("Evaluated by three parties")
    CLOSED = "closed", _("Project closed")
    TERMINATED = "terminated", _("Terminated")


class ClaimState(models.TextChoices):
    SUBMITTED = "submitted", _("Claim handed in")
    AWARDED = "awarded", _("Claim awarded")
    DELIVERED = "delivered", _("Reported as delivered")
    DECLINED = "declined", _("Claim declined")
    WITHDRAWN = "withdrawn", _("Claim withdrawn")
    QUIT = "quit", _("Given up by the partner")
    DISMISSED = "dismissed", _("Ended by the community")


class EvaluationState(models.TextChoices):
    INVITED = "invited", _("Asked, not answered yet")
    ANSWERED = "answered", _("Answered")
    REVOKED = "revoked", _("No longer asked")


P, C, E = ProjectState, ClaimState, EvaluationState
AFOOT = (P.PLANNED, P.PUBLISHED, P.CLAIMING, P.UNCLAIMED, P.AWARDED, P.UNDER_WAY)
RUNNING = (P.AWARDED, P.UNDER_WAY)


class ProjectSteps(models.Model):
    """The transitions; ``Project`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Change the plan"), source=[P.PLANNED, P.UNCLAIMED], target=None, allow=RUNS,
          event="project.changed", quiet=True)  # fmt: skip
    def change(self, **columns):
        """While nobody has claimed it."""
        for name, value in columns.items():
            setattr(self, name, value)

    @step(label=_("Publish the project"), source=[P.PLANNED, P.UNCLAIMED], target=P.PUBLISHED, allow=RUNS,
          event="project.published")  # fmt: skip
    def publish(self, *, published_at, claim_from, claim_until):
        """On view; claims are taken from ``claim_from`` to ``claim_until``."""
        self.published_at, self.claim_from, self.claim_until = published_at, claim_from, claim_until

    @step(label=_("Open for claims"), source=[P.PUBLISHED], target=P.CLAIMING, allow=RUNS | SYSTEM,
          event="project.claims_opened")  # fmt: skip
    def open_claims(self, *, claim_from):
        """At its time, or before by hand."""
        self.claim_from = claim_from

    @step(label=_("Nobody claimed it"), source=[P.CLAIMING, P.AWARDED, P.UNDER_WAY], target=P.UNCLAIMED, allow=SYSTEM,
          event="project.unclaimed", quiet=True)  # fmt: skip
    def lapse(self):
        """After the last day, or since the last partner gave it up."""

    @step(label=_("Time for claims over"), source=[P.CLAIMING], target=None, allow=SYSTEM,
          event="project.claims_ended", quiet=True)  # fmt: skip
    def end_claims(self):
        """There are claims to be decided on."""

    @step(label=_("Conclude the award"), source=[P.CLAIMING], target=P.AWARDED, allow=RUNS | SYSTEM,
          event="project.awarded")  # fmt: skip
    def conclude(self, *, awarded_at):
        """Claims not awarded by now are declined."""
        self.awarded_at = awarded_at

    @step(label=_("Begin the project"), source=[P.AWARDED], target=P.UNDER_WAY, allow=RUNS, event="project.begun")
    def begin(self, *, begun_at):
        """People sign in, the log is kept."""
        self.begun_at = begun_at

    @step(label=_("All delivered"), source=[P.UNDER_WAY], target=P.DELIVERED, allow=SYSTEM, event="project.delivered",
          quiet=True)  # fmt: skip
    def deliver(self, *, delivered_at):
        """Each partner has reported."""
        self.delivered_at = delivered_at

    @step(label=_("Conclude the evaluation"), source=[P.DELIVERED], target=P.EVALUATED, allow=RUNS,
          event="project.evaluated")  # fmt: skip
    def evaluate(self, *, score, grade, form, missing, evaluated_at):
        """The result is computed; a party that is missing needs a reason."""
        self.score, self.grade, self.form = score, grade, form
        self.missing, self.evaluated_at = missing, evaluated_at

    @step(label=_("Close the project"), source=[P.EVALUATED], target=P.CLOSED, allow=RUNS, event="project.closed")
    def close(self, *, closed_at):
        """Points are paid by the grade, those who needed it are told."""
        self.closed_at = closed_at

    @step(label=_("Undo the closing"), source=[P.CLOSED], target=P.EVALUATED, allow=RUNS, event="project.reopened",
          backward=True)  # fmt: skip
    def reopen(self):
        """Points are taken back."""
        self.closed_at = None

    @step(label=_("Evaluate again"), source=[P.EVALUATED], target=P.DELIVERED, allow=RUNS,
          event="project.evaluation_reopened", backward=True)  # fmt: skip
    def reevaluate(self):
        """The result is computed again, with who is asked in addition."""
        self.score = self.grade = self.form = self.evaluated_at = None
        self.missing = []

    @step(label=_("Terminate the project"), source=AFOOT, target=P.TERMINATED, allow=RUNS,
          event="project.terminated", backward=True)  # fmt: skip
    def terminate(self):
        """It is not carried out; the reason is told."""


class ClaimSteps(models.Model):
    """The transitions; ``Claim`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Award"), source=[C.SUBMITTED], target=C.AWARDED, allow=RUNS, event="claim.awarded")
    def award(self, *, decided_at):
        """This partner carries it out."""
        self.decided_at = decided_at

    @step(label=_("Decline the claim"), source=[C.SUBMITTED], target=C.DECLINED, allow=RUNS | SYSTEM,
          event="claim.declined", backward=True)  # fmt: skip
    def decline(self, *, decided_at):
        """The reason is told."""
        self.decided_at = decided_at

    @step(label=_("Withdraw the claim"), source=[C.SUBMITTED], target=C.WITHDRAWN, allow=ACTS, event="claim.withdrawn")
    def withdraw(self):
        """By the partner, before it is decided on."""

    @step(label=_("Report it delivered"), source=[C.AWARDED], target=C.DELIVERED, allow=RUNS | ACTS,
          event="claim.delivered")  # fmt: skip
    def deliver(self, *, report, served, sessions, delivered_at):
        """With figures; it is evaluated then."""
        self.report, self.served, self.sessions, self.delivered_at = report, served, sessions, delivered_at

    @step(label=_("Give up the project"), source=[C.AWARDED], target=C.QUIT, allow=ACTS, event="claim.quit",
          backward=True)  # fmt: skip
    def quit(self, *, ended_at):
        """By the partner, with a reason."""
        self.ended_at = ended_at

    @step(label=_("End it with this partner"), source=[C.AWARDED], target=C.DISMISSED, allow=RUNS | SYSTEM,
          event="claim.dismissed", backward=True)  # fmt: skip
    def dismiss(self, *, ended_at):
        """By the community, with a reason that is told."""
        self.ended_at = ended_at


class EvaluationSteps(models.Model):
    """The transitions; ``Evaluation`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Answer the form"), source=[E.INVITED], target=E.ANSWERED, allow=ANSWERS, event="evaluation.answered",
          quiet=True)  # fmt: skip
    def answer(self, *, words, answered_at):
        """Once; the marks are stored with it."""
        self.words, self.answered_at = words, answered_at

    @step(label=_("No longer ask"), source=[E.INVITED], target=E.REVOKED, allow=RUNS, event="evaluation.revoked")
    def revoke(self):
        """Somebody else is asked."""
