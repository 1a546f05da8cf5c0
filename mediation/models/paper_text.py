"""Sentences of the papers in a place's own words."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area
from mediation.agreements.querysets import PaperTextQuerySet
from mediation.agreements.sentences import text_check
from mediation.agreements.states import PaperSentence

KEPT = ("area_id", "sentence", "valid_from", "text")


class PaperText(models.Model):
    """What a sentence of a paper says in an area and all under it from a day on; the nearest area's latest row counts.
    Once it holds it is not changed: papers of its days are printed with it again.

    Law citations of the usual text stay in it (``agreements/sentences.py``); it is filled in as it is, never read
    as a template.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    sentence = models.CharField(_("sentence of a paper"), max_length=21, choices=PaperSentence)
    valid_from = models.DateField(_("from"))
    text = models.TextField(_("text of the sentence"), max_length=1000, blank=True)

    objects = PaperTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("wording of a paper")
        verbose_name_plural = _("wordings of papers")
        ordering = ["area", "sentence", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["area", "sentence", "valid_from"], name="paper_text_once_a_day"),
        ]

    def __str__(self):
        return f"{self.area} {self.get_sentence_display()} {self.valid_from}"

    def clean(self):
        """Refuse a text that leaves out what must be told, and one by which papers of days gone by would read
        otherwise: a version holds from today on at the earliest, and is not changed once it holds."""
        if self.sentence in PaperSentence:
            text_check(self.sentence, self.text)
        before = type(self).objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.valid_from <= timezone.localdate():
            if any(getattr(before, name) != getattr(self, name) for name in KEPT):
                why = _("This version holds already: papers were printed with it. Enter a new one.")
                raise ValidationError({"text": ValidationError(why, code="in_force")})
        elif self.valid_from is not None and self.valid_from < timezone.localdate():
            why = _("A version holds from today on at the earliest: older papers say what they said.")
            raise ValidationError({"valid_from": ValidationError(why, code="past")})

    def natural_key(self):
        return (self.area.code, self.sentence, self.valid_from.isoformat())
