"""Hours of volunteering: a book of their own, kept apart from points (志愿服务条例 19-21), and certificates of it."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from partners.earning.querysets import CertificateQuerySet, VolunteerHoursQuerySet
from partners.earning.workflow import CertificateState, CertificateSteps
from partners.models.service import ServiceRecord, new_code


class VolunteerHours(models.Model):
    """One line of the book: minutes a person volunteered, as an approved record says; append-only (database trigger).

    A correction is a line that reverses another, with as many minutes taken away.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="volunteer_hours", verbose_name=_("person"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    record = models.ForeignKey(ServiceRecord, models.PROTECT, related_name="+", verbose_name=_("record of a service"))
    day = models.DateField(_("day"))
    minutes = models.IntegerField(_("minutes"))
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)

    objects = VolunteerHoursQuerySet.as_manager()

    class Meta:
        verbose_name = _("hours of volunteering")
        verbose_name_plural = _("hours of volunteering")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="volunteer_hours_sign",
                condition=Q(reverses__isnull=True, minutes__gt=0) | Q(reverses__isnull=False, minutes__lt=0),
            ),
            models.UniqueConstraint(
                fields=["record"], condition=Q(reverses__isnull=True), name="volunteer_hours_once_a_record"
            ),
        ]
        indexes = [models.Index(fields=["person", "day"], name="volunteer_hours_person")]

    def __str__(self):
        return f"{self.person} {self.day:%Y-%m-%d} {self.minutes}"


class HoursCertificate(CertificateSteps, WorkflowModel):
    """What was certified to a person about the own hours: it stays as it was issued, and may be revoked.

    ``lines`` are the lines as certified (kind, day, minutes); ``holder`` and ``issuer`` the names on that day.
    """

    LOCK_WITH = ("area", "person")

    person = models.ForeignKey(User, models.PROTECT, related_name="hours_certificates", verbose_name=_("person"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    number = models.CharField(_("number of the paper"), max_length=40, unique=True, editable=False)
    code = models.CharField(max_length=24, unique=True, default=new_code, editable=False)
    holder = models.CharField(_("in the name of"), max_length=60)
    issuer = models.CharField(_("issued by"), max_length=80)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    minutes = models.PositiveIntegerField(_("minutes"))
    lines = models.JSONField(_("lines"), default=list)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("issued by (person)"))
    issued_at = models.DateTimeField(_("issued at"))
    state = FSMField(
        _("state"), max_length=10, choices=CertificateState, default=CertificateState.VALID, protected=True
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate of volunteering")
        verbose_name_plural = _("certificates of volunteering")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="hours_certificate_whole", condition=Q(minutes__gt=0, last__gte=F("first"))
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.number
