"""Partners of a community: who they are, what they may do, and the page on which they are looked for."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.masking import masked_name
from governance.models import Area, OrgUnit, User
from governance.models.person import phone_validator
from governance.workflow import FSMField, WorkflowModel
from partners.models.ledger import Account
from partners.recruiting.credit_code import validate_credit_code
from partners.recruiting.papers_workflow import QualificationState, QualificationSteps
from partners.recruiting.querysets import CodeQuerySet, PartnerQuerySet, QualificationQuerySet
from partners.recruiting.workflow import PartnerState, PartnerSteps

OPEN_STATES = ["applied", "approved", "active", "suspended"]


class PartnerKind(models.TextChoices):
    RESOURCE = "resource", _("Resource partner")
    PROFESSIONAL = "professional", _("Professional partner")
    VOLUNTEER = "volunteer", _("Volunteer partner")


class QualificationKind(models.Model):
    """A kind of document that shows what somebody may do (a lawyer's practising licence). Data of the installation.

    ``remind_days``: so many days before its last one its partner and the partner manager are told.
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    remind_days = models.PositiveSmallIntegerField(_("reminder before it ends (days)"), default=30)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of qualification")
        verbose_name_plural = _("kinds of qualifications")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class Profession(models.Model):
    """What a professional partner works as; ``licence`` is what nobody works as this without (none: nothing)."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=40)
    licence = models.ForeignKey(
        QualificationKind, models.PROTECT, null=True, blank=True, related_name="professions",
        verbose_name=_("licence needed"),
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("profession")
        verbose_name_plural = _("professions")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class Partner(PartnerSteps, WorkflowModel):
    """One partner of one community: an organisation (resource) or a person (professional, volunteer), from application
    to leaving.

    ``applicant`` applied and, for an organisation, acts for it first; ``contact_name`` and ``contact_phone`` are read
    by the community's staff and the partner only. ``credit_code`` is the organisation's unified social credit code
    (GB 32100-2015). ``account`` is opened with the first activation and stays when the partner leaves: who comes back
    has the same.
    """

    LOCK_WITH = ("area", "person", "unit", "applicant", "profession__licence", "account")

    area = models.ForeignKey(Area, models.PROTECT, related_name="partners", verbose_name=_("community"))
    kind = models.CharField(_("kind"), max_length=12, choices=PartnerKind)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="partnerships", verbose_name=_("person")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="partnerships", verbose_name=_("unit")
    )
    applicant = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("applied by"))
    name = models.CharField(_("name"), max_length=80)
    credit_code = models.CharField(
        _("unified social credit code"), max_length=18, blank=True, validators=[validate_credit_code]
    )
    profession = models.ForeignKey(
        Profession, models.PROTECT, null=True, blank=True, related_name="partners", verbose_name=_("profession")
    )
    about = models.CharField(_("what is offered, in short"), max_length=500, blank=True)
    contact_name = models.CharField(_("contact"), max_length=60, blank=True)
    contact_phone = models.CharField(_("phone of the contact"), max_length=16, blank=True, validators=[phone_validator])
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="partners", verbose_name=_("points account")
    )
    state = FSMField(_("state"), max_length=12, choices=PartnerState, default=PartnerState.APPLIED, protected=True)
    applied_at = models.DateTimeField(_("applied at"), default=timezone.now)
    active_from = models.DateField(_("active from"), null=True, blank=True)
    suspended_until = models.DateField(_("suspended until"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("community partners")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="partner_organisation_or_person",
                condition=(Q(kind="resource", person__isnull=True, profession__isnull=True) & ~Q(credit_code=""))
                | (
                    Q(kind="professional", person__isnull=False, unit__isnull=True, profession__isnull=False)
                    & Q(credit_code="")
                )
                | Q(
                    kind="volunteer", person__isnull=False, unit__isnull=True, profession__isnull=True, credit_code=""
                ),
            ),
            models.CheckConstraint(
                name="partner_organisation_has_unit",
                condition=~Q(kind="resource", state__in=["approved", "active", "suspended", "left"])
                | Q(unit__isnull=False),
            ),
            models.CheckConstraint(
                name="partner_active_has_account",
                condition=~Q(state__in=["active", "suspended", "left"])
                | Q(account__isnull=False, active_from__isnull=False),
            ),
            models.CheckConstraint(
                name="partner_left_on_a_day",
                condition=Q(state="left", left_on__isnull=False) | (~Q(state="left") & Q(left_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="partner_suspended_until", condition=Q(state="suspended") | Q(suspended_until__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["person", "area"], condition=Q(person__isnull=False, state__in=OPEN_STATES),
                name="partner_once_a_person",
            ),
            models.UniqueConstraint(
                fields=["credit_code", "area"], condition=Q(state__in=OPEN_STATES) & ~Q(credit_code=""),
                name="partner_once_an_organisation",
            ),
            models.UniqueConstraint(
                fields=["unit", "area"], condition=Q(unit__isnull=False, state__in=OPEN_STATES),
                name="partner_once_a_unit",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(state__in=["active", "suspended"]), name="partner_once_an_account"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["area", "state"], name="partner_area_state")]

    def __str__(self):
        return self.name

    @property
    def is_organisation(self) -> bool:
        """Whether it is a unit, not a person."""
        return self.kind == PartnerKind.RESOURCE

    @property
    def public_name(self) -> str:
        """The name as everybody may read it: whole of organisations and professionals, masked of volunteers."""
        return masked_name(self.name) if self.kind == PartnerKind.VOLUNTEER else self.name

    @property
    def licence(self) -> QualificationKind | None:
        """What this partner may not work without; reads ``profession__licence``."""
        return self.profession.licence if self.profession_id else None


class Qualification(QualificationSteps, WorkflowModel):
    """A partner's qualification: kind, number, from when to when; the documents are its attachments.

    Without ``valid_to`` it holds for good. Only the partner, the community's staff and who looks read it.
    """

    LOCK_WITH = ("area", "partner__area", "kind")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="qualifications", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    kind = models.ForeignKey(QualificationKind, models.PROTECT, related_name="held", verbose_name=_("kind"))
    number = models.CharField(_("number of the document"), max_length=40)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    state = FSMField(
        _("state"), max_length=12, choices=QualificationState, default=QualificationState.SUBMITTED, protected=True
    )
    submitted_at = models.DateTimeField(_("handed in at"), default=timezone.now)
    verified_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verified by")
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="qualification_days_in_order",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(
                name="qualification_verified_by_somebody",
                condition=~Q(state__in=["verified", "expired", "revoked"])
                | Q(verified_by__isnull=False, verified_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["partner", "kind", "number"], condition=Q(state__in=["submitted", "verified"]),
                name="qualification_once",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["partner", "kind", "state"], name="qualification_held")]

    def __str__(self):
        return f"{self.kind} {self.number}"

    def holds_on(self, day) -> bool:
        """Whether it is verified and in force on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return self.state == "verified" and begun and (self.valid_to is None or day <= self.valid_to)
