"""What all steps of an assembly's objects have in common: figures on the event, photos beside it."""

from collections.abc import Sequence

from django.db import models

from governance.attachments import attach
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import AgendaItem, AssemblySession, FollowUpItem, Invitation


def figures_of(obj: models.Model) -> dict:
    """Return what every event about ``obj`` tells: codes and numbers, no words of people."""
    if isinstance(obj, AssemblySession):
        return {"assembly": obj.assembly.code, "month": f"{obj.month:%Y-%m}"}
    if isinstance(obj, Invitation):
        return {"session": obj.session_id, "role": obj.role}
    if isinstance(obj, AgendaItem):
        return {"topic": obj.number, "assembly": obj.assembly.code, "session": obj.session_id}
    return {"item": obj.number, "assembly": obj.assembly.code, "due_on": obj.due_on.isoformat()}


def carry(obj: models.Model, name: str, *, actor: User, photos: Sequence[Upload] = (), payload: dict | None = None,
          **given) -> models.Model:  # fmt: skip
    """``perform`` with the figures of the object on the event and photos kept beside it; returns the fresh object."""
    with atomically():
        fresh, event = perform(obj, name, actor=actor, payload=figures_of(obj) | (payload or {}), **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


def plain(model: type[models.Model], *names: str) -> None:
    """Let ``carry`` alone carry out these transitions, with what their forms give."""
    for name in names:
        _plain(model._meta.label_lower, name)


def _plain(label: str, name: str) -> None:
    def service(obj, *, actor, **given):
        return carry(obj, name, actor=actor, **given)

    carries_out(label, name)(service)


plain(FollowUpItem, "accept", "start", "return", "escalate")
