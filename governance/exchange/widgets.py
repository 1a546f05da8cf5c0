"""How cells become the values of fields: django-import-export widgets that say what is wrong, and say it here."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite

from django.db import models
from django.utils.translation import gettext as _
from import_export import widgets

from governance.exchange.cells import BETWEEN, labelled
from governance.exchange.weekdays import shown_days, weekdays_in

YES, NO = ("1", "yes", "y", "true", "是"), ("0", "no", "n", "false", "否")
DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]
CLOCKS = ["%H:%M", "%H:%M:%S"]


class ByKey(widgets.ForeignKeyWidget):
    """Another row by its key; ``within(row)`` narrows where it may be found. A key that names several is refused."""

    def __init__(self, model, field="code", within: Callable[[Mapping], dict] | None = None):
        super().__init__(model, field)
        self.within = within
        self.found: dict[tuple, models.Model] = {}

    def clean(self, value, row=None, **kwargs):
        where = self.within(row) if self.within else {}
        key = (value, *where.items())
        if key not in self.found:
            others = list(self.model._base_manager.filter(**{self.field: value}, **where)[:2])
            if len(others) != 1:
                told = (
                    _("“%(key)s” names more than one %(kind)s: say which.")
                    if others
                    else _("There is no %(kind)s “%(key)s”.")
                )
                raise ValueError(told % {"kind": self.model._meta.verbose_name, "key": value})
            self.found[key] = others[0]
        return self.found[key]

    def shown(self, value) -> str:
        """Return the key, as a cell has it."""
        return "" if value is None else getattr(value, self.field)


class Choice(widgets.CharWidget):
    """One of a field's choices, by value or label."""

    def __init__(self, choices):
        super().__init__()
        self.choices = list(choices)

    def clean(self, value, row=None, **kwargs):
        known = labelled(self.choices)
        if str(value).casefold() not in known:
            labels = "、".join(str(label) for _stored, label in self.choices)
            raise ValueError(_("“%(value)s” is none of: %(labels)s.") % {"value": value, "labels": labels})
        return known[str(value).casefold()]

    def shown(self, value) -> str:
        """Return the label, or the value where its label would be read as another's."""
        label = str(dict(self.choices).get(value, ""))
        return label if labelled(self.choices).get(label.casefold()) == value else str(value)


class YesNo(widgets.BooleanWidget):
    """Yes or no; the library would take every other word for no."""

    def clean(self, value, row=None, **kwargs):
        word = str(value).casefold()
        if word not in (*YES, *NO):
            raise ValueError(_("Say yes or no."))
        return word in YES


class Figure(widgets.FloatWidget):
    """A number that is one; the library would read "nan", past which no value ever lies, and "inf"."""

    def clean(self, value, row=None, **kwargs):
        try:
            found = super().clean(value, row, **kwargs)
        except ValueError as error:
            raise ValueError(_("A number is needed.")) from error
        if found is not None and not isfinite(found):
            raise ValueError(_("A number is needed."))
        return found


class Day(widgets.DateWidget):
    """A day of the calendar."""

    def __init__(self):
        super().__init__()
        self.formats = DAYS

    def clean(self, value, row=None, **kwargs):
        try:
            return super().clean(value, row, **kwargs)
        except ValueError as error:
            raise ValueError(_("A day such as 2026-11-23 is needed.")) from error


class Clock(widgets.TimeWidget):
    """A time of the day."""

    def clean(self, value, row=None, **kwargs):
        for written in CLOCKS:
            try:
                return datetime.strptime(str(value).replace("：", ":"), written).time()
            except ValueError:
                continue
        raise ValueError(_("A time such as 08:30 is needed."))


class Names(widgets.JSONWidget):
    """Names with plain values, written as JSON: ``{"stage": "handling"}``."""

    def clean(self, value, row=None, **kwargs):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(_('Write names and plain values, such as {"stage": "handling"}.')) from error

    def shown(self, value) -> str:
        """Return the JSON; nothing for no names."""
        return json.dumps(value, ensure_ascii=False) if value else ""


class Weekdays(widgets.Widget):
    """Days of the week, as a sorted list of ``Weekday``: 星期一、周三, 一至五, Monday, 1-5, 每天."""

    def clean(self, value, row=None, **kwargs):
        return weekdays_in(str(value))

    def shown(self, value) -> str:
        """Return the days by name."""
        return shown_days(value)


class Wholes(widgets.Widget):
    """Whole numbers in ascending order, each once: 7、20、27."""

    def clean(self, value, row=None, **kwargs):
        parts = [part for part in BETWEEN.split(str(value)) if part]
        if not all(part.isascii() and part.isdecimal() and len(part) <= 9 for part in parts):
            raise ValueError(_("Whole numbers such as 7、20、27 are needed."))
        return sorted({int(part) for part in parts})

    def shown(self, value) -> str:
        """Return the numbers as a cell lists them."""
        return "、".join(str(number) for number in value)
