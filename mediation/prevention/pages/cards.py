"""Hazards on the phone's first page: the button of the form, and what is to be assessed or decided."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Patrol
from cases.pages.mobile.tasks import ASKED, PhoneButton, TaskCard, phone_buttons, phone_tasks, round_buttons
from governance.scoping import roles_of
from mediation.models import Hazard, HazardState
from mediation.prevention.looks import hazard_tone
from mediation.prevention.querysets import KEEPS, REPORTS


def may_report(user) -> bool:
    """Tell whether somebody reports hazards anywhere."""
    return bool(roles_of(user) & set(REPORTS))


@phone_buttons
def hazard_button(user) -> list[PhoneButton]:
    """The form, for who reports hazards somewhere."""
    return [PhoneButton(_("Report a hazard"), reverse("phone_hazards:new"), order=15)] if may_report(user) else []


@round_buttons
def hazard_on_round(_user, patrol: Patrol) -> list[PhoneButton]:
    """The form, for what was found on a round."""
    return [PhoneButton(_("Report a hazard between people"), reverse("phone_hazards:new_on_round", args=[patrol.pk]))]


@phone_tasks
def hazards_to_do(user) -> list[TaskCard]:
    """Hazards the person assesses or decides about, the most pressing first."""
    if not roles_of(user) & set(KEEPS):
        return []
    titles = {HazardState.REPORTED: _("Hazards to assess"), HazardState.ASSESSED: _("Hazards to decide about")}
    cards = []
    for order, (state, title) in enumerate(titles.items(), start=30):
        rows = Hazard.objects.kept_by(user).filter(state=state).with_rows().order_by("assess_by", "pk")[:ASKED]
        cards += [_card(hazard, title, order) for hazard in rows]
    return cards


def _card(hazard: Hazard, title: str, order: int) -> TaskCard:
    return TaskCard(
        group=title, title=str(hazard.type or hazard.number), url=reverse("phone_hazards:hazard", args=[hazard.pk]),
        text=hazard.words[:60], place=hazard.place_text, badge=hazard.get_state_display(), tone=hazard_tone(hazard),
        due_at=hazard.assess_by if hazard.state == HazardState.REPORTED else None, order=order,
    )  # fmt: skip
