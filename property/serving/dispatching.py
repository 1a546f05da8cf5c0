"""Cases opened for an estate go to the company that looks after it, for as long as it does."""

from cases.dispatch.by_origin import responsible
from cases.models import Case
from governance.models import OrgUnit
from property.models import PropertyContract


@responsible("company")
def company_named(case: Case) -> OrgUnit | None:
    """Return the property company that the case was opened for; None once it serves the estate no more.

    The case is then dispatched as any other: the company of today may not be answerable for what another left.
    """
    serving = PropertyContract.objects.serving().filter(estate__code=case.origin.get("estate"))
    contract = serving.filter(company__code=case.origin["company"]).select_related("company").first()
    return contract and contract.company
