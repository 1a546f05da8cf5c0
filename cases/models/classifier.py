"""What was learnt from texts, and what is learnt from: versions of the text classifier, examples for the next one."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from governance.models import Role, User
from governance.scoping import Anywhere, InArea, ScopedQuerySet


class Target(models.TextChoices):
    """What a text is sorted under: a category's code, or the field responsible (a role text, see ``UnitAlias``)."""

    CATEGORY = "category", _("Category")
    FIELD = "field", _("Responsible field")


class TextModelQuerySet(ScopedQuerySet):
    VISIBLE = {Role.ADMINISTRATOR: Anywhere(), Role.OPERATIONS_CENTRE: Anywhere(), Role.SYSTEM: Anywhere()}

    def light(self):
        """Without the artefact, some megabytes that no list shows."""
        return self.defer("artefact")


class TextModel(models.Model):
    """One version of the text classifier for a target; never overwritten, only another one made active.

    ``figures``: see ``governance.classify.figures.figures_of``, all out of fold. ``thresholds``: what may pass at each
    precision (keys "0.95", "0.98" and the stated one): ``{"share", "threshold"}`` plain, and ``"cautious"`` the same
    with a lower bound of the precision. ``threshold`` is the cautious one of the stated ``precision``; None: nothing
    passes. ``artefact``: see ``governance.classify.artefact``. Unless ``acts_alone``, a model only proposes.
    """

    target = models.CharField(_("sorts by"), max_length=10, choices=Target)
    version = models.PositiveIntegerField(_("version"))
    trained_at = models.DateTimeField(_("trained at"), default=timezone.now)
    trained_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("trained by"))
    source = models.CharField(_("learnt from"), max_length=200)
    rows = models.PositiveIntegerField(_("texts"))
    labels = models.JSONField(_("labels"))
    figures = models.JSONField(_("figures"))
    thresholds = models.JSONField(_("thresholds"))
    precision = models.FloatField(
        _("stated precision"), validators=[MinValueValidator(0.5), MaxValueValidator(0.999)], default=0.95
    )
    threshold = models.FloatField(_("confidence needed"), null=True, blank=True)
    artefact = models.BinaryField(_("model"))
    is_active = models.BooleanField(_("in use"), default=False)
    acts_alone = models.BooleanField(_("dispatches by itself"), default=False)

    objects = TextModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("text classifier")
        verbose_name_plural = _("text classifiers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["target", "version"], name="text_model_version_once"),
            models.UniqueConstraint(fields=["target"], condition=Q(is_active=True), name="text_model_one_active"),
            models.CheckConstraint(
                name="text_model_alone_when_active",
                condition=Q(acts_alone=False) | Q(is_active=True, threshold__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_target_display()} {self.version}"


class ExampleOrigin(models.TextChoices):
    CORRECTION = "correction", _("Correction by a dispatcher")
    RETURN = "return", _("Accepted return")
    CLOSED = "closed", _("Closed case")


class ExampleQuerySet(ScopedQuerySet):
    VISIBLE = {
        Role.ADMINISTRATOR: InArea("case__area"),
        Role.OPERATIONS_CENTRE: InArea("case__area"),
        Role.SYSTEM: Anywhere(),
    }


class TrainingExample(models.Model):
    """What a person says is the right label of a case. Its text stays with the case, where it can be erased."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="training_examples", verbose_name=_("case"))
    target = models.CharField(_("sorts by"), max_length=10, choices=Target)
    label = models.CharField(_("right label"), max_length=60)
    origin = models.CharField(_("known from"), max_length=10, choices=ExampleOrigin)
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    objects = ExampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("training example")
        verbose_name_plural = _("training examples")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["case", "target"], name="training_example_once")]

    def __str__(self):
        return f"{self.case} → {self.label}"
