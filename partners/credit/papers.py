"""A list of candidates as Word or Excel."""

from django.utils.translation import gettext as _

from partners.credit.lists import reason_told
from partners.earning.papers import Paper, Table
from partners.models import CreditList, PartnerKind


def criteria_told(row: CreditList) -> str:
    """Return who was looked for, in words."""
    kinds = dict(PartnerKind.choices)
    parts = [
        *([_("levels: %(levels)s") % {"levels": " ".join(row.levels)}] if row.levels else []),
        *([_("kinds: %(kinds)s") % {"kinds": "、".join(str(kinds[kind]) for kind in row.kinds)}] if row.kinds else []),
        *([_("score at least %(score)s") % {"score": row.least_score}] if row.least_score else []),
        *([_("points at least %(points)s") % {"points": row.least_points}] if row.least_points else []),
        *([_("activities at least %(count)s") % {"count": row.least_activities}] if row.least_activities else []),
    ]
    return "；".join(parts) or _("all partners with a credit file")


def list_paper(row: CreditList) -> Paper:
    """Return a list with every candidate, why it is there, what was decided by whom and why."""
    candidates = row.candidates.with_rows().order_by("-computation__score", "pk")
    rows = [
        [
            one.partner.name, one.partner.get_kind_display(),
            one.computation.level_name if one.computation else "—", one.computation.score if one.computation else "—",
            "；".join([*map(reason_told, one.reasons), *([one.added_reason] if one.added else [])]),
            one.get_state_display(), one.decision or "—", str(one.decided_by or "—"),
        ]
        for one in candidates
    ]  # fmt: skip
    header = [_("Partner"), _("Kind"), _("Level"), _("Score"), _("Reasons"), _("Decision"), _("Why"), _("Decided by")]
    facts = [
        (_("Area"), str(row.area)), (_("What for"), str(row.get_purpose_display())), (_("Year"), str(row.year)),
        (_("As of"), f"{row.as_of:%Y-%m-%d}"), (_("Looked for"), criteria_told(row)),
        (_("State"), str(row.get_state_display())),
    ]  # fmt: skip
    foot = _("A person decided on each candidate; the score alone decides nothing.")
    return Paper(f"credit-list-{row.year}-{row.pk}", row.title, facts, [Table(_("Candidates"), header, rows)], foot)
