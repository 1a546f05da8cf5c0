"""Parties of a dispute: persons and organisations. Identity and phone are encrypted and shown masked."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.masking import masked_name, masked_phone
from governance.models import OrgUnit, User
from governance.sealing import Box
from mediation.disputes.digests import digest_of
from mediation.disputes.querysets import OfDisputeQuerySet, PartyQuerySet
from mediation.disputes.states import PartyKind, PartySide
from mediation.models.dispute import Dispute

BOX = Box(b"mediation.party")


class Parties(models.Manager):
    """Those who are parties: who was entered by mistake and struck is kept, and counts nowhere."""

    def get_queryset(self):
        return super().get_queryset().filter(struck_at=None)


class Party(models.Model):
    """A party to a dispute. ``user``: the account, where they have one. ``agent``: who acts for them, if anybody.

    ``phone``, ``identity`` (resident identity number, or an organisation's unified credit code) are properties over
    encrypted columns; reading them unmasked is recorded (``mediation.access``).

    ``answers_after``: the key of the last consent that was given before name, phone or capacity were put right: it may
    be somebody else's; ``names_after`` likewise that of the last former spelling, before another name was entered.
    ``struck_at``: entered by mistake; such rows are in ``everyone``, not in ``objects``.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="parties", verbose_name=_("dispute"))
    side = models.CharField(_("side"), max_length=10, choices=PartySide)
    kind = models.CharField(_("kind"), max_length=12, choices=PartyKind, default=PartyKind.PERSON)
    name = models.CharField(_("name"), max_length=80)
    agent = models.CharField(_("represented by"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=160, blank=True)
    without_capacity = models.BooleanField(_("minor or without full capacity"), default=False)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="party_of", verbose_name=_("account")
    )
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    phone_sealed = models.BinaryField(null=True, blank=True, editable=False)
    phone_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    identity_sealed = models.BinaryField(null=True, blank=True, editable=False)
    identity_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    answers_after = models.BigIntegerField(_("last answer that no longer counts"), default=0, editable=False)
    names_after = models.BigIntegerField(
        _("last former spelling of somebody else's name"), default=0, editable=False
    )  # fmt: skip
    struck_at = models.DateTimeField(_("struck at"), null=True, blank=True, editable=False)

    objects = Parties.from_queryset(PartyQuerySet)()
    everyone = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party to a dispute")
        verbose_name_plural = _("parties to disputes")
        ordering = ["dispute", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "user"],
                condition=models.Q(user__isnull=False, struck_at__isnull=True),
                name="party_account_once",
            )
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """Side and masked name: tells parties of one surname apart wherever one of them is chosen or named."""
        return f"{self.side_label} {self.masked}"

    @property
    def side_label(self) -> str:
        """The side; where several stand on it with their number there, in the order in which they were entered. Lists
        load it for all rows at once (``PartyQuerySet.named``)."""
        side = str(self.get_side_display())
        same = self._of_my_side()
        return f"{side} {same.index(self.pk) + 1}" if len(same) > 1 and self.pk in same else side

    def _of_my_side(self) -> list[int]:
        known = self._state.fields_cache.get("dispute")
        if known is not None and "parties" in getattr(known, "_prefetched_objects_cache", {}):
            return sorted(row.pk for row in known.parties.all() if row.side == self.side)
        rows = Party.objects.filter(dispute_id=self.dispute_id, side=self.side)
        return list(rows.order_by("pk").values_list("pk", flat=True))

    @property
    def masked(self) -> str:
        """The name as it is shown until somebody asks for it; organisations are no secret."""
        return self.name if self.kind == PartyKind.ORGANISATION else masked_name(self.name)

    @property
    def masked_phone(self) -> str:
        """The phone with its middle hidden; empty where none is known."""
        return masked_phone(self.phone) if self.phone else ""

    @property
    def phone(self) -> str:
        """The phone in the clear. Raises CannotOpen (sealed with a key this installation no longer has)."""
        return BOX.opened(bytes(self.phone_sealed)).decode() if self.phone_sealed else ""

    @phone.setter
    def phone(self, value: str) -> None:
        self.phone_sealed = BOX.sealed(value.encode()) if value else None
        self.phone_digest = digest_of(value)

    @property
    def identity(self) -> str:
        """The identity number in the clear. Raises CannotOpen."""
        return BOX.opened(bytes(self.identity_sealed)).decode() if self.identity_sealed else ""

    @identity.setter
    def identity(self, value: str) -> None:
        self.identity_sealed = BOX.sealed(value.encode()) if value else None
        self.identity_digest = digest_of(value)

    @property
    def former(self) -> list[str]:
        """How the name was misspelt before it was put right, the oldest first; on papers signed then it stands so."""
        return [row.name for row in self.former_names.all() if row.pk > self.names_after]

    @property
    def masked_former(self) -> list[str]:
        """``former``, as it is shown until somebody asks for it."""
        return self.former if self.kind == PartyKind.ORGANISATION else [masked_name(name) for name in self.former]


class FormerName(models.Model):
    """How the name of a party stood on what they signed, before a slip of writing was put right. Append-only."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="+", verbose_name=_("dispute"))
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="former_names", verbose_name=_("party to a dispute")
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=80)
    corrected_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("corrected by"))
    at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = OfDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("former spelling of a party's name")
        verbose_name_plural = _("former spellings of parties' names")
        ordering = ["party", "id"]

    def __str__(self):
        return f"{self.dispute} {self.at:%Y-%m-%d}"
