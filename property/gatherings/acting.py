"""What all steps around neighbours' events have in common: figures on the event, files beside it."""

from collections.abc import Sequence

from django.db import models

from governance.attachments import attach
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import EventPhoto, NeighbourEvent, PhotoConsent, SignUp, SkillEntry, SkillMatch, Volunteering


def figures_of(obj: models.Model) -> dict:
    """Return what every event about ``obj`` tells: ids, codes and numbers, no words and no names of people."""
    if isinstance(obj, NeighbourEvent):
        return {"kind": obj.kind, "places": obj.places}
    if isinstance(obj, SignUp):
        return {"gathering": obj.event_id, "size": obj.size, "turn": obj.turn}
    if isinstance(obj, Volunteering):
        return {"gathering": obj.event_id, "task": obj.task_id}
    if isinstance(obj, EventPhoto):
        return {"gathering": obj.event_id}
    if isinstance(obj, PhotoConsent):
        return {"gathering": obj.event_id, "photo": obj.photo_id}
    if isinstance(obj, SkillEntry):
        return {"side": obj.side, "category": obj.category.code}
    return {"offer": obj.offer_id, "want": obj.want_id, "score": obj.score}


def carry(obj: models.Model, name: str, *, actor: User, photos: Sequence[Upload] = (), payload: dict | None = None,
          **given) -> models.Model:  # fmt: skip
    """``perform`` with the figures of the object on the event and files kept beside it; returns the fresh object."""
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


def clock() -> User:
    """Return the actor of what happens by itself."""
    return User.objects.system("timers")


plain(SkillMatch, "refuse", "call_off")
plain(EventPhoto, "take_down")
