"""Accounts of households: who owes and pays for a dwelling, from which day to which."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Dwelling, Ownership
from property.costs.querysets import AccountQuerySet
from property.models.books import EstateBooks


class HouseholdAccount(models.Model):
    """What the owners of a dwelling owe and paid while it was theirs; co-owners share one account.

    ``days``: from the first day to the last (stored as ``[first, day after the last)``); open ends reach back to the
    beginning and on until it is sold. A charge is on the account whose days hold ``CostPeriod.owners_of``; a payment
    names its account. Without owners it is in the dwelling's name. ``number`` counts the accounts of a dwelling.
    Written by ``property.costs.households`` alone, under the lock of the dwelling.
    """

    books = models.ForeignKey(
        EstateBooks, models.PROTECT, related_name="accounts", verbose_name=_("books of an estate")
    )
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="accounts", verbose_name=_("dwelling"))
    number = models.PositiveIntegerField(_("number"))
    days = DateRangeField(_("days"))
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    ownerships = models.ManyToManyField(Ownership, through="AccountOwner", related_name="+")

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account of a household")
        verbose_name_plural = _("accounts of households")
        ordering = ["dwelling", "number"]
        constraints = [
            models.UniqueConstraint(fields=["books", "dwelling", "number"], name="household_account_once"),
            ExclusionConstraint(
                name="household_accounts_apart",
                expressions=[
                    ("books", RangeOperators.EQUAL), ("dwelling", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.code

    @property
    def code(self) -> str:
        """What people call it: the dwelling's code and the number of the account."""
        return f"{self.dwelling.code}/{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether new charges may still fall on it."""
        return self.days.upper is None and not self.days.isempty

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of its days."""
        return day in self.days

    @property
    def names(self) -> str:
        """The owners by name, personal data; empty where it is in the dwelling's name. Load ``with_owners``."""
        return "、".join(row.ownership.owner_name for row in self.owners.all())


class AccountOwner(models.Model):
    """An ownership that an account is of."""

    account = models.ForeignKey(
        HouseholdAccount, models.PROTECT, related_name="owners", verbose_name=_("account of a household")
    )
    ownership = models.OneToOneField(Ownership, models.PROTECT, related_name="+", verbose_name=_("ownership"))

    class Meta:
        verbose_name = _("owner of an account")
        verbose_name_plural = _("owners of accounts")
        ordering = ["id"]

    def __str__(self):
        return str(self.ownership_id)
