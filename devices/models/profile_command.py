"""What devices of a type may be told to do."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from devices.models.profile import DeviceProfile, word_validator
from devices.querysets import ProfilePartQuerySet


def plain_schema(schema) -> None:
    """Refuse what is no JSON Schema of an object, or points elsewhere. Raises ValidationError."""
    if not isinstance(schema, dict):
        raise ValidationError(_("The shape of the parameters is a JSON object."))
    if "$ref" in str(schema) or "$dynamicRef" in str(schema):
        raise ValidationError(_("The shape must not point elsewhere ($ref)."))
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        told = _("This is no JSON Schema: %(why)s")
        raise ValidationError(told % {"why": error.message}) from error


class ProfileCommand(models.Model):
    """A command that devices of a profile understand.

    ``parameters`` is the JSON Schema (2020-12) of the object that goes with it; empty: anything may.
    """

    profile = models.ForeignKey(
        DeviceProfile, models.CASCADE, related_name="commands", verbose_name=_("device profile")
    )
    name = models.CharField(_("command"), max_length=40, validators=[word_validator])
    label = models.CharField(_("label"), max_length=40)
    parameters = models.JSONField(
        _("shape of the parameters"), default=dict, blank=True, validators=[plain_schema],
        help_text=_("A JSON Schema of the object that goes with the command."),
    )  # fmt: skip

    objects = ProfilePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("command of a profile")
        verbose_name_plural = _("commands of a profile")
        ordering = ["profile", "name"]
        constraints = [models.UniqueConstraint(fields=["profile", "name"], name="profile_command_once")]

    def __str__(self):
        return self.label

    def natural_key(self):
        return (*self.profile.natural_key(), self.name)

    natural_key.dependencies = ["devices.deviceprofile"]
