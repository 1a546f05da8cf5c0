"""Cells that hold several values: words or codes with 、 or a comma between them."""

import re

from django.utils import translation
from django.utils.translation import gettext as _
from import_export import widgets

from governance.exchange.files import HEADER_LANGUAGES

_BETWEEN = re.compile(r"[、，,；;\n]")


def several(cell) -> list[str]:
    """Return the values of a cell in order, each once."""
    return list(dict.fromkeys(part.strip() for part in _BETWEEN.split(str(cell)) if part.strip()))


def shown(values) -> str:
    """Return values as one cell."""
    return "、".join(str(value) for value in values or [])


class Words(widgets.CharWidget):
    """Several words."""

    def shown(self, value) -> str:
        return shown(value)

    def clean(self, value, row=None, **kwargs):
        return several(value)


class SeveralOf(widgets.CharWidget):
    """Several of some choices, by value or label."""

    def __init__(self, choices):
        super().__init__()
        self.choices = list(choices)

    def shown(self, value) -> str:
        labels = dict(self.choices)
        return shown(labels.get(one, one) for one in value or [])

    def clean(self, value, row=None, **kwargs):
        known = {}
        for language in HEADER_LANGUAGES:
            with translation.override(language):
                known |= {str(label).casefold(): stored for stored, label in self.choices}
        known |= {str(stored).casefold(): stored for stored, _label in self.choices}
        chosen = several(value)
        if unknown := [one for one in chosen if one.casefold() not in known]:
            labels = "、".join(str(label) for _stored, label in self.choices)
            raise ValueError(_("“%(value)s” is none of: %(labels)s.") % {"value": unknown[0], "labels": labels})
        return [known[one.casefold()] for one in chosen]
