"""What a rule says, as kept with its trials and as people read it."""

import hashlib
import json

from django.utils.translation import gettext as _

from cases.dispatch.plans import span_text
from cases.models import CaseSource, DispatchRule, UnitPart
from governance.clock import Span
from governance.models.venue import Weekday

CONDITIONS = ("standard", "sources", "words", "device_profile", "weekdays", "from_time", "to_time")


def content_of(rule: DispatchRule) -> dict:
    """Return all that decides what a rule does, as JSON; reads its categories and units (see ``with_rows``).

    The priority belongs to it: it decides which of several rules acts. Name and code do not.
    """
    limit = [str(rule.limit_amount.normalize()), rule.limit_unit] if rule.limit_amount is not None else None
    return {
        "priority": rule.priority,
        "area": rule.area.code,
        "categories": sorted(list(row.category.natural_key()) for row in rule.categories.all()),
        "standard": list(rule.standard.natural_key()) if rule.standard else None,
        "sources": sorted(rule.sources),
        "words": sorted(rule.words),
        "device_profile": rule.device_profile,
        "weekdays": sorted(rule.weekdays),
        "hours": [f"{rule.from_time:%H:%M:%S}", f"{rule.to_time:%H:%M:%S}"] if rule.from_time is not None else None,
        "valid": [day.isoformat() if day else None for day in (rule.valid_from, rule.valid_to)],
        "units": sorted(
            [row.part, row.position, row.unit.code if row.unit else None, row.role_name] for row in rule.units.all()
        ),
        "limit": limit,
    }


def digest_of(content: dict) -> str:
    """Return what stands for a content: the same for the same content only."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def conditions_in_words(rule: DispatchRule) -> list[tuple[str, str]]:
    """Return the conditions as (what, which) in the order people think of them; the area always stands first."""
    told = [(_("area"), rule.area.name)]
    told += [(_("category"), "、".join(str(row.category) for row in rule.categories.all()))]
    told += [(_("filing standard"), str(rule.standard) if rule.standard else "")]
    told += [(_("source"), "、".join(str(CaseSource(source).label) for source in rule.sources))]
    told += [(_("text holds"), "、".join(f"“{word}”" for word in rule.words))]
    told += [(_("device profile"), rule.device_profile)]
    told += [(_("when"), _when(rule)), (_("valid"), _valid(rule))]
    return [(str(what), which) for what, which in told if which]


def _when(rule: DispatchRule) -> str:
    days = "、".join(str(Weekday(day).label) for day in sorted(rule.weekdays))
    if rule.from_time is None:
        return days
    over = " (+1)" if rule.to_time <= rule.from_time else ""
    return f"{days} {rule.from_time:%H:%M}–{rule.to_time:%H:%M}{over}".strip()


def _valid(rule: DispatchRule) -> str:
    if rule.valid_from is None and rule.valid_to is None:
        return ""
    return f"{rule.valid_from or ''} – {rule.valid_to or ''}"


def effect_in_words(rule: DispatchRule) -> list[tuple[str, str]]:
    """Return what the rule does as (what, which)."""
    told = []
    for part in UnitPart:
        named = [str(row.unit or _("role “%(role)s”") % {"role": row.role_name}) for row in rule.units.all()
                 if row.part == part]  # fmt: skip
        told.append((str(part.label), "、".join(named)))
    limit = Span(rule.limit_amount, rule.limit_unit) if rule.limit_amount is not None else None
    told.append((_("limit"), span_text(limit) if limit else _("as the filing standard says")))
    return [(str(what), which) for what, which in told if which]
