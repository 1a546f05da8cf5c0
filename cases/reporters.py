"""Who reads the names and phones of people who reported a case; the same rule for the admin and the API."""

from cases.models import Case
from cases.querysets import IN_AREA, LEADS
from governance.masking import masked_name, masked_phone
from governance.models import Role
from governance.scoping import Own, grant_for

# Whose work needs the reporter: those who call back, and the unit that goes there. Masked for others.
READS_REPORTER = {
    Role.OPERATIONS_CENTRE: IN_AREA,
    Role.REGISTRAR: IN_AREA,
    Role.DISPATCHER: IN_AREA,
    Role.COMMUNITY_STAFF: IN_AREA,
    Role.GRID_WORKER: IN_AREA,
    Role.HANDLER: LEADS,
    Role.RESIDENT: Own("reporter"),
}


def reporters_for(case: Case, user) -> list[dict]:
    """Return name, phone and whether they are masked for ``user``, in the order of reporting; one statement."""
    clear = grant_for(READS_REPORTER, case, user) is not None
    rows = [
        (row.name or str(row.user or ""), row.phone) for row in case.reporters.select_related("user").order_by("id")
    ]
    if clear:
        return [{"name": name, "phone": phone, "masked": False} for name, phone in rows]
    return [{"name": masked_name(name), "phone": masked_phone(phone), "masked": True} for name, phone in rows]
