"""Answers already given to creating requests that carried an Idempotency-Key."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyRecord(models.Model):
    """One effect per caller and key: the same content gets the same answer again, other content a conflict.

    ``scope`` is the caller (``user:<id>``, ``device:<id>`` or ``address:<ip>``) and the path; ``digest`` is the SHA-256
    of the request's content. The row is written in the transaction of the effect, so both are stored or neither.
    ``body`` is the answer; of rows that few may read, only their ids (``governance.api.idempotency.ReadsAgain``).
    """

    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self):
        return f"{self.scope} {self.key}"
