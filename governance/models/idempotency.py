"""Answers already given to creating requests that carried an Idempotency-Key, and to forms sent once."""

import json

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.sealing import Box

ANSWERS = Box(b"governance.idempotency")


class IdempotencyRecord(models.Model):
    """One effect per caller and key: the same content gets the same answer again, other content a conflict.

    ``scope`` is the caller (``user:<id>``, ``device:<id>`` or ``address:<ip>``) and the path; ``digest`` is the SHA-256
    of the request's content. The row is written in the transaction of the effect, so both are stored or neither.
    ``body`` is the answer, sealed, for it may tell of persons or hold a token: read it by ``answer``. Of rows that few
    may read it is their ids only (``governance.api.idempotency.ReadsAgain``).
    """

    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self):
        return f"{self.scope} {self.key}"

    @property
    def answer(self):
        """What was answered (JSON values). Raises CannotOpen where the key that sealed it is gone."""
        return json.loads(ANSWERS.opened(bytes(self.body)))

    def keep(self, status: int, answer) -> None:
        """Write what was answered; ``answer``: anything JSON can say."""
        self.status, self.body = status, ANSWERS.sealed(json.dumps(answer).encode())
        self.save(update_fields=["status", "body"])
