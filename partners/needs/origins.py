"""What a need came of, told on its page: the visit, the signal; rows of apps above by what they register.

An app above calls ``register_need_origin(label, told)`` once; ``told(pk, user)`` returns (text, url), an empty url
where the person does not see the row, or None where it is not known any more.
"""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import HotSpotSignal
from partners.models import Need, NeedVisit, Survey

Told = tuple[str, str] | None
_tellers: dict[str, Callable[[int, object], Told]] = {}


def register_need_origin(label: str, told: Callable[[int, object], Told]) -> None:
    """Say how needs that came of rows of model ``label`` name them. Raises ValueError the second time."""
    if label in _tellers:
        raise ValueError(f"origins of {label} are told already")
    _tellers[label] = told


def origin_told(need: Need, user) -> Told:
    """Return what a need came of and the address of its page, or None."""
    teller = _tellers.get(need.origin_type)
    return teller(need.origin_id, user) if teller else None


def _visit(pk: int, user) -> Told:
    visit = NeedVisit.objects.visible_to(user).filter(pk=pk).with_rows().first()
    if visit is None:
        return _("Visit"), ""
    return f"{_('Visit')} {visit}", reverse("admin:partners_needvisit_change", args=[pk])


def _signal(pk: int, user) -> Told:
    seen = HotSpotSignal.objects.visible_to(user).filter(pk=pk).exists()
    return _("Hot-spot signal"), reverse("admin:cases_hotspotsignal_change", args=[pk]) if seen else ""


def _survey(pk: int, user) -> Told:
    survey = Survey.objects.for_staff(user).filter(pk=pk).first()
    if survey is None:
        return _("Questionnaire"), ""
    return survey.title, reverse("admin:partners_survey_change", args=[pk])


register_need_origin("partners.needvisit", _visit)
register_need_origin("partners.survey", _survey)
register_need_origin("cases.hotspotsignal", _signal)
