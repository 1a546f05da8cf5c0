"""What the columns or messages of a source of signals mean: saved with the source, the same language as for cases.

``cases.intake.mapping`` explains it; our fields are other ones here. For a file each line is a message whose keys are
the headers: ``{"fields": {"text": {"path": "join('：', [留言主题, 留言详情])"}, "received_at": {"path": "留言时间",
"format": "%Y/%m/%d %H:%M:%S"}, "type": {"path": "分类", "values": {"物业管理": "property_management", "*": ""}}}}``.
"""

from django.utils.translation import gettext_lazy as _

from cases.intake.mapping import Reading, Rules, read, rules_of

FIELDS = {
    "external_id": _("number there"),
    "text": _("what was said"),
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
    """Find our fields in a message or a line."""
    return read(rules, message, TIMES)
