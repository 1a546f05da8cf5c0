"""Text models: what was learnt from labelled texts, kept in versions with the figures of their cross-validation."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.querysets import TextModelQuerySet
from governance.models import User


class TextTarget(models.TextChoices):
    CATEGORY = "category", _("Category (code)")
    FIELD = "field", _("Responsible field (role text)")


class TextModel(models.Model):
    """One version of what reads texts for a target; never overwritten, at most one in use per target.

    ``figures`` are out of fold (``governance.classify.figures``): accuracy, macro_f1, shares, a row per label.
    ``precision`` is what was asked of its own decisions, ``threshold`` the confidence that reaches it (Wilson's lower
    bound; None: none does). Only with ``acts_alone`` does the hub dispatch by it; otherwise it proposes. ``artefact``
    holds arrays, no pickle (``governance.classify.artefact``).
    """

    target = models.CharField(_("target"), max_length=10, choices=TextTarget)
    version = models.PositiveIntegerField(_("version"))
    source = models.CharField(_("learnt from"), max_length=200)
    trained_at = models.DateTimeField(_("trained at"), default=timezone.now)
    trained_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("trained by"))
    rows = models.PositiveIntegerField(_("texts"))
    figures = models.JSONField(_("figures"))
    precision = models.DecimalField(_("precision asked for"), max_digits=3, decimal_places=2)
    threshold = models.FloatField(_("threshold"), null=True)
    artefact = models.BinaryField(_("model"), editable=False)
    is_active = models.BooleanField(_("in use"), default=False)
    acts_alone = models.BooleanField(_("dispatches by itself"), default=False)

    objects = TextModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("text model")
        verbose_name_plural = _("text models")
        ordering = ["target", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["target", "version"], name="text_model_version_once"),
            models.UniqueConstraint(fields=["target"], condition=Q(is_active=True), name="text_model_one_in_use"),
            models.CheckConstraint(
                name="text_model_alone_by_threshold",
                condition=Q(acts_alone=False) | Q(is_active=True, threshold__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_target_display()} {self.version}"
