"""Who lives in and who owns a dwelling, from when to when."""

from fractions import Fraction

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models.area import Area
from governance.models.person import User, phone_validator
from governance.models.place import Dwelling
from governance.registry.querysets import OwnershipQuerySet, TiesQuerySet
from governance.registry.workflow import OwnershipSteps, ResidencySteps, TieState
from governance.search.text import Pairs, joined
from governance.workflow import FSMField, WorkflowModel

OPEN = (TieState.CLAIMED, TieState.VERIFIED)


class ResidencyKind(models.TextChoices):
    OWNER = "owner", _("Owner")
    TENANT = "tenant", _("Tenant")
    FAMILY = "family", _("Family member")


def _day_constraints(name: str) -> list[models.CheckConstraint]:
    """Days in order; exactly what has ended has a last day."""
    return [
        models.CheckConstraint(
            name=f"{name}_dates_in_order",
            condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            violation_error_message=_("The last day lies before the first."),
        ),
        models.CheckConstraint(
            name=f"{name}_ended_with_a_day",
            condition=Q(state=TieState.ENDED, valid_to__isnull=False)
            | (~Q(state=TieState.ENDED) & Q(valid_to__isnull=True)),
        ),
    ]


class Tie(WorkflowModel):
    """Base of what ties a person to a dwelling. ``area`` is the dwelling's, kept by ``governance.registry.places``.

    ``valid_from`` and ``valid_to`` are days (Asia/Shanghai), both included.
    """

    LOCK_WITH = ("area", "user", "dwelling__building__estate", "dwelling__entrance")

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    state = FSMField(_("state"), max_length=10, choices=TieState, default=TieState.CLAIMED, protected=True)
    claimed_at = models.DateTimeField(_("claimed at"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.dwelling)

    @property
    def model_name(self) -> str:
        """What addresses call it: residency or ownership."""
        return self._meta.model_name


class Residency(ResidencySteps, Tie):
    """A person lives in a dwelling, as owner, tenant or family."""

    user = models.ForeignKey(User, models.PROTECT, related_name="residencies", verbose_name=_("person"))
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="residencies", verbose_name=_("dwelling"))
    kind = models.CharField(_("lives there as"), max_length=10, choices=ResidencyKind)

    objects = TiesQuerySet.as_manager()

    class Meta:
        verbose_name = _("residency")
        verbose_name_plural = _("residencies")
        ordering = ["-id"]
        constraints = [
            *_day_constraints("residency"),
            models.UniqueConstraint(
                fields=["user", "dwelling"], condition=Q(state__in=OPEN), name="residency_open_once"
            ),
        ]
        indexes = [models.Index(fields=["area", "state"], name="residency_queue")]


class Ownership(OwnershipSteps, Tie):
    """A person owns a share of a dwelling. ``user`` is their account, if they have one.

    Shares are exact fractions (1/3); those of the verified owners of a dwelling never add up to more than 1, and at
    most one of them votes for it (co-owners name one). ``owner_name`` and ``owner_phone`` are personal data, shown by
    ``governance.registry.people``.
    """

    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="ownerships", verbose_name=_("dwelling"))
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="ownerships", verbose_name=_("account")
    )
    owner_name = models.CharField(_("owner's name"), max_length=60)
    owner_phone = models.CharField(_("owner's phone"), max_length=16, blank=True, validators=[phone_validator])
    share_numerator = models.PositiveIntegerField(_("share, numerator"), default=1)
    share_denominator = models.PositiveIntegerField(_("share, denominator"), default=1)
    is_voter = models.BooleanField(_("votes for the dwelling"), default=False)

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")
        ordering = ["-id"]
        constraints = [
            *_day_constraints("ownership"),
            models.CheckConstraint(
                name="ownership_share",
                condition=Q(share_numerator__gt=0, share_numerator__lte=F("share_denominator")),
                violation_error_message=_("A share is above 0 and at most the whole."),
            ),
            models.UniqueConstraint(
                fields=["user", "dwelling"], condition=Q(state__in=OPEN), name="ownership_open_once"
            ),
            models.UniqueConstraint(
                fields=["dwelling"], condition=Q(is_voter=True, state=TieState.VERIFIED), name="ownership_one_voter"
            ),
            models.CheckConstraint(
                name="ownership_voter_is_verified", condition=Q(is_voter=False) | Q(state=TieState.VERIFIED)
            ),
        ]
        indexes = [
            models.Index(fields=["area", "state"], name="ownership_queue"),
            models.Index(fields=["owner_phone"], condition=~Q(owner_phone=""), name="ownership_phone"),
            GinIndex(Pairs(joined("owner_name")), name="ownership_text"),
        ]

    @property
    def share(self) -> Fraction:
        """The exact share."""
        return Fraction(self.share_numerator, self.share_denominator)

    @property
    def share_text(self) -> str:
        """The share as entered: 1/3; the whole is 1."""
        whole = self.share_numerator == self.share_denominator
        return "1" if whole else f"{self.share_numerator}/{self.share_denominator}"
