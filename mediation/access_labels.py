"""What was read of a dispute, in words: the list of readings keeps labels and keys only (``access_record``)."""

import re

from django.apps import apps
from django.utils.translation import gettext as _

from governance.workflow import WorkflowModel, steps_of
from mediation.agreements.documents.papers import PAPERS
from mediation.disputes.work_forms import PartyForm
from mediation.models import DisputeAccess, DisputeFile

# As the doors write it: ``mediation.agreement:7:sign``, ``mediation.party 3: name, phone``, ``mediation.hazard 5, csv``
ROW = re.compile(
    r"(?P<model>mediation\.[a-z]+)(?:[ :](?P<pk>[0-9]+))?(?::(?P<step>[a-z_]+))?"
    r"(?:: (?P<fields>[a-z_]+(?:, [a-z_]+)*))?"
    r"(?:, (?P<way>search|xlsx|csv))?(?: (?P<part>mediation\.disputefile))?"
)

# The fields of a party that are shown in the clear, as the form of parties calls them.
UNMASKED = {name: field.label for name, field in PartyForm.base_fields.items()}


def what_told(access: DisputeAccess) -> str:
    """Return in words what a reading was of; no statement, no word of the dispute. What no door writes stands as it
    is."""
    what = access.what
    if what == "own page":
        return _("the party's own page")
    if what.startswith("paper:"):
        return _paper(what.removeprefix("paper:"), what)
    found = ROW.fullmatch(what)
    if found is None:
        return what
    try:
        model = apps.get_model(found["model"])
    except LookupError:
        return what
    files = DisputeFile._meta.verbose_name_plural if found["part"] else ""
    more = [_step(model, found["step"]), _fields(found["fields"]), str(files)]
    more.append(_("search") if found["way"] == "search" else "")
    return _(": ").join([_row(model, found["pk"], access), *filter(None, more)])


def who_told(access: DisputeAccess) -> str:
    """Return who read it: a person by name, a party by the side only."""
    if access.party is None:
        return str(access.person)
    by = _("by the own account") if access.person_id else _("by link")
    return f"{access.party.get_side_display()} ({by})"


def _paper(code: str, what: str) -> str:
    if code == "whole_file":
        return _("the whole file of papers")
    return str(PAPERS[code].label) if code in PAPERS else what


def _row(model, pk: str | None, access: DisputeAccess) -> str:
    """Return the kind of a row and what people call it: its number, else its key; of the dispute the number."""
    name = str(model._meta.verbose_name)
    if pk is None:
        return f"{name} {access.dispute.number}" if model._meta.model_name == "dispute" else name
    return f"{name} {getattr(model(pk=int(pk)), 'number', pk)}"


def _step(model, name: str | None) -> str:
    if not name:
        return ""
    if name == "draft":
        return _("drafting")
    if name == "history":
        return _("History")
    steps = steps_of(model) if issubclass(model, WorkflowModel) else {}
    return str(steps[name].label) if name in steps else name


def _fields(names: str | None) -> str:
    """Return the names of the fields of a party that were shown in the clear."""
    return _(", ").join(str(UNMASKED.get(name, name)) for name in names.split(", ")) if names else ""
