"""Photos of an event: who is asked, and what may be shown to whom.

A photo is shown to residents only when everybody asked has agreed, or somebody answers by name for that nobody can be
recognised. Nothing is stored about it being shown: a refusal hides it with the next look.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach, attachments_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Attachment, AttachmentPurpose, Dwelling, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.gatherings.acting import carry, figures_of
from property.gatherings.querysets import RUNS, RUNS_PART
from property.models import ConsentState, EventPhoto, NeighbourEvent, PhotoConsent

EVENT, PHOTO, CONSENT = "property.neighbourevent", "property.eventphoto", "property.photoconsent"


@carries_out(EVENT, "add_photos")
def photos_add(event: NeighbourEvent, *, actor: User, photos: Sequence[Upload] = (), caption: str = "",
               people: Iterable[User] = (), nobody: bool = False, occurred_at: datetime | None = None,
               **given) -> NeighbourEvent:  # fmt: skip
    """Store photos, each to be shown once ``people``, who are on all of them, have agreed; or ``nobody`` can be
    recognised, for which the actor answers. With neither they wait until somebody is asked.

    Raises NotPermitted, Invalid naming ``photos`` or ``nobody``.
    """
    at, people = occurred_at or timezone.now(), list(people)
    if not photos or any(not one.content_type.startswith("image/") for one in photos):
        raise Invalid(_("At least one photo is needed, and photos only."), field="photos", code="required")
    if nobody and people:
        raise Invalid(_("Either nobody can be recognised, or somebody is asked."), field="nobody", code="one_of")
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        if grant_for(RUNS, locked, actor) is None:
            raise NotPermitted(_("You do not run this event."))
        rows = [_photo_made(locked, upload, actor, caption.strip(), nobody, at) for upload in photos]
        for row in rows:
            for person in people:
                _asked(row, actor=actor, at=at, person=person)
        payload = figures_of(locked) | {"photos": [row.pk for row in rows], "asked": len(people)}
        return perform(locked, "add_photos", actor=actor, payload=payload, occurred_at=at, **given)[0]


def _photo_made(event: NeighbourEvent, upload: Upload, actor: User, caption: str, nobody: bool,
                at: datetime) -> EventPhoto:  # fmt: skip
    row = EventPhoto.objects.create(
        event=event, area=event.area, caption=caption, nobody_by=actor if nobody else None, uploaded_by=actor,
        uploaded_at=at,
    )  # fmt: skip
    attach(row, [upload], purpose=AttachmentPurpose.EVIDENCE, actor=actor)
    return row


def _asked(photo: EventPhoto, *, actor: User, at: datetime, person: User | None = None, child: str = "",
           dwelling: Dwelling | None = None) -> PhotoConsent:  # fmt: skip
    who = {"person": person, "child": child, "dwelling": dwelling}
    if PhotoConsent.objects.filter(photo=photo, **who).exists():
        raise Conflict(_("They are asked already."), code="asked")
    row = PhotoConsent.objects.create(photo=photo, event=photo.event, area=photo.area, asked_at=at, **who)
    grant = grant_for(RUNS_PART, row, actor)
    payload = figures_of(row) | {"to": row.state, "for_child": bool(child)}
    events.record("consent.asked", row, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return row


@carries_out(PHOTO, "ask")
def photo_ask(photo: EventPhoto, *, actor: User, person: User | None = None, child: str = "",
              dwelling: Dwelling | None = None, occurred_at: datetime | None = None,
              **given) -> EventPhoto:  # fmt: skip
    """Ask a person, a child's guardian (``person`` with ``child`` named), or a household. Until they agree the photo is
    hidden.

    Raises Invalid naming ``person`` unless it is exactly one of them: a household cannot answer for a child.
    """
    at, child = occurred_at or timezone.now(), child.strip()
    if (person is None) == (dwelling is None) or (child and person is None):
        text = _("A person, or a household: one of them. For a child its guardian is named.")
        raise Invalid(text, field="person", code="one_of")
    with atomically():
        fresh = carry(photo, "ask", actor=actor, occurred_at=at, **given)
        _asked(fresh, actor=actor, at=at, person=person, child=child, dwelling=dwelling)
    return fresh


@carries_out(PHOTO, "nobody")
def photo_nobody(photo: EventPhoto, *, actor: User, **given) -> EventPhoto:
    """Say by name that nobody can be recognised. Raises Conflict where somebody is asked already."""
    with atomically():
        locked = EventPhoto.objects.lock(photo.pk)
        if locked.consents.exists():
            raise Conflict(_("Somebody is asked about this photo: they can be recognised."), code="asked")
        return carry(locked, "nobody", actor=actor, nobody_by=actor, **given)


def may_agree(row: PhotoConsent, user) -> bool:
    """Tell whether somebody's yes counts: the no of one of a household is lifted by nobody else who lives there."""
    return row.dwelling_id is None or row.state != ConsentState.REFUSED or row.answered_by_id == user.pk


def _answers(name: str) -> None:
    def service(row: PhotoConsent, *, actor: User, occurred_at: datetime | None = None, **given) -> PhotoConsent:
        at = occurred_at or timezone.now()
        with atomically():
            locked = PhotoConsent.objects.lock(row.pk)
            if name == "agree" and not may_agree(locked, actor):
                text = _("Somebody of your household does not agree: only they may say otherwise.")
                raise NotPermitted(text)
            return carry(locked, name, actor=actor, occurred_at=at, answered_by=actor, answered_at=at, **given)

    carries_out(CONSENT, name)(service)


_answers("agree")
_answers("refuse")


def file_of(photo: EventPhoto) -> Attachment | None:
    """Return the stored file of a photo."""
    return attachments_of(photo).first()


def photo_for(user, pk: int) -> EventPhoto | None:
    """Return a photo that a resident may look at now: shown to the place, or one they are asked about; else None."""
    shown = EventPhoto.objects.open_to_residents().filter(event__in=NeighbourEvent.objects.of_residents(user))
    asked = PhotoConsent.objects.of_person(user).values("photo_id")
    rows = EventPhoto.objects.filter(state="kept", pk__in=shown.values("pk")) | EventPhoto.objects.filter(
        state="kept", pk__in=asked
    )
    return rows.filter(pk=pk).first()
