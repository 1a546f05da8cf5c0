"""Transitions of a judicial confirmation. Nothing here reads or writes data.

not wanted / eligible → jointly applied → received → admitted → valid | rejected | withdrawn (domain/mediation.md). What
was not for that court, or lacked papers, may be applied for again while the term runs. What the court's clerk entered
by mistake goes back by one step, until an enforcement is noted or somebody has applied again.
Whether both parties apply, and in time, is judged by the services (``applying``): their refusals name the article.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.agreements.querysets import PARTIES
from mediation.agreements.states import AgreementState
from mediation.confirmation.querysets import CLOCK, COURT, HELPS
from mediation.confirmation.states import MAY_APPLY_AGAIN
from mediation.confirmation.states import ConfirmationState as C


def may_apply_again(confirmation) -> bool:
    """Whether the court turned away the application, not the agreement."""
    return confirmation.ground in MAY_APPLY_AGAIN


def not_turned_away(confirmation) -> bool:
    """Whether the parties themselves did not go on with it."""
    return not may_apply_again(confirmation)


def agreement_holds(confirmation) -> bool:
    """Whether no newer agreement took the place of the one that would be confirmed."""
    return confirmation.agreement.state == AgreementState.EFFECTIVE


def was_admitted(confirmation) -> bool:
    """Whether the court had admitted what it decided, or handed back."""
    return confirmation.admitted_on is not None


def admission_goes(confirmation) -> bool:
    """Whether what is taken back is the admission itself, or an answer given before it."""
    return confirmation.state == C.ADMITTED or confirmation.admitted_on is None


def was_received(confirmation) -> bool:
    """Whether the court had received what it admitted, answered or was asked to give back."""
    return confirmation.received_on is not None


def receipt_goes(confirmation) -> bool:
    """Whether what is taken back is the receipt itself, or a withdrawal before it."""
    return confirmation.state == C.RECEIVED or confirmation.received_on is None


def entered_by_court(confirmation) -> bool:
    """Whether the court's clerk entered it, and not the parties took the application back with their mediator."""
    return confirmation.state != C.WITHDRAWN or bool(confirmation.ground) or confirmation.withdrawn_by_court


def goes_on(confirmation) -> bool:
    """Whether the court may go on with it: what was turned away only while no newer agreement took the place."""
    return confirmation.state in (C.RECEIVED, C.ADMITTED, C.VALID) or agreement_holds(confirmation)


def not_enforced(confirmation) -> bool:
    """Whether nobody has gone on from the ruling."""
    return confirmation.enforcement_on is None


class ConfirmationSteps(models.Model):
    """The transitions; ``JudicialConfirmation`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Decide what the law excludes"), source=[C.ELIGIBLE], target=None, allow=HELPS,
          event="confirmation.judged")  # fmt: skip
    def judge(self, *, concerns_identity, concerns_title):
        """A person decides whether the agreement is about what no court confirms (民诉解释 355)."""
        self.concerns_identity, self.concerns_title = concerns_identity, concerns_title

    @step(label=_("The parties do not want it"), source=[C.ELIGIBLE], target=C.NOT_WANTED, allow=HELPS,
          event="confirmation.not_wanted")  # fmt: skip
    def not_wanted(self):
        """They were asked, and said no."""

    @step(label=_("The parties want it after all"), source=[C.NOT_WANTED, C.WITHDRAWN], target=C.ELIGIBLE,
          allow=HELPS | CLOCK, guards=[not_turned_away, agreement_holds], event="confirmation.wanted")  # fmt: skip
    def wanted(self):
        """They changed their minds, or one of them asks for it; the term runs on as it did."""
        self._forget_application()

    @step(label=_("Apply again"), source=[C.REJECTED, C.WITHDRAWN], target=C.ELIGIBLE, allow=HELPS,
          guards=[may_apply_again, agreement_holds], event="confirmation.open_again")  # fmt: skip
    def again(self):
        """It was not for that court (民诉解释 355), or its papers were not completed (357): the term runs on as it did,
        and what the parties said counts."""
        self._forget_application()

    def _forget_application(self):
        self.applied_on = self.applied_at = self.received_on = self.admitted_on = None
        self.decided_on = self.decide_by = self.court = None
        self.court_basis = self.court_reason = self.case_number = self.ground = self.late_reason = self.proof = ""
        self.proof_file, self.extended, self.withdrawn_by_court = None, False, False

    @step(label=_("Record a party's wish"), source=[C.ELIGIBLE, C.NOT_WANTED], target=None,
          allow=HELPS | PARTIES | CLOCK, event="confirmation.consent_recorded")  # fmt: skip
    def consent(self):
        """What one party said of a joint application; no other party's "no" takes it from them."""

    @step(label=_("Apply jointly to the court"), source=[C.ELIGIBLE], target=C.JOINTLY_APPLIED, allow=HELPS,
          event="confirmation.applied")  # fmt: skip
    def apply(self, *, court, basis, court_reason, applied_on, at, shown):
        """Both parties do, within the 30 days (民事诉讼法 205). ``shown``: what proves the day of what is recorded
        late."""
        self.court, self.court_basis, self.applied_on, self.applied_at = court, basis, applied_on, at
        self.court_reason = court_reason
        self._prove(shown)

    def _prove(self, shown):
        for name, value in shown.items():
            setattr(self, name, value)

    @step(label=_("Correct court and day"), source=[C.JOINTLY_APPLIED], target=None, allow=HELPS,
          event="confirmation.corrected", reason=True)  # fmt: skip
    def correct(self, *, court, basis, court_reason, applied_on, last_day, shown):
        """What was entered of the application was wrong; no word of a party is asked for anew."""
        self.last_day = last_day
        self.court, self.court_basis, self.applied_on, self.court_reason = court, basis, applied_on, court_reason
        self._prove(shown)

    @step(label=_("Call to mind the term"), source=[C.ELIGIBLE], target=None, allow=CLOCK, quiet=True,
          event="confirmation.reminded")  # fmt: skip
    def remind(self, *, day):
        """The term runs; nobody has applied."""
        self.reminded_day = day

    @step(label=_("A newer agreement takes its place"), source=[C.ELIGIBLE, C.NOT_WANTED], target=C.REPLACED,
          allow=CLOCK, quiet=True, event="confirmation.replaced")  # fmt: skip
    def replace(self):
        """Nobody had applied; what the parties agreed anew has a term of its own."""

    @step(label=_("Receive the application"), source=[C.JOINTLY_APPLIED], target=C.RECEIVED, allow=COURT,
          event="confirmation.received")  # fmt: skip
    def receive(self, *, on):
        """The court has the papers; it decides within three days whether it admits them (法释〔2011〕5号)."""
        self.received_on = on

    @step(label=_("Admit the application"), source=[C.RECEIVED], target=C.ADMITTED, allow=COURT,
          event="confirmation.admitted")  # fmt: skip
    def admit(self, *, on, number, decide_by):
        """The court examines it, and decides within 15 days (10 more if need be)."""
        self.admitted_on, self.case_number, self.decide_by = on, number, decide_by

    @step(label=_("Decide ten days later"), source=[C.ADMITTED], target=None, allow=COURT,
          event="confirmation.extended", backward=True)  # fmt: skip
    def extend(self, *, decide_by):
        """Special circumstances: ten days more, once."""
        self.decide_by, self.extended = decide_by, True

    @step(label=_("Confirm as valid"), source=[C.ADMITTED], target=C.VALID, allow=COURT, event="confirmation.valid")
    def confirm(self, *, on, number):
        """A ruling: where a party does not perform, the other may ask for enforcement (民事诉讼法 206)."""
        self.decided_on, self.case_number = on, number

    @step(label=_("Do not admit the application"), source=[C.RECEIVED], target=C.REJECTED, allow=COURT,
          event="confirmation.not_admitted", backward=True)  # fmt: skip
    def not_admit(self, *, on, ground):
        """It is none for a court to confirm (民诉解释 355); there is nothing to reject before it is admitted."""
        self.decided_on, self.ground = on, ground

    @step(label=_("Reject the application"), source=[C.ADMITTED], target=C.REJECTED, allow=COURT,
          event="confirmation.rejected", backward=True)  # fmt: skip
    def reject(self, *, on, ground):
        """Rejected after it was admitted (民诉解释 355, 358); the parties may mediate anew or sue (民事诉讼法 206)."""
        self.decided_on, self.ground = on, ground

    @step(label=_("Withdraw the application"), source=[C.JOINTLY_APPLIED, C.RECEIVED, C.ADMITTED], target=C.WITHDRAWN,
          allow=HELPS | COURT, event="confirmation.withdrawn", backward=True)  # fmt: skip
    def withdraw(self, *, on, by_court):
        """A party took it back before the ruling (民诉解释 357); ``by_court``: its clerk entered that."""
        self.decided_on, self.withdrawn_by_court = on, by_court

    @step(label=_("Treat as withdrawn: papers not completed"), source=[C.RECEIVED, C.ADMITTED], target=C.WITHDRAWN,
          allow=COURT, event="confirmation.papers_lacking", backward=True)  # fmt: skip
    def hand_back(self, *, on, ground):
        """Without good reason papers or statements were not completed in the time the court set (民诉解释 357)."""
        self.decided_on, self.ground = on, ground

    @step(label=_("Take back the receipt, or the withdrawal: a mistake"), source=[C.RECEIVED, C.WITHDRAWN],
          target=C.JOINTLY_APPLIED, allow=COURT, event="confirmation.court_corrected", backward=True,
          guards=[receipt_goes, entered_by_court, goes_on])  # fmt: skip
    def back_to_applied(self):
        """Another application was meant, or another day."""
        self.received_on = self.decided_on = None
        self.withdrawn_by_court = False

    @step(label=_("Take back the admission, the answer or the withdrawal: a mistake"),
          source=[C.ADMITTED, C.REJECTED, C.WITHDRAWN], target=C.RECEIVED, allow=COURT,
          event="confirmation.court_corrected", backward=True,
          guards=[was_received, admission_goes, entered_by_court, goes_on])  # fmt: skip
    def back_to_received(self):
        """What the clerk entered of it was not so; it is entered anew."""
        self.admitted_on = self.decide_by = self.decided_on = None
        self.case_number, self.extended, self.ground, self.withdrawn_by_court = "", False, "", False

    @step(label=_("Take back the decision, or the withdrawal: a mistake"), source=[C.VALID, C.REJECTED, C.WITHDRAWN],
          target=C.ADMITTED, allow=COURT, event="confirmation.court_corrected", backward=True,
          guards=[was_admitted, entered_by_court, goes_on, not_enforced])  # fmt: skip
    def back_to_admitted(self, *, number):
        """The ruling, its number, its day or its ground was not so. ``number``: that of the admission."""
        self.decided_on, self.ground, self.case_number, self.withdrawn_by_court = None, "", number, False

    @step(label=_("Note an enforcement"), source=[C.VALID], target=None, allow=HELPS | COURT,
          event="confirmation.enforcement_noted")  # fmt: skip
    def note_enforcement(self, *, on, number):
        """A party asked for enforcement of the confirmed agreement."""
        self.enforcement_on, self.enforcement_number = on, number
