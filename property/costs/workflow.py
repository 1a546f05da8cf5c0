"""States and transitions of books, funds, cost periods and disclosures. Nothing here reads or writes data.

Cost period: draft → published (公示) → collecting → settled → disclosed. Who keeps the books never publishes alone:
what a company wants paid is put before the owners by somebody who answers to them.
"""

from dataclasses import dataclass

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.registry.querysets import SomebodyElses
from governance.workflow import step
from property.costs.querysets import KeptBy, NotInHands, places


class BooksState(models.TextChoices):
    OPEN = "open", _("Being kept")
    CLOSED = "closed", _("Closed")


class PeriodState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published for objections")
    COLLECTING = "collecting", _("Collecting")
    SETTLED = "settled", _("Settled")
    DISCLOSED = "disclosed", _("Disclosed")
    DISCARDED = "discarded", _("Discarded")


class DisclosureState(models.TextChoices):
    DUE = "due", _("To be published")
    PUBLISHED = "published", _("Published")


B, P, D = BooksState, PeriodState, DisclosureState
AFTER = [P.PUBLISHED, P.COLLECTING, P.SETTLED, P.DISCLOSED]


@dataclass(frozen=True)
class Parties:
    """Who may do what to rows whose books lie at the end of ``path``.

    ``collects``: takes money of households (the company that keeps the books; the community for it).
    ``keeps``: writes costs and public income (also the owners' committee, whose money it is).
    ``answers``: puts figures before the owners: their committee, the party organisation, the community.
    """

    path: str

    @property
    def collects(self) -> dict:
        _area, there = places(self.path)
        return self.runs | {Role.PROPERTY_MANAGER: there & KeptBy(self.path)}

    @property
    def keeps(self) -> dict:
        return self.collects | self._owners

    @property
    def answers(self) -> dict:
        area, _there = places(self.path)
        return self.runs | self._owners | {Role.PARTY_SECRETARY: area}

    @property
    def runs(self) -> dict:
        """The community, which opens and closes books."""
        area, _there = places(self.path)
        return dict.fromkeys((Role.COMMUNITY_STAFF, Role.ADMINISTRATOR), area)

    @property
    def _owners(self) -> dict:
        """The committee of the estate whose books they are."""
        _area, there = places(self.path)
        return {Role.OWNERS_COMMITTEE_MEMBER: there}


OF_BOOKS, OF_ROWS = Parties(""), Parties("books")
# Nobody publishes what they drew up, or wrote any line or share of.
PUBLISHES = {role: relation & SomebodyElses("opened_by") & NotInHands() for role, relation in OF_ROWS.answers.items()}


def _with(hands: list[int], person: int) -> list[int]:
    return sorted({*hands, person})


def _without_fund(books) -> bool:
    return not hasattr(books, "fund")


def _notice_over(period) -> bool:
    return period.notice_until is not None and period.notice_until < timezone.localdate()


class BooksSteps(models.Model):
    """What is written into the books of an estate; each entry stands for good and is undone by another only."""

    class Meta:
        abstract = True

    @step(label=_("Record a payment"), source=[B.OPEN], target=None, allow=OF_BOOKS.collects,
          event="books.payment_recorded")  # fmt: skip
    def pay(self):
        """A household paid: a part, all, late, or more than it owes (kept as its credit)."""

    @step(label=_("Give money back"), source=[B.OPEN], target=None, allow=OF_BOOKS.collects, reason=True,
          event="books.payment_refunded")  # fmt: skip
    def refund(self):
        """At most the credit of the account."""

    @step(label=_("Reverse a payment"), source=[B.OPEN], target=None, allow=OF_BOOKS.collects, backward=True,
          event="books.payment_reversed")  # fmt: skip
    def reverse_payment(self):
        """It was recorded by mistake: a line with the opposite sign."""

    @step(label=_("Record public income"), source=[B.OPEN], target=None, allow=OF_BOOKS.keeps,
          event="books.income_recorded")  # fmt: skip
    def earn(self):
        """Income from common parts (民法典 282)."""

    @step(label=_("Record a cost of public income"), source=[B.OPEN], target=None, allow=OF_BOOKS.keeps,
          event="books.income_cost_recorded")  # fmt: skip
    def spend(self):
        """Reasonable cost of having the income; the rest is the owners'."""

    @step(label=_("Reverse an entry of public income"), source=[B.OPEN], target=None, allow=OF_BOOKS.keeps,
          backward=True, event="books.income_reversed")  # fmt: skip
    def reverse_income(self):
        """It was recorded by mistake: a line with the opposite sign."""

    @step(label=_("Draw up a cost period"), source=[B.OPEN], target=None, allow=OF_BOOKS.keeps,
          event="books.period_opened")  # fmt: skip
    def open_period(self):
        """A draft."""

    @step(label=_("Register the maintenance fund"), source=[B.OPEN], target=None, allow=OF_BOOKS.runs,
          guards=[_without_fund], event="books.fund_opened")  # fmt: skip
    def open_fund(self):
        """With what it holds now."""

    @step(label=_("Entrust to another company"), source=[B.OPEN], target=None, allow=OF_BOOKS.runs, reason=True,
          event="books.entrusted")  # fmt: skip
    def entrust(self, *, company):
        """The new property company sees and keeps the books from now on, the former no longer."""
        self.company = company

    @step(label=_("Close the books"), source=[B.OPEN], target=B.CLOSED, allow=OF_BOOKS.runs, backward=True,
          event="books.closed")  # fmt: skip
    def close(self):
        """Nothing more is written into them."""

    @step(label=_("Open the books again"), source=[B.CLOSED], target=B.OPEN, allow=OF_BOOKS.runs, reason=True,
          event="books.reopened")  # fmt: skip
    def reopen(self):
        """They are kept again."""


class FundSteps(models.Model):
    """What happens to a maintenance fund. The company that is paid from it writes nothing here."""

    class Meta:
        abstract = True

    @step(label=_("Record a deposit or interest"), source=[B.OPEN], target=None, allow=OF_ROWS.answers,
          event="fund.deposited")  # fmt: skip
    def deposit(self):
        """Money that came in."""

    @step(label=_("Put a use to a resolution"), source=[B.OPEN], target=None, allow=OF_ROWS.answers,
          event="fund.use_proposed")  # fmt: skip
    def propose_use(self):
        """How much for what a resolution that is not yet voted on would let be used."""

    @step(label=_("Use under a resolution"), source=[B.OPEN], target=None, allow=OF_ROWS.answers,
          event="fund.used")  # fmt: skip
    def use(self):
        """Only through an effective resolution, within its amount and the balance."""

    @step(label=_("Reverse an entry of the fund"), source=[B.OPEN], target=None, allow=OF_ROWS.answers,
          backward=True, event="fund.reversed")  # fmt: skip
    def reverse_entry(self):
        """It was recorded by mistake: a line with the opposite sign."""


class PeriodSteps(models.Model):
    """draft → published → collecting → settled → disclosed; corrections after that are lines of their own."""

    class Meta:
        abstract = True

    @step(label=_("Add a cost line"), source=[P.DRAFT], target=None, allow=OF_ROWS.keeps,
          event="cost_period.line_added")  # fmt: skip
    def add_line(self, *, by):
        """With its documents; ``by``: the key of who writes it."""
        self.hands = _with(self.hands, by)

    @step(label=_("Strike out a line"), source=[P.DRAFT], target=None, allow=OF_ROWS.keeps,
          event="cost_period.line_dropped")  # fmt: skip
    def drop_line(self, *, by):
        """While it is a draft."""
        self.hands = _with(self.hands, by)

    @step(label=_("Say who bears what"), source=[P.DRAFT], target=None, allow=OF_ROWS.keeps,
          event="cost_period.terms_set")  # fmt: skip
    def set_terms(self, *, basis, by):
        """The terms of the sources, and by what the household part goes to the dwellings."""
        self.basis, self.hands = basis, _with(self.hands, by)

    @step(label=_("Publish"), source=[P.DRAFT], target=P.PUBLISHED, allow=PUBLISHES, event="cost_period.published")
    def publish(self, *, published_at, notice_until, owners_of):
        """公示: it hangs out until ``notice_until``; from here on nothing is edited."""
        self.published_at, self.notice_until, self.owners_of = published_at, notice_until, owners_of

    @step(label=_("Collect"), source=[P.PUBLISHED], target=P.COLLECTING, allow=OF_ROWS.collects, guards=[_notice_over],
          event="cost_period.collecting")  # fmt: skip
    def collect(self, *, due_on):
        """The time for objections is over: households pay until ``due_on``."""
        self.due_on = due_on

    @step(label=_("Settle the costs"), source=[P.COLLECTING], target=P.SETTLED, allow=OF_ROWS.collects,
          event="cost_period.settled")  # fmt: skip
    def settle(self, *, subsidy_received, disclose_by):
        """What came in is added up; arrears stay with the dwellings."""
        self.subsidy_received, self.disclose_by = subsidy_received, disclose_by

    @step(label=_("Disclose"), source=[P.SETTLED], target=P.DISCLOSED, allow=OF_ROWS.answers,
          event="cost_period.disclosed")  # fmt: skip
    def disclose(self, *, disclosed_at, figures):
        """The final statement hangs out."""
        self.disclosed_at, self.figures = disclosed_at, figures

    @step(label=_("Correct a line"), source=AFTER, target=None, allow=OF_ROWS.answers, backward=True,
          event="cost_period.corrected")  # fmt: skip
    def correct(self):
        """By a line with the difference; what everybody bears follows."""

    @step(label=_("Record subsidy after settlement"), source=[P.SETTLED, P.DISCLOSED], target=None,
          allow=OF_ROWS.collects, event="cost_period.subsidy_recorded")  # fmt: skip
    def record_subsidy(self):
        """What a correction lets be claimed came in, or what it asks to be returned went back."""

    @step(label=_("Reverse subsidy after settlement"), source=[P.SETTLED, P.DISCLOSED], target=None,
          allow=OF_ROWS.collects, backward=True, event="cost_period.subsidy_reversed")  # fmt: skip
    def reverse_subsidy(self):
        """It was recorded by mistake: a line with the opposite sign."""

    @step(label=_("Discard"), source=[P.DRAFT], target=P.DISCARDED, allow=OF_ROWS.keeps, backward=True,
          event="cost_period.discarded")  # fmt: skip
    def discard(self):
        """It was drawn up by mistake."""


class DisclosureSteps(models.Model):
    """due → published."""

    class Meta:
        abstract = True

    @step(label=_("Publish"), source=[D.DUE], target=D.PUBLISHED, allow=OF_ROWS.answers, event="disclosure.published")
    def publish(self, *, published_at, figures):
        """The figures of its days, as they stand in the ledger, hang out for good."""
        self.published_at, self.figures = published_at, figures
