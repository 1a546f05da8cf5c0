"""What the columns or messages of a source of signals mean: saved with the source, the same language as for cases.

``cases.intake.mapping`` explains it; our fields are other ones here. For a file each line is a message whose keys are
the headers::

    {"fields": {
        "text": {"path": "join('：', [\"留言主题\", \"留言详情\"])"},
        "received_at": {"path": "留言时间"},
        "type": {"path": "分类", "values": {"物业管理": "property_management", "*": ""}}}}

Times need no ``format`` where they are written as 2026-01-31 08:30, 2026/1/31 8:30:00 or 2026年1月31日.
"""

from django.utils.translation import gettext_lazy as _

from cases.intake.mapping import Reading, Rules, read, rules_of
from cases.intake.paths import read_keys
from governance.errors import Invalid

FIELDS = {
    "external_id": _("number there"),
    "text": _("what the record says"),
    "type": _("dispute type"),
    "area": _("area"),
    "place": _("place in words"),
    "longitude": _("longitude"),
    "latitude": _("latitude"),
    "coordinate_system": _("coordinate system"),
    "event_date": _("day of the event"),
    "received_at": _("received at"),
    "complainant": _("complainant"),
}
TIMES = ("event_date", "received_at")


def signal_rules(mapping: dict) -> Rules:
    """Return the rules of a saved mapping. Raises Invalid (field ``mapping``) naming the wrong part."""
    return rules_of(mapping, FIELDS)


def signal_read(rules: Rules, message) -> Reading:
    """Find our fields in a message or a line, as texts; times are read by ``drafts``."""
    return read(rules, message, ())


def columns_read(rules: Rules) -> dict[str, list[str]]:
    """Return the headers of a file (keys of a message) that each field of ours is read from; none where it is fixed."""
    return {name: read_keys(rule.path) if rule.path else [] for name, rule in rules.fields.items()}


def mapped_told(mapping: dict) -> list[tuple[str, str]]:
    """Return what a saved mapping reads, for whoever brings files: our field and the columns it is read from (what it
    is always, where it is fixed). A mapping that cannot be read tells nothing."""
    try:
        rules = signal_rules(mapping)
    except Invalid:
        return []
    columns = columns_read(rules)
    return [(FIELDS[name], "、".join(columns[name]) or rule.default) for name, rule in rules.fields.items()]
