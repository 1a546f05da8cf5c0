"""What is corrected in a dispute, who mediates it, and signs of violence in it."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.errors import Invalid, NotPermitted
from governance.models import Appointment, Area, AreaKind, Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.acting import DISPUTE, carry, may, words_check
from mediation.disputes.consents import refuses_mediator
from mediation.disputes.impartial import is_party
from mediation.disputes.inviting import inviting_court_amend_check
from mediation.disputes.mediators import at_the_place, mediators_above, mediators_in
from mediation.disputes.places import place_check, unit_for_tier
from mediation.disputes.querysets import KEEPS
from mediation.disputes.registering import IS_PARTY, MOST_PEOPLE, fields_check
from mediation.disputes.states import DisputeSource, DisputeTier, RecusalState
from mediation.models import Dispute, Recusal

AMENDABLE = ("type", "title", "facts", "claim", "amount", "people", "urgency", "source", "inviting_court", "area")
# Which court is competent rests on these (民事诉讼法 205).
HOW_IT_CAME = ("source", "inviting_court")


@carries_out(DISPUTE, "amend")
def dispute_amend(dispute: Dispute, *, actor: User, version=None, reason="", occurred_at=None, **fields) -> Dispute:
    """Correct fields of ``AMENDABLE``; source and inviting court until a court has received an application (another
    source has no inviting court), the area within the same committee, by who decides for the unit.

    Raises Invalid naming the field, NotPermitted (the area), Conflict (``at_court``), as ``perform`` otherwise.
    """
    unknown = set(fields) - set(AMENDABLE)
    if unknown:
        raise Invalid(_("This is not corrected here."), field=sorted(unknown)[0], code="unknown")
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if fields.get("source", DisputeSource.COURT) != DisputeSource.COURT:
            fields.setdefault("inviting_court", None)
        changed = sorted(name for name, value in fields.items() if getattr(held, name) != value)
        told = _told(held, fields, changed)
        if may(held, "amend", actor):
            _amend_check(held, fields, changed, actor)
        return carry(dispute, "amend", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                     payload={"changed": changed} | told, **fields)  # fmt: skip


def _amend_check(dispute: Dispute, fields: dict, changed: list[str], actor: User) -> None:
    """Refuse what the dispute, amended, would not hold. Raises Invalid, NotPermitted, Conflict."""
    words_check(**{name: fields[name] for name in ("title", "facts", "claim") if name in fields})
    if set(HOW_IT_CAME) & set(changed):
        inviting_court_amend_check(dispute, **{name: fields.get(name, getattr(dispute, name)) for name in HOW_IT_CAME})
    if "area" in changed:
        _area_check(dispute, fields["area"], actor)
    for name, value in fields.items():
        setattr(dispute, name, value)
    if not dispute.title.strip():
        raise Invalid(_("Say what the dispute is about."), field="title", code="required")
    if dispute.people is None or not 1 <= dispute.people <= MOST_PEOPLE:
        raise Invalid(_("1 to 100000 people."), field="people", code="out_of_range")
    fields_check(dispute)


def _area_check(dispute: Dispute, area: Area, actor: User) -> None:
    """Refuse another place by who does not decide for the unit, and one of another committee: that one's people see a
    dispute of their own only. Raises NotPermitted, Invalid naming ``area``."""
    if grant_for(KEEPS, dispute, actor) is None:
        raise NotPermitted(_("Where it is, is corrected by who decides for the unit."))
    place_check(area)
    if not area.is_active or unit_for_tier(area, DisputeTier.GENERAL) != dispute.committee:
        raise Invalid(_("This place has another mediation committee."), field="area", code="elsewhere")


def places_of(dispute: Dispute) -> QuerySet[Area]:
    """Return the communities and grids of the dispute's committee."""
    inside = Area.objects.filter(path__startswith=dispute.committee.area.path, is_active=True)
    return inside.filter(kind__in=[AreaKind.COMMUNITY, AreaKind.GRID]).order_by("code")


def _told(dispute: Dispute, fields: dict, changed: list[str]) -> dict:
    """Return what the event tells of where it came from and where it is: what it was, and what it is."""
    found = {}
    for name in (*HOW_IT_CAME, "area"):
        if name in changed:
            before, now = getattr(dispute, name), fields[name]
            found |= {f"{name}_before": getattr(before, "pk", before), name: getattr(now, "pk", now)}
    return found


@carries_out(DISPUTE, "assign")
def dispute_assign(dispute: Dispute, *, actor: User, mediator: User, **given) -> Dispute:
    """Appoint who mediates: somebody of the unit; for a general dispute also a grid worker of the place. After an
    agreement too: somebody must follow it up when the mediator has left.

    Raises Invalid naming ``mediator`` (works elsewhere, is a party, was recused, is refused by a party).
    """
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, "assign", actor):
            mediator_check(held, mediator)
        return carry(held, "assign", actor=actor, mediator=mediator, payload={"mediator": mediator.pk}, **given)


def mediator_check(dispute: Dispute, mediator: User) -> None:
    """Refuse who may not mediate the dispute. Raises Invalid naming ``mediator``."""
    if not candidates(dispute).filter(pk=mediator.pk).exists():
        raise Invalid(_("This person does not mediate here."), field="mediator", code="elsewhere")
    unwanted_check(dispute, mediator)


def unwanted_check(dispute: Dispute, mediator: User) -> None:
    """Refuse who is a party, was recused, or is refused by a party. Raises Invalid naming ``mediator``."""
    impartial_check(dispute, mediator)
    if refuses_mediator(dispute, mediator):
        raise Invalid(_("A party refuses this mediator."), field="mediator", code="refused")


def impartial_check(dispute: Dispute, mediator: User) -> None:
    """Refuse who is a party to the dispute or was recused from it. Raises Invalid naming ``mediator``."""
    if is_party(dispute.parties.all(), mediator):
        raise Invalid(IS_PARTY, field="mediator", code="party")
    if Recusal.objects.filter(dispute=dispute, mediator=mediator, state=RecusalState.UPHELD).exists():
        raise Invalid(_("This person was recused from the dispute."), field="mediator", code="recused")


def candidates(dispute: Dispute):
    """Return the people who may be appointed to mediate a dispute: those of its unit, of the unit above where nobody
    there may, and of a general one the grid workers of the place."""
    found = mediators_in(dispute.unit_id) | mediators_above(dispute)
    if dispute.tier != DisputeTier.GENERAL:
        return found
    on_site = Appointment.objects.in_force().filter(role=Role.GRID_WORKER).filter(at_the_place(dispute))
    return found | User.objects.filter(is_active=True, pk__in=on_site.values("user_id"))


@carries_out(DISPUTE, "mark_violence")
def dispute_mark_violence(dispute: Dispute, *, actor: User, violence: bool, domestic_violence: bool = False,
                          **given) -> Dispute:  # fmt: skip
    """Say whether there are signs of violence, and whether in a family; a reason is needed either way."""
    payload = {"violence": violence or domestic_violence, "domestic_violence": domestic_violence}
    return carry(dispute, "mark_violence", actor=actor, payload=payload, **payload, **given)
