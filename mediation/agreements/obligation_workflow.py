"""Transitions of an obligation: due → performed | part | overdue → urged → told of litigation.

The committee supervises performance and urges it (人民调解法 31); of a dispute about the agreement it tells the parties
that they may sue (32). What a newer agreement replaces is not owed any more. What was recorded by mistake goes back by
one step: what had been recorded before it stays.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.agreements.querysets import CLOCK, WORKS_ON
from mediation.agreements.states import OWED
from mediation.agreements.states import ObligationState as O

CORRECTED = _("Correct what was recorded")
RECORDED = (O.PERFORMED, O.PART, O.URGED, O.TOLD_OF_LITIGATION)


def back_to(state: str):
    """Return the step that takes what was recorded last back, to the state before; ``correct`` picks it."""

    def correct_to(self, *, paid, urged_at, told_at):
        """As if the last of it had not been recorded."""
        self.performed_on, self.paid, self.urged_at, self.told_at = None, paid, urged_at, told_at
        self.found_on = None

    correct_to.__name__ = back_name(state)
    return step(label=CORRECTED, source=list(RECORDED), target=state, allow=WORKS_ON, backward=True, quiet=True,
                event="obligation.corrected")(correct_to)  # fmt: skip


def back_name(state: str) -> str:
    """Return the name of the step that takes what was recorded last back to a state."""
    return "correct" if state == O.DUE else f"correct_to_{state}"


class ObligationSteps(models.Model):
    """The transitions; ``Obligation`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Performed as agreed"), source=list(OWED), target=O.PERFORMED, allow=WORKS_ON,
          event="obligation.performed")  # fmt: skip
    def perform_whole(self, *, on, paid, found_on=None):
        """All of it was done or paid, on a day; ``found_on``: by that day, it is not known when."""
        self.performed_on, self.paid, self.found_on = on, paid, found_on

    @step(label=_("Performed in part"), source=list(OWED), target=O.PART, allow=WORKS_ON, event="obligation.part")
    def perform_part(self, *, paid):
        """Some of it was; ``paid`` is the sum so far in yuan."""
        self.paid = paid

    @step(label=_("Not performed in time"), source=[O.DUE, O.PART], target=O.OVERDUE, allow=CLOCK, quiet=True,
          event="obligation.overdue")  # fmt: skip
    def lapse(self):
        """Its day is over."""

    @step(label=_("Urge to perform"), source=[O.OVERDUE, O.URGED, O.PART], target=O.URGED, allow=WORKS_ON,
          event="obligation.urged")  # fmt: skip
    def urge(self, *, at):
        """The committee urged the debtor (人民调解法 31)."""
        self.urged_at = at

    @step(label=_("Told of the way to court"), source=[O.URGED], target=O.TOLD_OF_LITIGATION, allow=WORKS_ON,
          event="obligation.told_of_litigation")  # fmt: skip
    def tell_of_litigation(self, *, at):
        """The creditor was told that they may sue, or have a confirmed agreement enforced (32)."""
        self.told_at = at

    @step(label=_("A newer agreement takes its place"), source=list(OWED), target=O.REPLACED, allow=CLOCK,
          quiet=True, event="obligation.replaced")  # fmt: skip
    def replace(self):
        """The parties agreed anew; what was performed stays so."""

    @step(label=CORRECTED, source=list(RECORDED), target=O.DUE, allow=WORKS_ON, backward=True,
          event="obligation.corrected")  # fmt: skip
    def correct(self, *, paid, urged_at, told_at):
        """The last of it had been recorded by mistake: it is as it was before (``performing``)."""
        self.performed_on, self.paid, self.urged_at, self.told_at = None, paid, urged_at, told_at
        self.found_on = None

    correct_to_part = back_to(O.PART)
    correct_to_overdue = back_to(O.OVERDUE)
    correct_to_urged = back_to(O.URGED)
    correct_to_told_of_litigation = back_to(O.TOLD_OF_LITIGATION)
