"""What is corrected in a dispute, who mediates it, and signs of violence in it."""

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import Appointment, Role, User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.acting import DISPUTE, carry, may, words_check
from mediation.disputes.consents import refuses_mediator
from mediation.disputes.impartial import is_party
from mediation.disputes.inviting import inviting_court_amend_check
from mediation.disputes.mediators import at_the_place, mediators_above, mediators_in
from mediation.disputes.registering import IS_PARTY, MOST_PEOPLE, fields_check
from mediation.disputes.states import DisputeTier, RecusalState
from mediation.models import Dispute, Recusal

AMENDABLE = ("type", "title", "facts", "claim", "amount", "people", "urgency", "inviting_court")


@carries_out(DISPUTE, "amend")
def dispute_amend(dispute: Dispute, *, actor: User, version=None, reason="", occurred_at=None, **fields) -> Dispute:
    """Correct fields of ``AMENDABLE``; the inviting court until a court has received an application. Raises Invalid
    naming the field, Conflict (``at_court``), as ``perform`` otherwise."""
    unknown = set(fields) - set(AMENDABLE)
    if unknown:
        raise Invalid(_("This is not corrected here."), field=sorted(unknown)[0], code="unknown")
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        changed = sorted(name for name, value in fields.items() if getattr(held, name) != value)
        courts = _courts_told(held, fields) if "inviting_court" in changed else {}
        if may(held, "amend", actor):
            words_check(**{name: fields[name] for name in ("title", "facts", "claim") if name in fields})
            if "inviting_court" in changed:
                inviting_court_amend_check(held, fields["inviting_court"])
            for name, value in fields.items():
                setattr(held, name, value)
            if not held.title.strip():
                raise Invalid(_("Say what the dispute is about."), field="title", code="required")
            if held.people is None or not 1 <= held.people <= MOST_PEOPLE:
                raise Invalid(_("1 to 100000 people."), field="people", code="out_of_range")
            fields_check(held)
        return carry(dispute, "amend", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                     payload={"changed": changed} | courts, **fields)  # fmt: skip


def _courts_told(dispute: Dispute, fields: dict) -> dict:
    """Return what the event tells of another inviting court: which it was, and which it is."""
    court = fields["inviting_court"]
    return {"inviting_court_before": dispute.inviting_court_id, "inviting_court": court and court.pk}


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
