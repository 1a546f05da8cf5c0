"""Sentences of the papers in a place's own words."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models import Area
from mediation.agreements.querysets import PaperTextQuerySet
from mediation.agreements.sentences import text_check
from mediation.agreements.states import PaperSentence


class PaperText(models.Model):
    """What a sentence of a paper says in an area and all under it from a day on; the nearest area's latest row counts.

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
        """Refuse a text that leaves out an article of the usual one."""
        if self.sentence in PaperSentence:
            text_check(self.sentence, self.text)

    def natural_key(self):
        return (self.area.code, self.sentence, self.valid_from.isoformat())
