"""``POST <object>/transitions/<name>/``: the one action through which the API changes a workflow object's state."""

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from governance.api.errors import of_form
from governance.api.idempotency import idempotent
from governance.errors import Conflict, NotPermitted, UnknownTransition
from governance.forms import form_for
from governance.scoping import grant_for
from governance.workflow import Step, act, steps_of

TOKEN = "csrfmiddlewaretoken"  # comes along in a browser's form


class TransitionsMixin:
    """Gives a viewset of a workflow model the action; the viewset says how it answers in ``answer_with(obj)``."""

    @action(detail=True, methods=["post"], url_path=r"transitions/(?P<name>[a-z_]{1,40})")
    @idempotent
    def transition(self, request, name, **lookup):
        """Carry out a transition (a button) and answer with the fresh object.

        Refusals in this order: unknown or not visible (404), not permitted (403), not possible now (409), wrong input
        (400). With `version`, as read before, a change by somebody else in the meantime is a conflict (409).
        """
        obj = self.get_object()
        found = steps_of(type(obj)).get(name)
        if found is None:
            raise UnknownTransition(_("There is no transition “%(name)s”.") % {"name": name})
        _refuse_early(obj, found, request.user)
        given = arguments(request, obj, found, request.user)
        return Response(self.answer_with(act(obj, name, actor=request.user, **given)))


def _refuse_early(obj, found: Step, user) -> None:
    """A person who may not, or comes too late, is told that and not which fields are missing.

    Quiet steps are a process's own, or another door's: nobody may press them here.
    """
    if found.quiet or grant_for(found.allow, obj, user) is None:
        raise NotPermitted(_("You may not do “%(label)s” here.") % {"label": found.label})
    if obj.state not in found.sources:
        raise Conflict(
            _("“%(label)s” is not possible now: the state is “%(state)s”.")
            % {"label": found.label, "state": obj.get_state_display()}
        )


def arguments(request, obj, found: Step, user) -> dict:
    """Return the body, JSON or multipart, cleaned by the transition's form. Raises ValidationError by field."""
    form_class = form_for(obj._meta.label_lower, found)
    if not hasattr(request.data, "getlist"):
        _check_json(request.data, form_class)
    form = form_class(request.data, request.FILES, obj=obj, step=found, user=user)
    _refuse_unasked(request.data, form)
    if not form.is_valid():
        raise of_form(form)
    return form.arguments()


def _refuse_unasked(data, form: forms.Form) -> None:
    """What a step does not ask for would be lost without a word: refuse it.

    A field of this step that this very object does not have is refused where it says something, empty it is let be.
    """
    asked = form.fields.keys() | {TOKEN}
    unasked = [name for name in data if name not in asked and (name not in form.base_fields or _says(data, name))]
    if unasked:
        raise ValidationError({name: [_("Here this is not asked for.")] for name in unasked}, "unknown_field")


def _says(data, name: str) -> bool:
    return data.get(name) not in (None, "", [])


def _check_json(data, form_class: type[forms.Form]) -> None:
    """Forms read text: refuse JSON values that would only look like it."""
    if not isinstance(data, dict):
        raise ValidationError({"non_field_errors": [_("A JSON object is needed.")]}, "invalid")
    wrong = [name for name, field in form_class.base_fields.items() if not _fits(data.get(name), field)]
    if wrong:
        raise ValidationError({name: [_("This value has the wrong type.")] for name in wrong}, "invalid")


def _fits(value, field: forms.Field) -> bool:
    if value is None:
        return True
    if isinstance(field, forms.FileField):
        return value == []
    if getattr(field.widget, "allow_multiple_selected", False):
        return isinstance(value, list) and all(isinstance(part, str | int) for part in value)
    if isinstance(value, bool):
        return isinstance(field, forms.BooleanField)
    if _of_numbers(field):
        return isinstance(value, str | int)
    if isinstance(field, forms.IntegerField):
        return isinstance(value, str | int | float)
    return isinstance(value, str)


def _of_numbers(field: forms.Field) -> bool:
    """Tell whether one of some whole numbers is chosen."""
    return isinstance(field, forms.TypedChoiceField) and field.coerce is int


def body_schemas(model: type[models.Model]) -> dict:
    """Return the OpenAPI schema of the body of each transition people may do, by name."""
    label = model._meta.label_lower
    return {name: _object(form_for(label, found), found) for name, found in steps_of(model).items() if not found.quiet}


def _object(form_class: type[forms.Form], found: Step) -> dict:
    fields = {name: field for name, field in form_class.base_fields.items() if not isinstance(field, forms.FileField)}
    required = [name for name, field in fields.items() if field.required or (name == "reason" and found.reason)]
    described = {
        "type": "object",
        "title": found.name,
        "description": str(found.label),
        "properties": {name: _property(field) for name, field in fields.items()},
        "additionalProperties": False,
    }
    return described | ({"required": required} if required else {})


def _property(field: forms.Field) -> dict:
    text = " ".join(str(part) for part in (field.label, field.help_text) if part)
    return _type(field) | ({"description": text} if text else {})


def _type(field: forms.Field) -> dict:
    if getattr(field.widget, "allow_multiple_selected", False):
        return {"type": "array", "items": {"type": "string"}}
    if isinstance(field, forms.DecimalField):  # a subclass of IntegerField
        return {"type": "number", "nullable": not field.required}
    if isinstance(field, forms.IntegerField):
        return {"type": "integer", "minimum": 0, "nullable": not field.required}
    if isinstance(field, forms.BooleanField):
        return {"type": "boolean"}
    if _of_numbers(field):
        return {"type": "integer", "enum": [int(value) for value, _label in field.choices if value]}
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return {"type": "string", "enum": [value for value, _label in field.choices if value]}
    return {"type": "string"} | ({"maxLength": field.max_length} if getattr(field, "max_length", None) else {})


def described(model: type[models.Model]) -> str:
    """Return a table (Markdown) of the transitions: what each is called, from where to where, and its fields."""
    schemas = body_schemas(model)
    columns = [_("Transition"), _("Button"), _("From states"), _("To state"), _("Fields (needed ones in bold)")]
    rows = [f"| {' | '.join(columns)} |", "| - | - | - | - | - |"]
    for name, schema in schemas.items():
        found = steps_of(model)[name]
        needed = schema.get("required", [])
        fields = ", ".join(f"**{field}**" if field in needed else field for field in schema["properties"])
        rows.append(
            f"| `{name}` | {found.label} | {', '.join(found.sources)} | {found.target or '='} | {fields}, photos |"
        )
    return "\n".join(rows)
