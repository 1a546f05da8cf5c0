"""What ties a person to an account elsewhere."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.person import User


class LinkedIdentity(models.Model):
    """An account at an identity provider that signs its owner in: ``subject`` is the provider's name for the person.

    For WeChat that is the openid, which is the same for one person in one mini-program. No key or token of the provider
    is kept.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="identities", verbose_name=_("person"))
    provider = models.CharField(_("identity provider"), max_length=30)
    subject = models.CharField(_("name at the provider"), max_length=120)
    created_at = models.DateTimeField(_("linked at"), auto_now_add=True)

    class Meta:
        verbose_name = _("linked identity")
        verbose_name_plural = _("linked identities")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["provider", "subject"], name="identity_once")]

    def __str__(self):
        return f"{self.provider}:{self.user_id}"
