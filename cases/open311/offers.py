"""What can be requested through Open311: the sub-categories in use, with their filing conditions as an attribute."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from cases.models import CaseCategory, FilingStandard

CONDITION = "condition"
LONGEST_TEXT = 300


@dataclass(frozen=True)
class Offer:
    """A service: a category with its standards in use, under the code clients know it by."""

    code: str
    category: CaseCategory
    standards: tuple[FilingStandard, ...]

    def told(self) -> dict:
        """Return the service as the list of services shows it."""
        conditions = "；".join(standard.condition for standard in self.standards)
        return {
            "service_code": self.code,
            "service_name": self.category.name,
            "description": conditions[:LONGEST_TEXT] or self.category.name,
            "metadata": bool(self.standards),
            "type": "realtime",
            "keywords": ", ".join(dict.fromkeys([self.category.name, self.category.parent.name])),
            "group": self.category.parent.name,
        }

    def definition(self) -> dict:
        """Return the attributes of the service: the filing condition, where there is one."""
        return {"service_code": self.code, "attributes": [self._condition()] if self.standards else []}

    def _condition(self) -> dict:
        return {
            "variable": True,
            "code": CONDITION,
            "datatype": "singlevaluelist",
            "required": False,
            "datatype_description": _("One of the list; leave it out when none fits."),
            "order": 1,
            "description": _("What is the matter?"),
            "values": [{"key": one.condition_code, "name": one.condition} for one in self.standards],
        }


def offers() -> dict[str, Offer]:
    """Return the services by code; two statements.

    The code is the category's, with scheme and version before it where several schemes in use share it.
    """
    standards = FilingStandard.objects.filter(is_active=True).order_by("condition_code")
    rows = CaseCategory.objects.filter(is_active=True, parent__isnull=False).select_related("parent")
    rows = list(rows.prefetch_related(Prefetch("standards", standards)).order_by("scheme", "scheme_version", "code"))
    times = Counter(row.code for row in rows)
    found = [Offer(_code(row, times), row, tuple(row.standards.all())) for row in rows]
    return {service.code: service for service in found}


def _code(category: CaseCategory, times: Counter) -> str:
    if times[category.code] == 1:
        return category.code
    return f"{category.scheme}:{category.scheme_version}:{category.code}"
