"""Who reads names and phones of residents and owners; the same rule for the admin, the API and exports."""

from governance.masking import masked_name, masked_phone
from governance.models import Ownership, Residency, Role
from governance.registry.querysets import KEEPS
from governance.scoping import Own, grant_for

Tie = Residency | Ownership
READS_PEOPLE = KEEPS | {Role.RESIDENT: Own("user")}


def reads_people(tie: Tie, user) -> bool:
    """Tell whether ``user`` reads the person of this row in clear."""
    return grant_for(READS_PEOPLE, tie, user) is not None


def person_of(tie: Tie, user) -> dict:
    """Return ``name``, ``phone`` and whether they are ``masked`` for ``user``; needs ``tie.user`` loaded."""
    if isinstance(tie, Ownership):
        name, phone = tie.owner_name, tie.owner_phone
    else:
        name, phone = tie.user.get_full_name(), tie.user.phone or ""
    if reads_people(tie, user):
        return {"name": name, "phone": phone, "masked": False}
    return {"name": masked_name(name), "phone": masked_phone(phone), "masked": True}


def co_owners(ownership: Ownership) -> list[dict]:
    """Return the confirmed owners of the same dwelling as its owners see each other: first character of the name."""
    return [
        {
            "id": f"ownership-{row.pk}",
            "name": masked_name(row.owner_name),
            "share": row.share_text,
            "is_voter": row.is_voter,
            "is_own": row.pk == ownership.pk,
        }
        for row in ownership.dwelling.ownerships.all()
        if row.state == "verified"
    ]
