"""What all steps of needs have in common: figures on the event, photos beside it."""

from collections.abc import Sequence
from datetime import datetime

from governance import events
from governance.attachments import attach
from governance.models import AttachmentPurpose, Role, User
from governance.photos import Upload
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import Need

NEED = "partners.need"


def figures_of(need: Need) -> dict:
    """Return what every event about a need tells: ids and codes, no words and no names of people."""
    return {"need": need.number, "category": need.category.code, "source": need.source}


def carry(need: Need, name: str, *, actor: User, photos: Sequence[Upload] = (), payload: dict | None = None,
          **given) -> Need:  # fmt: skip
    """``perform`` with the figures of the need on the event and photos kept beside it; returns the fresh need."""
    with atomically():
        fresh, event = perform(need, name, actor=actor, payload=figures_of(need) | (payload or {}), **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


def plain(*names: str) -> None:
    """Let ``carry`` alone carry out these transitions, with what their forms give."""
    for name in names:
        _plain(name)


def _plain(name: str) -> None:
    def service(need, *, actor, **given):
        return carry(need, name, actor=actor, **given)

    carries_out(NEED, name)(service)


def tell(name: str, need: Need, at: datetime, **more) -> None:
    """Record what happens to a need by itself."""
    events.record(name, need, actor=clock(), grant=Grant(Role.SYSTEM), payload=figures_of(need) | more,
                  occurred_at=at)  # fmt: skip


def clock() -> User:
    """Return the actor of what happens by itself."""
    return User.objects.system("timers")


def lock_in_order(*needs: Need) -> list[Need]:
    """Lock several needs in the order of their numbers, so that nobody waits in a ring; return them as given."""
    held = {pk: Need.objects.lock(pk) for pk in sorted({need.pk for need in needs})}
    return [held[need.pk] for need in needs]
