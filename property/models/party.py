"""The four levels of party organisations, who belongs to them, and who sits in two bodies at once."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, AreaKind, Building, Dwelling, Estate, OrgUnit, UnitKind, User
from property.party.querysets import CrossAppointmentQuerySet, MembershipQuerySet, OrganisationQuerySet


class PartyLevel(models.TextChoices):
    """社区党委 → 小区党支部 → 楼栋党小组 → 党员中心户 (domain/property.md, "Structure")."""

    COMMITTEE = "committee", _("Community party committee")
    BRANCH = "branch", _("Estate party branch")
    GROUP = "group", _("Building party group")
    HOUSEHOLD = "household", _("Party member centre household")


# The field that says what an organisation of this level serves.
PLACE_OF = {
    PartyLevel.COMMITTEE: "area",
    PartyLevel.BRANCH: "estate",
    PartyLevel.GROUP: "building",
    PartyLevel.HOUSEHOLD: "dwelling",
}
PLACES = ("estate", "building", "dwelling")


def _placed(level: str) -> Q:
    """Exactly the place of the level is named, and a parent unless it is the highest."""
    given = {f"{place}__isnull": place != PLACE_OF[level] for place in PLACES}
    return Q(level=level, parent__isnull=level == PartyLevel.COMMITTEE, **given)


def term() -> Func:
    """Return the days of a term as a range, both days included."""
    return Func("valid_from", "valid_to", Value("[]"), function="daterange")


def term_check(row: models.Model) -> None:
    """Raise ValidationError for a term whose last day lies before the first."""
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise ValidationError({"valid_to": _("The last day lies before the first.")}, code="order")


class PartyOrganisation(models.Model):
    """A party organisation of one of the four levels; its parent is exactly one level up (the database refuses others).

    Each level serves its own kind of place: a committee a community, a branch an estate, a group a building, a
    household the dwelling at which it is found. ``area`` is that place's; the database keeps it when a place moves.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("level"), max_length=10, choices=PartyLevel)
    # What the composite foreign key (parent_id, parent_level) → (id, level) of the migration compares.
    parent_level = models.GeneratedField(
        expression=Case(
            *(
                When(level=level, then=Value(above))
                for above, level in zip(PartyLevel.values, PartyLevel.values[1:], strict=False)
            ),
        ),
        output_field=models.CharField(max_length=10, null=True),
        db_persist=True,
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent organisation")
    )
    area = models.ForeignKey(
        Area, models.PROTECT, related_name="party_organisations", verbose_name=_("area"), blank=True
    )
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="party_branches", verbose_name=_("estate")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="party_groups", verbose_name=_("building")
    )
    dwelling = models.ForeignKey(
        Dwelling, models.PROTECT, null=True, blank=True, related_name="party_households", verbose_name=_("dwelling")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("party organisation")
        verbose_name_plural = _("party organisations")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["id", "level"], name="party_organisation_level"),
            models.CheckConstraint(
                name="party_organisation_placed",
                condition=_placed("committee") | _placed("branch") | _placed("group") | _placed("household"),
                violation_error_message=_("Name the place of its level, and a parent unless it is a committee."),
            ),
            *(
                models.UniqueConstraint(
                    fields=[place],
                    condition=Q(is_active=True),
                    name=f"party_{place}_served_once",
                    violation_error_message=_("Another organisation in use serves this place."),
                )
                for place in PLACES
            ),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    natural_key.dependencies = ["governance.area", "governance.estate", "governance.building", "governance.dwelling"]

    @property
    def place(self):
        """The area, estate, building or dwelling it serves; None where the level's field is empty."""
        return getattr(self, PLACE_OF[self.level], None) if self.level in PLACE_OF else None

    def clean(self):
        """Take the area of the place; refuse a parent of another level, or a place outside the parent's."""
        if self.level not in PLACE_OF:
            return
        place = self.place
        if place is None:
            raise ValidationError({PLACE_OF[self.level]: _("Name what it serves.")}, code="required")
        if self.level != PartyLevel.COMMITTEE:
            self.area = place.area
        elif self.area.kind != AreaKind.COMMUNITY:
            raise ValidationError({"area": _("A community is needed.")}, code="wrong_kind")
        self._clean_parent()

    def _clean_parent(self):
        place = PartyLevel.values.index(self.level)
        wanted = PartyLevel.values[place - 1] if place else None
        if (self.parent.level if self.parent_id else None) != wanted:
            raise ValidationError({"parent": _("The parent must be exactly one level up.")}, code="wrong_level")
        if self.parent_id and not self._inside(self.parent):
            raise ValidationError(
                {PLACE_OF[self.level]: _("This does not lie in what the parent organisation serves.")}, code="outside"
            )

    def _inside(self, parent: "PartyOrganisation") -> bool:
        if self.level == PartyLevel.BRANCH:
            return parent.area.contains(self.estate.area)
        if self.level == PartyLevel.GROUP:
            return self.building.estate_id == parent.estate_id
        return self.dwelling.building_id == parent.building_id


class HouseholdCare(models.Model):
    """A dwelling that a centre household keeps in touch with (联系户), beside the one it is found at.

    A dwelling has one centre household at most, of its own building.
    """

    household = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="looks_after", verbose_name=_("centre household")
    )
    dwelling = models.OneToOneField(Dwelling, models.PROTECT, related_name="looked_after", verbose_name=_("dwelling"))

    class Meta:
        verbose_name = _("dwelling looked after")
        verbose_name_plural = _("dwellings looked after")
        ordering = ["household", "dwelling"]

    def __str__(self):
        return str(self.dwelling)

    def clean(self):
        """Refuse an organisation of another level, and a dwelling elsewhere or its own."""
        if self.household.level != PartyLevel.HOUSEHOLD:
            raise ValidationError({"household": _("Only a centre household looks after dwellings.")}, code="level")
        own = self.household.dwelling
        if self.dwelling_id == own.pk or self.dwelling.building_id != own.building_id:
            raise ValidationError({"dwelling": _("Another dwelling of the same building is needed.")}, code="outside")


class PartyPost(models.TextChoices):
    SECRETARY = "secretary", _("Secretary")
    DEPUTY = "deputy", _("Deputy secretary")
    COMMITTEE_MEMBER = "committee_member", _("Member of its committee")
    MEMBER = "member", _("Party member")


class PartyMembership(models.Model):
    """A party member's place in one organisation, from one day to another (both included, Asia/Shanghai).

    ``is_full``: a full member (正式党员), otherwise on probation. One secretary is in force at a time, and a person
    holds one post in an organisation at a time.
    """

    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="memberships", verbose_name=_("party organisation")
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="party_memberships", verbose_name=_("person"))
    post = models.CharField(_("post"), max_length=16, choices=PartyPost, default=PartyPost.MEMBER)
    is_full = models.BooleanField(_("full member"), default=True)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("party membership")
        verbose_name_plural = _("party memberships")
        ordering = ["organisation", "post", "id"]
        constraints = [
            models.CheckConstraint(
                name="party_membership_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                name="party_post_full_member",
                condition=Q(is_full=True) | Q(post="member"),
                violation_error_message=_("A person on probation holds no post."),
            ),
            ExclusionConstraint(
                name="party_one_secretary",
                expressions=[("organisation", RangeOperators.EQUAL), (term(), RangeOperators.OVERLAPS)],
                condition=Q(post="secretary"),
                violation_error_message=_("Somebody else is secretary in this time."),
            ),
            ExclusionConstraint(
                name="party_member_once",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (term(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person belongs to the organisation in this time already."),
            ),
        ]

    def __str__(self):
        return f"{self.person} · {self.get_post_display()} · {self.organisation}"

    @property
    def area(self) -> Area:
        return self.organisation.area

    def clean(self):
        """Refuse a last day before the first, before the constraints read the days as a range."""
        term_check(self)


class CrossDirection(models.TextChoices):
    """双向进入、交叉任职: who enters whose body."""

    INTO_BODY = "into_body", _("Party member into the owners' committee or property company")
    INTO_PARTY = "into_party", _("Head of the company or owners' committee into the party organisation")


class CrossProcedure(models.TextChoices):
    OWNERS_ELECTION = "owners_election", _("Elected by the owners")
    PARTY_ELECTION = "party_election", _("Elected by the party members")
    PARTY_APPOINTMENT = "party_appointment", _("Appointed by the higher party organisation")
    COMPANY_APPOINTMENT = "company_appointment", _("Appointed by the company")


PROCEDURES = {
    CrossDirection.INTO_BODY: (CrossProcedure.OWNERS_ELECTION, CrossProcedure.COMPANY_APPOINTMENT),
    CrossDirection.INTO_PARTY: (CrossProcedure.PARTY_ELECTION, CrossProcedure.PARTY_APPOINTMENT),
}
BODIES = (UnitKind.OWNERS_COMMITTEE, UnitKind.PROPERTY_COMPANY)


class CrossAppointment(models.Model):
    """One person in a party organisation and in a body of the estate at once, by which procedure and for which term.

    ``seat`` is what the person becomes (兼职委员), ``held_post`` what they were in the other body at the time. The
    documents are attachments. It is ended early by its last day.
    """

    direction = models.CharField(_("direction"), max_length=12, choices=CrossDirection)
    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="cross_appointments", verbose_name=_("party organisation")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="cross_appointments", verbose_name=_("owners' committee or company")
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="cross_appointments", verbose_name=_("person"))
    seat = models.CharField(_("seat taken"), max_length=60)
    held_post = models.CharField(_("post held at the time"), max_length=60)
    procedure = models.CharField(_("procedure"), max_length=20, choices=CrossProcedure)
    decided_on = models.DateField(_("decided on"))
    document_number = models.CharField(_("document number"), max_length=60)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"))

    objects = CrossAppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("cross-appointment")
        verbose_name_plural = _("cross-appointments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="cross_appointment_in_order",
                condition=Q(valid_to__gte=F("valid_from"), valid_from__gte=F("decided_on")),
                violation_error_message=_("Decided on, from and to must come in this order."),
            ),
            ExclusionConstraint(
                name="cross_appointment_once",
                expressions=[
                    ("direction", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (term(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person has this seat in this time already."),
            ),
        ]

    def __str__(self):
        return f"{self.person} · {self.seat}"

    @property
    def area(self) -> Area:
        return self.organisation.area

    def clean(self):
        """Refuse a body of another kind, a procedure that does not lead into this body, days out of order."""
        term_check(self)
        if self.unit_id and self.unit.kind not in BODIES:
            raise ValidationError({"unit": _("An owners' committee or a property company is needed.")}, code="kind")
        if self.direction and self.procedure and self.procedure not in PROCEDURES[self.direction]:
            raise ValidationError({"procedure": _("Nobody gets this seat by this procedure.")}, code="mismatch")
