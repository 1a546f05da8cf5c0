"""A visit on site (走访) on which people were asked what they need."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Dwelling, Estate, User
from partners.needs.querysets import NeedVisitQuerySet


class NeedVisit(models.Model):
    """Where, when, for how long, with whom (``with_whom`` says what kind of people: no name is needed), and what was
    heard. The needs raised there are found by their origin. Coordinates are WGS-84."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, blank=True, related_name="+",
                               verbose_name=_("estate"))  # fmt: skip
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, null=True, blank=True, related_name="+",
                                 verbose_name=_("dwelling"))  # fmt: skip
    place = models.CharField(_("place"), max_length=120, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    visitor = models.ForeignKey(User, models.PROTECT, related_name="need_visits", verbose_name=_("who was there"))
    at = models.DateTimeField(_("when"))
    minutes = models.PositiveSmallIntegerField(
        _("length (minutes)"), default=15, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    with_whom = models.CharField(_("with whom"), max_length=80, blank=True)
    words = models.TextField(_("what was heard"), max_length=2000, blank=True)
    logged_at = models.DateTimeField(_("logged at"), default=timezone.now, editable=False)

    objects = NeedVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit for needs")
        verbose_name_plural = _("visits for needs")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="need_visit_point_whole",
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False),
            ),
            models.CheckConstraint(name="need_visit_minutes", condition=Q(minutes__gte=1, minutes__lte=600)),
        ]
        indexes = [models.Index(fields=["area", "-at"], name="need_visit_area")]

    def __str__(self):
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.place_text}"

    @property
    def place_text(self) -> str:
        """Where it was, in words."""
        return self.place or str(self.dwelling or self.estate or self.area)
