"""Transitions of a dispute. Nothing here reads or writes data.

registered → awaiting consent → accepted → mediating → agreed | terminated → closed → archived; declined, referred,
reopened (domain/mediation.md, "State machines").
"""

from django.db import models


class DisputeSteps(models.Model):
    """The transitions; ``Dispute`` inherits them."""

    class Meta:
        abstract = True
