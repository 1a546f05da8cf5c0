"""Templates of notices: Django's syntax without tags, with three filters, and only variables that were declared.

A template cannot load, include or call anything, and cannot reach into a value: variables have no dots, and values are
texts. Output is plain text.
"""

import re

from django.core.exceptions import ValidationError
from django.template import Context, Engine, TemplateSyntaxError
from django.template.base import FilterExpression, Template, TextNode, Variable, VariableNode
from django.utils.translation import gettext_lazy as _

from governance.notices.contexts import context_of

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]+")


class Sandbox(Engine):
    """Knows the filters of ``governance.notices.syntax`` and nothing else."""

    default_builtins: list[str] = []


_engine = Sandbox(autoescape=False, builtins=["governance.notices.syntax"])


def parsed(text: str) -> Template:
    """Read a template. Raises ValidationError for anything but text, variables and the known filters."""
    try:
        return Template(text, engine=_engine)
    except TemplateSyntaxError as error:
        why = _("This cannot be read as a template: %(why)s")
        raise ValidationError(why, code="template_syntax", params={"why": str(error)}) from error


def check(text: str, context_name: str) -> None:
    """Raise ValidationError naming what a template of this context may not use."""
    context = context_of(context_name)
    if context is None:
        raise ValidationError(_("Notices cannot speak about this."), code="unknown_context")
    for node in parsed(text).nodelist:
        if isinstance(node, TextNode):
            continue
        if not isinstance(node, VariableNode):
            raise ValidationError(_("Only variables may stand in a template."), code="template_syntax")
        for name in _names(node.filter_expression):
            if name not in context.variables:
                unknown = _("There is no variable “%(name)s” here.")
                raise ValidationError(unknown, code="unknown_variable", params={"name": name})


def _names(expression: FilterExpression):
    values = [expression.var, *(value for _function, given in expression.filters for _lookup, value in given)]
    for value in values:
        if isinstance(value, Variable) and value.lookups is not None:
            yield value.var


def rendered(text: str, values: dict, *, longest: int) -> str:
    """Fill a template in; variables without a value are left empty. At most ``longest`` characters, no control ones."""
    plain = {name: "" if value is None else str(value) for name, value in values.items()}
    filled = parsed(text).render(Context(plain, autoescape=False))
    filled = CONTROL.sub(" ", filled).strip()
    return filled if len(filled) <= longest else filled[: longest - 1] + "…"


def preview(text: str, context_name: str, *, longest: int = 2000) -> str:
    """Fill a template in with the meanings of its variables, for the people who write it."""
    context = context_of(context_name)
    return rendered(text, {name: f"‹{meaning}›" for name, meaning in context.variables.items()}, longest=longest)
