"""Why the parameters of a command do not fit their JSON Schema, in the reader's language (the library's is English)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

TYPES = {
    "integer": gettext_lazy("a whole number"), "number": gettext_lazy("a number"), "string": gettext_lazy("a text"),
    "boolean": gettext_lazy("yes or no"), "array": gettext_lazy("a list"), "object": gettext_lazy("an object"),
    "null": gettext_lazy("nothing"),
}  # fmt: skip
SENTENCES = {
    "type": gettext_lazy("it must be %(value)s"),
    "required": gettext_lazy("“%(value)s” is missing"),
    "additionalProperties": gettext_lazy("“%(value)s” is not known"),
    "enum": gettext_lazy("it must be one of: %(value)s"),
    "const": gettext_lazy("it must be one of: %(value)s"),
    "minimum": gettext_lazy("it must be at least %(value)s"),
    "maximum": gettext_lazy("it must be at most %(value)s"),
    "exclusiveMinimum": gettext_lazy("it must be more than %(value)s"),
    "exclusiveMaximum": gettext_lazy("it must be less than %(value)s"),
    "minLength": gettext_lazy("it must have at least %(value)s characters"),
    "maxLength": gettext_lazy("it must have at most %(value)s characters"),
    "minItems": gettext_lazy("it must have at least %(value)s entries"),
    "maxItems": gettext_lazy("it must have at most %(value)s entries"),
}


def misfit(schema: dict, payload: dict) -> str:
    """Return where and why ``payload`` does not fit ``schema`` (the first fault), or nothing where it fits."""
    wrong = next(Draft202012Validator(schema).iter_errors(payload), None)
    if wrong is None:
        return ""
    where = "/".join(map(str, wrong.absolute_path))
    told = SENTENCES.get(wrong.validator)
    why = told % {"value": _value(wrong)} if told else _("it does not keep the rule “%(rule)s”") % {
        "rule": wrong.validator
    }  # fmt: skip
    return f"{where}: {why}" if where else str(why)


def _value(wrong: ValidationError) -> str:
    """Return what the schema asks for, or the name it stumbled over."""
    asked = wrong.validator_value
    if wrong.validator == "type":
        return " / ".join(str(TYPES[name]) for name in ([asked] if isinstance(asked, str) else asked))
    if wrong.validator == "required":
        return next(name for name in asked if name not in wrong.instance)
    if wrong.validator == "additionalProperties":
        known = wrong.schema.get("properties", {})
        return ", ".join(name for name in wrong.instance if name not in known)
    return ", ".join(map(str, asked)) if isinstance(asked, list) else str(asked)
