"""Transitions of an agreement. Nothing here reads or writes data.

Written: draft → signed by all parties → signed by the mediator → sealed by the committee = in effect (人民调解法 29).
Where somebody else mediates before the seal, the former mediator's signature is void: back to signed by all parties.
Oral: recorded → in effect on its day (30). Nothing is changed after the first signature: a draft is discarded and
another one made. A newer agreement of the same dispute that takes effect takes the place of the older. Days that were
typed in wrongly are put right until a court has it: of the signatures, and of one in effect that from which it binds.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.agreements.querysets import CLOCK, MEDIATES, PARTIES, SEALS, WORKS_ON
from mediation.agreements.states import UNDER_WAY, AgreementForm
from mediation.agreements.states import AgreementState as A

# All parties have signed, and none of it was replaced or discarded since.
SIGNED = (A.SIGNED_BY_PARTIES, A.SIGNED_BY_MEDIATOR, A.EFFECTIVE)


def is_written(agreement) -> bool:
    """Whether it is to be signed."""
    return agreement.form == AgreementForm.WRITTEN


def is_oral(agreement) -> bool:
    """Whether the mediator only records it."""
    return agreement.form == AgreementForm.ORAL


class AgreementSteps(models.Model):
    """The transitions; ``Agreement`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Correct the draft"), source=[A.DRAFT], target=None, allow=WORKS_ON,
          event="mediation_agreement.amended")  # fmt: skip
    def amend(self, *, subject, performance, made_on):
        """Clauses and obligations are written anew with it."""
        self.subject, self.performance, self.made_on = subject, performance, made_on

    @step(label=_("Record a party's signature"), source=[A.DRAFT], target=None, allow=WORKS_ON | PARTIES,
          guards=[is_written], event="mediation_agreement.party_signed")  # fmt: skip
    def sign_party(self):
        """One party signed, sealed or gave a fingerprint."""

    @step(label=_("Signed by all parties"), source=[A.DRAFT], target=A.SIGNED_BY_PARTIES, allow=CLOCK, quiet=True,
          guards=[is_written], event="mediation_agreement.signed_by_parties")  # fmt: skip
    def all_signed(self):
        """The last of them did."""

    @step(label=_("Sign as the mediator"), source=[A.SIGNED_BY_PARTIES], target=A.SIGNED_BY_MEDIATOR, allow=MEDIATES,
          guards=[is_written], event="mediation_agreement.signed_by_mediator")  # fmt: skip
    def sign_mediator(self, *, at):
        """The mediator of the dispute, nobody else."""
        self.mediator_signed_at = at

    @step(label=_("The former mediator's signature is void"), source=[A.SIGNED_BY_MEDIATOR],
          target=A.SIGNED_BY_PARTIES, allow=CLOCK, quiet=True, reason=True, guards=[is_written],
          event="mediation_agreement.mediator_signature_void")  # fmt: skip
    def void_mediator(self):
        """Somebody else mediates the dispute before it was sealed: they sign (人民调解法 29); the former is kept."""
        self.mediator_signed_at = None
        self.mediator_turn += 1

    @step(label=_("Seal for the committee"), source=[A.SIGNED_BY_MEDIATOR], target=A.EFFECTIVE, allow=SEALS,
          guards=[is_written], event="agreement.effective")  # fmt: skip
    def seal(self, *, at, effective_on, sealed_by):
        """The committee's seal: from its day on it binds."""
        self.sealed_at, self.effective_on, self.sealed_by = at, effective_on, sealed_by

    @step(label=_("Record as agreed orally"), source=[A.DRAFT], target=A.EFFECTIVE, allow=MEDIATES, guards=[is_oral],
          event="agreement.effective")  # fmt: skip
    def record_oral(self, *, at, effective_on):
        """What was agreed by word of mouth binds from the day on which it was."""
        self.mediator_signed_at, self.effective_on = at, effective_on

    @step(label=_("Correct the day of the effect"), source=[A.EFFECTIVE], target=None, allow=WORKS_ON,
          event="mediation_agreement.day_corrected", reason=True)  # fmt: skip
    def correct_day(self, *, effective_on, made_on):
        """It was sealed, or agreed orally, on another day than was typed in: the terms of the law count from it."""
        self.effective_on, self.made_on = effective_on, made_on

    @step(label=_("Correct the day of a signature"), source=SIGNED, target=None, allow=WORKS_ON, guards=[is_written],
          event="mediation_agreement.signature_corrected", reason=True)  # fmt: skip
    def correct_signature(self):
        """A party, or the mediator, signed on another day than was typed in; the signature itself stays."""

    @step(label=_("Discard this draft"), source=list(UNDER_WAY), target=A.DISCARDED, allow=WORKS_ON, backward=True,
          event="mediation_agreement.discarded")  # fmt: skip
    def discard(self):
        """It does not hold: a party changed their mind, or the text is wrong."""

    @step(label=_("Draft lapses"), source=list(UNDER_WAY), target=A.DISCARDED, allow=CLOCK, quiet=True,
          event="mediation_agreement.lapsed")  # fmt: skip
    def lapse(self):
        """The mediation ended without an agreement."""

    @step(label=_("A newer agreement takes its place"), source=[A.EFFECTIVE], target=A.REPLACED, allow=CLOCK,
          quiet=True, event="mediation_agreement.replaced")  # fmt: skip
    def replace(self, *, newer):
        """The parties agreed anew: what this one says is owed by it no longer."""
        self.replaced_by = newer
