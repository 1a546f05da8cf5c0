"""What all steps around projects have in common: figures on the event, files beside it, the locks and their order.

Locks are taken in this order: partners (by id), the project, its claims and evaluations, its needs.
"""

from collections.abc import Sequence

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach
from governance.errors import Conflict, NotPermitted
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.scoping import Grant, Rule, grant_for, grants_of
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import Claim, Evaluation, Partner, Project

PROJECT, CLAIM, EVALUATION = "partners.project", "partners.claim", "partners.evaluation"


def figures_of(obj: models.Model) -> dict:
    """Return what every event about ``obj`` tells: ids, codes and numbers, no words and no names of people."""
    if isinstance(obj, Project):
        return {"exclusive": obj.exclusive}
    if isinstance(obj, Claim):
        return {"project": obj.project_id, "partner": obj.partner_id}
    if isinstance(obj, Evaluation):
        return {"project": obj.project_id, "party": obj.party, "unit": obj.unit_id}
    raise TypeError(f"no figures of {obj}")


def carry(obj: models.Model, name: str, *, actor: User, photos: Sequence[Upload] = (), payload: dict | None = None,
          **given) -> models.Model:  # fmt: skip
    """``perform`` with the figures of the object on the event and files kept beside it; returns the fresh object."""
    with atomically():
        fresh, event = perform(obj, name, actor=actor, payload=figures_of(obj) | (payload or {}), **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


def told(name: str, obj: models.Model, *, actor: User, grant: Grant, at, payload: dict | None = None):
    """Record what happened to an object without a change of its state; returns the event."""
    return events.record(name, obj, actor=actor, grant=grant, payload=figures_of(obj) | (payload or {}), occurred_at=at)


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


def granted(rule: Rule, obj: models.Model, actor) -> Grant:
    """Return the grant by which ``actor`` may do this. Raises NotPermitted."""
    found = grant_for(rule, obj, actor)
    if found is None:
        raise NotPermitted(_("You may not do this in this project."))
    return found


def state_check(obj: models.Model, *states: str) -> None:
    """Raise Conflict unless the object is in one of the states."""
    if obj.state not in states:
        text = _("This is not possible now: the state is “%(state)s”.") % {"state": obj.get_state_display()}
        raise Conflict(text, code="state")


def lock_partners(pks) -> list[Partner]:
    """Lock partners in the order of their ids."""
    return [Partner.objects.lock(pk) for pk in sorted(set(pks))]


def own_check(claims: Sequence[Claim], actor: User) -> None:
    """Refuse a decision on what is one's own: by a partner's people, or who claimed. Raises NotPermitted (``own``)."""
    units = {grant.unit_id for grant in grants_of(actor)} - {None}
    for claim in claims:
        mine = actor.pk in (claim.partner.person_id, claim.partner.applicant_id, claim.claimed_by_id)
        if mine or (claim.partner.unit_id and claim.partner.unit_id in units):
            raise NotPermitted(_("Somebody else decides on what is your own."), code="own")


def now_of(occurred_at):
    """Return the moment (default: now) and its day in Shanghai."""
    at = occurred_at or timezone.now()
    return at, timezone.localdate(at)
