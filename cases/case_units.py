"""The units of a case: lead, assisting, supervising."""

from collections.abc import Sequence
from datetime import datetime

from cases.models import Case, CaseUnit, UnitPart
from governance.models import OrgUnit

Parts = list[tuple[OrgUnit, str]]


def parts_of(lead: OrgUnit, assisting: Sequence[OrgUnit], supervising: Sequence[OrgUnit]) -> Parts:
    """Return units with their parts, each assisting or supervising unit once."""
    return [
        (lead, UnitPart.LEAD),
        *((unit, UnitPart.ASSISTING) for unit in dict.fromkeys(assisting) if unit != lead),
        *((unit, UnitPart.SUPERVISING) for unit in dict.fromkeys(supervising)),
    ]


def dispatch_payload(parts: Parts, due_at: datetime) -> dict:
    """Return what the event of a dispatch says: the units' codes by part, and the end."""
    named = {part.value: [unit.code for unit, its in parts if its == part] for part in UnitPart}
    return {"lead": named["lead"][0], "assisting": named["assisting"], "supervising": named["supervising"],
            "due_at": due_at.isoformat()}  # fmt: skip


def replace_units(case: Case, parts: Parts) -> None:
    """Give a case these units; call it inside the transaction of the change."""
    CaseUnit.objects.filter(case=case).delete()
    CaseUnit.objects.bulk_create(
        CaseUnit(case=case, unit=unit, part=part, position=position) for position, (unit, part) in enumerate(parts)
    )
