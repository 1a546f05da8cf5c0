"""The points bank's books: accounts, transfers with their entries, lots and what was drawn from them.

The nine invariants (domain/partners.md, "Ledger invariants") are kept by the triggers of ``migrations/0001_ledger.py``:
balances and lots are written by them alone, out of entries and draws, which are never changed.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.models import Area, OrgUnit, User
from governance.models.event import CurrentTransactionId, TransactionId
from partners.ledger.querysets import AccountQuerySet, EntryQuerySet, TransferQuerySet


class AccountKind(models.TextChoices):
    MEMBER = "member", _("Member")
    MERCHANT = "merchant", _("Merchant")
    POOL = "pool", _("Pool of the community")
    REDEEMED = "redeemed", _("Redeemed for community services and goods")
    EXPIRED = "expired", _("Expired")
    SETTLED = "settled", _("Settled with merchants")


# The sides of a community's books that belong to nobody: one account of each kind in an area.
SIDES = (AccountKind.POOL, AccountKind.REDEEMED, AccountKind.EXPIRED, AccountKind.SETTLED)


class Part(models.TextChoices):
    AVAILABLE = "available", _("Available")
    HELD = "held", _("Set aside")
    OWED = "owed", _("Owed")


class TransferKind(models.TextChoices):
    EARN = "earn", _("Earned")
    SPEND = "spend", _("Spent")
    GIVE = "give", _("Given to another member")
    HOLD = "hold", _("Set aside")
    POST = "post", _("Redeemed")
    VOID = "void", _("Released")
    TIME_OUT = "time_out", _("Released: time is up")
    EXPIRE = "expire", _("Expired")
    REVERSE = "reverse", _("Reversed")
    ADJUST = "adjust", _("Adjusted")
    SETTLE = "settle", _("Settled with the merchant")


OWNED = Q(user__isnull=False) | Q(unit__isnull=False)
BY_OWNER = (
    Q(kind=AccountKind.MEMBER, user__isnull=False, unit__isnull=True)
    | Q(kind=AccountKind.MEMBER, user__isnull=True, unit__isnull=False)
    | Q(kind=AccountKind.MERCHANT, user__isnull=True, unit__isnull=False)
    | (Q(kind__in=SIDES) & ~OWNED)
)


class Account(models.Model):
    """Points of one owner in one community (``area``); whole points, no money.

    A member's account belongs to a person (``user``) or to a unit that is a partner (``unit``: a company, a school); a
    merchant's to a unit. The other kinds are the sides of the community's own books.

    ``available``, ``held``, ``owed`` are kept for members only, by the trigger that books an entry; nobody else may
    write them. What a side or a merchant holds is the sum of its entries: so no row is hot, however many earn and spend
    at once. ``owed``: points of a reversed earning that were already spent; later earnings pay them first.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)
    area = models.ForeignKey(Area, models.PROTECT, related_name="points_accounts", verbose_name=_("community"))
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="points_accounts", verbose_name=_("person")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="points_accounts", verbose_name=_("unit")
    )
    available = models.IntegerField(_("available"), default=0, editable=False)
    held = models.IntegerField(_("set aside"), default=0, editable=False)
    owed = models.IntegerField(_("owed"), default=0, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    opened_at = models.DateTimeField(_("opened"), db_default=Now(), editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("points account")
        verbose_name_plural = _("points accounts")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="account_owner_by_kind", condition=BY_OWNER),
            models.CheckConstraint(
                name="account_never_overdrawn", condition=Q(available__gte=0, held__gte=0, owed__gte=0)
            ),
            models.CheckConstraint(
                name="account_balance_of_members",
                condition=Q(kind=AccountKind.MEMBER) | Q(available=0, held=0, owed=0),
            ),
            models.UniqueConstraint(
                fields=["user", "area"], condition=Q(user__isnull=False), name="account_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["unit", "area", "kind"], condition=Q(unit__isnull=False), name="account_once_a_unit"
            ),
            models.UniqueConstraint(fields=["area", "kind"], condition=Q(kind__in=SIDES), name="account_side_once"),
        ]

    def __str__(self):
        owner = self.user or self.unit
        return f"{owner} · {self.area}" if owner else f"{self.area} · {self.get_kind_display()}"

    @property
    def owner_name(self) -> str:
        """Whose it is, by name; of a community's own sides the community's."""
        return str(self.user or self.unit or self.area)


class Transfer(models.Model):
    """One movement of points. Never changed, never deleted (database triggers); its entries add up to nothing.

    ``key`` names the wish, so that it has one effect however often it is sent; ``fingerprint`` is the SHA-256 (hex) of
    what was wished. ``account`` is the member's (of a settlement: the merchant's) and ``counterpart`` the merchant or
    other member on the far side, if one is. ``reason`` is a code that says what for, ``evidence`` the row that proves
    it (model label and id). ``tx`` is the transaction that wrote it: entries can be added in that one only.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=TransferKind)
    key = models.CharField(_("key"), max_length=120, unique=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="transfers", db_index=False, verbose_name=_("account")
    )
    counterpart = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="received", db_index=False,
        verbose_name=_("far side"),
    )  # fmt: skip
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    amount = models.IntegerField(_("number of points"))
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    reason = models.CharField(_("reason"), max_length=60)
    evidence_type = models.CharField(_("evidence"), max_length=60, blank=True)
    evidence_id = models.BigIntegerField(_("number of the evidence"), null=True, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    tx = TransactionId(db_default=CurrentTransactionId(), editable=False)
    occurred_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("points transfer")
        verbose_name_plural = _("points transfers")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["area", "occurred_at"], name="transfer_area_moment"),
            # The days of an account, whichever side of the transfer it is on.
            models.Index(fields=["account", "occurred_at"], name="transfer_account_moment"),
            models.Index(
                fields=["counterpart", "occurred_at"],
                condition=Q(counterpart__isnull=False),
                name="transfer_far_side_moment",
            ),
            models.Index(
                fields=["evidence_type", "evidence_id"], condition=~Q(evidence_type=""), name="transfer_evidence"
            ),
        ]
        constraints = [
            models.CheckConstraint(name="transfer_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="transfer_reverse_names_one",
                condition=Q(kind=TransferKind.REVERSE, reverses__isnull=False)
                | (~Q(kind=TransferKind.REVERSE) & Q(reverses__isnull=True)),
            ),
            # Points come from evidence only, whoever writes: a fact of the database.
            models.CheckConstraint(
                name="transfer_earned_by_evidence", condition=~Q(kind=TransferKind.EARN) | ~Q(evidence_type="")
            ),
            models.CheckConstraint(
                name="transfer_evidence_whole",
                condition=Q(evidence_type="", evidence_id__isnull=True)
                | (~Q(evidence_type="") & Q(evidence_id__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.amount}"


class Entry(models.Model):
    """One leg of a transfer: ``amount`` points into a part of an account, or out of it (negative). Append-only."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="entries", verbose_name=_("transfer"))
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("account")
    )
    part = models.CharField(_("part of the account"), max_length=10, choices=Part)
    amount = models.IntegerField(_("number of points"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a points transfer")
        verbose_name_plural = _("entries of points transfers")
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "id"], name="entry_account")]
        constraints = [models.CheckConstraint(name="entry_not_zero", condition=~Q(amount=0))]

    def __str__(self):
        return f"{self.get_part_display()} {self.amount:+}"


class Lot(models.Model):
    """Points granted together, that expire together after the day ``expires_on`` (none: never).

    ``remaining`` (those ``held`` included) is kept by the trigger that books a draw. ``expiries`` counts how often
    points of it expired: what a released hold or a reversal brings back to an expired lot expires again.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots", db_index=False, verbose_name=_("account"))
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="lots", verbose_name=_("granted by"))
    granted = models.IntegerField(_("granted"))
    remaining = models.IntegerField(_("remaining"), default=0, editable=False)
    held = models.IntegerField(_("set aside"), default=0, editable=False)
    expires_on = models.DateField(_("good until"), null=True, blank=True)
    expiries = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("lot of points")
        verbose_name_plural = _("lots of points")
        ordering = ["id"]
        indexes = [
            # The order in which lots are used up: the earliest to expire first.
            models.Index(fields=["account", "expires_on", "id"], condition=Q(remaining__gt=F("held")), name="lot_open"),
            models.Index(fields=["expires_on"], condition=Q(remaining__gt=F("held")), name="lot_to_expire"),
        ]
        constraints = [
            models.CheckConstraint(
                name="lot_within_granted",
                condition=Q(granted__gt=0, held__gte=0, remaining__gte=F("held"), remaining__lte=F("granted")),
            ),
        ]

    def __str__(self):
        return f"{self.remaining}/{self.granted}"


class Draw(models.Model):
    """Points of a lot that a transfer used (negative), set aside, gave back or granted. Append-only."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="draws", verbose_name=_("transfer"))
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="draws", verbose_name=_("lot"))
    part = models.CharField(
        _("part of the account"),
        max_length=10,
        choices=[choice for choice in Part.choices if choice[0] != Part.OWED.value],
    )
    amount = models.IntegerField(_("number of points"))

    class Meta:
        verbose_name = _("draw on a lot of points")
        verbose_name_plural = _("draws on lots of points")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="draw_not_zero", condition=~Q(amount=0)),
            models.CheckConstraint(name="draw_part", condition=Q(part__in=[Part.AVAILABLE, Part.HELD])),
        ]

    def __str__(self):
        return f"{self.get_part_display()} {self.amount:+}"
