"""Repairs that residents ask for: cases, dispatched to the property company of the estate."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from cases.models import Case, CaseSource
from cases.services import case_accept, case_report
from governance.errors import NotPermitted
from governance.models import Dwelling, User
from governance.photos import Upload
from governance.transactions import atomically
from property.residents import dwellings_of
from property.serving.contracts import contract_of


def repair_ask(*, actor: User, dwelling: Dwelling, description: str, photos: Sequence[Upload] = (),
               occurred_at: datetime | None = None) -> Case:  # fmt: skip
    """Ask for a repair at an own dwelling. The case goes to the company of the contract in force, at once where the
    contract says what repairs are filed under; where no company looks after the estate it waits for a registrar.

    Raises NotPermitted for a dwelling that is not the caller's, Invalid without a description.
    """
    if not Dwelling.objects.filter(dwellings_of(actor), pk=dwelling.pk).exists():
        raise NotPermitted(_("Repairs are asked for by who lives there or owns it."))
    estate = dwelling.building.estate
    with atomically():
        contract = contract_of(estate)
        standard = contract.repair_standard if contract else None
        origin = {"estate": estate.code, "repair": dwelling.code}
        if contract:
            origin |= {"company": contract.company.code, "contract": contract.pk}
        case = case_report(
            actor=actor, source=CaseSource.RESIDENT, description=description, standard=standard, reporter=actor,
            area=dwelling.area, address=str(dwelling), photos=photos, origin=origin, waits=standard is None,
            occurred_at=occurred_at,
        )  # fmt: skip
        if standard is None:
            return case
        return case_accept(case, actor=User.objects.system("dispatch"), standard=standard, occurred_at=occurred_at)
