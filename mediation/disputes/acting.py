"""What all steps of disputes have in common: figures on the event, refusals in the right order."""

from datetime import datetime

from django.db.models import Model
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Invalid, NotPermitted
from governance.models import Event, Role, User
from governance.scoping import Grant, Rule, grant_for
from governance.transactions import atomically
from governance.workflow import perform, steps_of
from mediation.models import Dispute

DISPUTE = "mediation.dispute"
LONGEST_REASON = 2000


def figures_of(dispute: Dispute) -> dict:
    """Return what every event about a dispute tells: number and codes, no words and no names."""
    return {"dispute": dispute.number, "type": dispute.type.code, "tier": dispute.tier}


def carry(dispute: Dispute, name: str, *, actor: User, payload: dict | None = None, **given) -> Dispute:
    """``perform`` with the figures of the dispute on the event; returns the fresh dispute."""
    words_check(reason=given.get("reason") or "", longest=LONGEST_REASON)
    with atomically():
        return perform(dispute, name, actor=actor, payload=figures_of(dispute) | (payload or {}), **given)[0]


def may(dispute: Dispute, name: str, actor: User) -> bool:
    """Whether ``actor`` may do step ``name`` in the state the dispute is in: only then are its conditions worth naming.
    Otherwise ``perform`` says what is wrong."""
    found = steps_of(Dispute)[name]
    return dispute.state in found.sources and grant_for(found.allow, dispute, actor) is not None


def grant_or_refuse(rule: Rule, dispute: Dispute, actor: User) -> Grant:
    """Return in which role ``actor`` works on the dispute. Raises NotPermitted."""
    grant = grant_for(rule, dispute, actor)
    if grant is None:
        raise NotPermitted(_("You do not work on this dispute."))
    return grant


def tell(name: str, dispute: Dispute, *, actor: User, grant: Grant, at: datetime | None = None, text: str = "",
         **more) -> Event:  # fmt: skip
    """Record what happened to a dispute without a change of its state. ``text``: a reason, kept beside the event."""
    payload = figures_of(dispute) | more
    return events.record(name, dispute, actor=actor, grant=grant, payload=payload, occurred_at=at, text=text)


def clock() -> User:
    """Return the actor of what happens by itself."""
    return User.objects.system("timers")


SYSTEM_GRANT = Grant(Role.SYSTEM)


def words_check(*, longest: int = 5000, **texts: str) -> None:
    """Refuse what no text of the database holds (a null character), and what is too long, naming the field."""
    for field, text in texts.items():
        if "\0" in text:
            raise Invalid(_("This text holds a character that cannot be stored."), field=field, code="invalid")
        if len(text) > longest:
            raise Invalid(_("At most %(count)s characters.") % {"count": longest}, field=field, code="max_length")


def origin_of(row: Model | None) -> dict:
    """Return the columns that say which row of another model a dispute came of."""
    return {} if row is None else {"origin_type": row._meta.label_lower, "origin_id": row.pk}
