"""Cases opened for an estate go to the company that looks after it."""

from cases.dispatch.by_origin import responsible
from cases.models import Case
from governance.models import OrgUnit


@responsible("company")
def company_named(case: Case) -> OrgUnit | None:
    """Return the property company that the case was opened for."""
    return OrgUnit.objects.filter(code=case.origin["company"]).first()
