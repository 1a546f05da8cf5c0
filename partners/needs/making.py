"""Needs made of what other parts of the product know: an answer of a questionnaire, a hot-spot signal.

Assemblies lie above: ``property.assembly`` calls ``need_register`` itself, with source assembly and its row as origin.
"""

from datetime import datetime

from django.db.models import Model
from django.utils.translation import gettext as _

from cases.hotspots.services import told
from cases.models import HotSpotSignal
from cases.places import area_of_place
from governance.models import Area, AreaKind, Building, Dwelling, Estate, User
from partners.models import Need, NeedCategory, NeedGroup, NeedSource, NeedUrgency
from partners.needs.registering import Raiser, need_register

TITLE = 80


def need_from_answer(*, actor: User, origin: Model, title: str, area: Area | None = None, description: str = "",
                     category: NeedCategory | None = None, estate: Estate | None = None,
                     building: Building | None = None, dwelling: Dwelling | None = None, user: User | None = None,
                     name: str = "", phone: str = "", anonymous: bool = False, group: str = NeedGroup.EVERYBODY,
                     people: int | None = None, urgency: str = NeedUrgency.NORMAL,
                     occurred_at: datetime | None = None) -> Need:  # fmt: skip
    """Make a need of an answer (``origin``) of a questionnaire, as ``actor`` who works there or a system actor.

    ``user``, or ``name`` and ``phone``, is who answered, where they said so; of an anonymous questionnaire give none
    and ``anonymous``. One answer may become several needs. Raises as ``need_register``.
    """
    known = user or name or phone or dwelling
    raisers = [Raiser(user=user, name=name, phone=phone, dwelling=dwelling)] if known else []
    building = building or (dwelling.building if dwelling else None)
    return need_register(
        actor=actor, source=NeedSource.QUESTIONNAIRE, title=title.strip()[:TITLE], area=area, estate=estate,
        building=building, category=category, description=description, group=group, people=people, urgency=urgency,
        raisers=raisers, anonymous=anonymous, origin=origin, occurred_at=occurred_at,
    )  # fmt: skip


def need_from_signal(signal: HotSpotSignal, *, actor: User, title: str = "", description: str = "",
                     occurred_at: datetime | None = None) -> Need:  # fmt: skip
    """Make a need of a hot-spot signal, in the community where its cases are. Raises as ``need_register``."""
    area = signal.area
    if area.kind not in (AreaKind.COMMUNITY, AreaKind.GRID):
        area = area_of_place(None, signal.longitude, signal.latitude)
    about = str(signal.category or _("All cases"))
    usual = _("Remove what causes so many cases of “%(category)s”") % {"category": about}
    return need_register(
        actor=actor, source=NeedSource.ANALYSIS, title=(title.strip() or usual)[:TITLE], area=area,
        description=(description.strip() or told(signal))[:2000], origin=signal, occurred_at=occurred_at,
    )  # fmt: skip
