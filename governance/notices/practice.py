"""What of notices a practice package holds: templates, and the rules that name no person, unit, area or channel."""

from governance.models import NoticeRule, NoticeTemplate
from governance.practice import Part, practice_part

practice_part(
    Part(
        key="notice_templates",
        model=NoticeTemplate,
        fields=("key", "language", "context", "title", "body"),
        order=60,
    )
)
practice_part(
    Part(
        key="notice_rules",
        model=NoticeRule,
        fields=(
            "code", "name", "event", "condition", "recipient", "role", "part", "template", "urgency", "reach",
            "is_active",
        ),
        chosen=lambda rows: rows.filter(area=None, unit=None, person=None, channel=None),
        order=61,
    )
)  # fmt: skip
