"""States and transitions of credit files. Nothing here reads or writes data.

Formula: draft → in force → replaced. Note: recorded → told → annulled. Appeal: open → upheld | declined; withdrawn.
List: deciding → published; withdrawn. Candidate: proposed ⇄ chosen | not chosen.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.credit.querysets import ACTS, RUNS, SETS, SYSTEM


class FormulaState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", _("In force")
    REPLACED = "replaced", _("Replaced")


class NoteState(models.TextChoices):
    RECORDED = "recorded", _("Recorded, the partner is not told yet")
    TOLD = "told", _("The partner was told")
    ANNULLED = "annulled", _("Annulled")


class CreditAppealState(models.TextChoices):
    OPEN = "open", _("To be decided")
    UPHELD = "upheld", _("Appeal upheld")
    DECLINED = "declined", _("Appeal declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ListState(models.TextChoices):
    DECIDING = "deciding", _("Candidates are decided on")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CandidateState(models.TextChoices):
    PROPOSED = "proposed", _("To be decided")
    CHOSEN = "chosen", _("Is chosen")
    NOT_CHOSEN = "not_chosen", _("Not chosen")


F, N, A, L, C = FormulaState, NoteState, CreditAppealState, ListState, CandidateState


class FormulaSteps(models.Model):
    """The transitions; ``CreditFormula`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Put in force"), source=[F.DRAFT], target=F.IN_FORCE, allow=SETS, event="credit_formula.in_force")
    def put_in_force(self):
        """From its first day on; the one before ends the day before. It is never edited from now on."""

    @step(label=_("Replaced by a later one"), source=[F.IN_FORCE], target=F.REPLACED, allow=SETS,
          event="credit_formula.replaced", quiet=True)  # fmt: skip
    def replace(self, *, valid_to):
        """It holds for the days up to this one."""
        self.valid_to = valid_to


class NoteSteps(models.Model):
    """The transitions; ``CreditNote`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Tell the partner"), source=[N.RECORDED], target=N.TOLD, allow=RUNS | SYSTEM,
          event="credit_note.told")  # fmt: skip
    def tell(self, *, told_at):
        """The notice stands in the partner's list: from now on the note may count."""
        self.told_at = told_at

    @step(label=_("Answer"), source=[N.TOLD], target=None, allow=ACTS, event="credit_note.answered", reason=True)
    def answer(self):
        """The partner says what it has to say; the words stand beside the note."""

    @step(label=_("Annul"), source=[N.RECORDED, N.TOLD], target=N.ANNULLED, allow=RUNS, event="credit_note.annulled",
          backward=True)  # fmt: skip
    def annul(self):
        """It was a mistake, or an appeal was upheld: it never counts again."""


class CreditAppealSteps(models.Model):
    """The transitions; ``CreditAppeal`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Uphold"), source=[A.OPEN], target=A.UPHELD, allow=RUNS, event="credit_appeal.upheld", reason=True)
    def uphold(self, *, by, at):
        """The partner is right: the note is annulled, the file computed anew."""
        self.decided_by, self.decided_at = by, at

    @step(label=_("Decline"), source=[A.OPEN], target=A.DECLINED, allow=RUNS, event="credit_appeal.declined",
          backward=True)  # fmt: skip
    def decline(self, *, by, at):
        """It stays as it is; the reason is told."""
        self.decided_by, self.decided_at = by, at

    @step(label=_("Withdraw"), source=[A.OPEN], target=A.WITHDRAWN, allow=ACTS, event="credit_appeal.withdrawn")
    def withdraw(self):
        """The partner thought better of it."""

    @step(label=_("Call to mind"), source=[A.OPEN], target=None, allow=SYSTEM, event="credit_appeal.overdue",
          quiet=True)  # fmt: skip
    def remind(self):
        """The deadline has passed and nobody has decided."""


class ListSteps(models.Model):
    """The transitions; ``CreditList`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Publish"), source=[L.DECIDING], target=L.PUBLISHED, allow=RUNS, event="credit_list.published")
    def publish(self, *, at):
        """Every candidate was decided on by a person; those chosen are told."""
        self.published_at = at

    @step(label=_("Withdraw"), source=[L.DECIDING, L.PUBLISHED], target=L.WITHDRAWN, allow=RUNS,
          event="credit_list.withdrawn", backward=True)  # fmt: skip
    def withdraw(self):
        """The list does not hold."""


class CandidateSteps(models.Model):
    """The transitions; ``CreditCandidate`` inherits them. Each decision needs a reason, whatever the score."""

    class Meta:
        abstract = True

    @step(label=_("Choose"), source=[C.PROPOSED], target=C.CHOSEN, allow=RUNS, event="credit_candidate.chosen",
          reason=True)  # fmt: skip
    def choose(self, **decision):
        self.decide(**decision)

    @step(label=_("Do not choose"), source=[C.PROPOSED], target=C.NOT_CHOSEN, allow=RUNS,
          event="credit_candidate.not_chosen", backward=True)  # fmt: skip
    def pass_over(self, **decision):
        self.decide(**decision)

    @step(label=_("Decide anew"), source=[C.CHOSEN, C.NOT_CHOSEN], target=C.PROPOSED, allow=RUNS,
          event="credit_candidate.reopened", backward=True)  # fmt: skip
    def reopen(self):
        """As long as the list is not published."""
        self.decided_by = self.decided_at = None
        self.decision = ""

    def decide(self, *, by, at, decision):
        """Keep who decided, when and why."""
        self.decided_by, self.decided_at, self.decision = by, at, decision
