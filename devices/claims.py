"""Putting a device up on site: somebody stands at it, its test alarm arrives, it is in service.

The code on a device's label leads to its page on the phone (``devices.pages``); the API has doors of its own. A claim
is refused outside the area's boundary and too far from the registered place; who keeps devices may correct the place
instead. What the device reports meanwhile is kept and judged by nobody (it is not in service), so a test alarm opens no
case: what it would have raised is computed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.places import area_of_place
from devices.baselines import baselines_of, baselines_take, relative
from devices.messages import SKEW, STATUS
from devices.models import Device, DeviceClaim, Reading
from devices.profile_rules import rules_of
from devices.querysets import INSTALLS, KEEPS_DEVICES
from governance.attachments import attach
from governance.coordinates import CoordinateError, distance, validate
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform

# Who stands at a device tests it at once; after a day it may be another device's day, or hang elsewhere [J].
LONGEST_CLAIM = timedelta(days=1)
MOST_HEARD = 200  # readings of a claim that are looked at, the newest


@dataclass(frozen=True)
class Heard:
    """One sample that arrived since a claim: its word, its figures, and the alarm types it would have raised."""

    at: datetime
    status: str | None
    metrics: dict[str, float]
    raises: tuple[str, ...]


def device_claim(device: Device, *, actor: User, longitude: float, latitude: float, photos: Sequence[Upload],
                 accuracy: float | None = None, correct_place: bool = False,
                 occurred_at: datetime | None = None) -> DeviceClaim:  # fmt: skip
    """Say that ``actor`` stands at a device that is to be put in service, at a WGS-84 place, and shows it.

    An open claim of it, by whoever, is replaced. ``correct_place``: where the place is right and the register is wrong.
    Raises NotPermitted; Conflict in another state; Invalid without a photo, for half a point, outside the boundary of
    the device's area (``outside``) or further from the registered place than the profile allows (``too_far``).
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = Device.objects.lock(device.pk)
        _check_may(fresh, actor, correct_place)
        metres = _checked_place(fresh, longitude, latitude, correct_place)
        if not any(photo.kind == "image" for photo in photos):
            raise Invalid(_("A photo of the device in its place is needed."), field="photos", code="required")
        open_claims(fresh).update(replaced_at=at)
        claim = DeviceClaim.objects.create(
            device=fresh, claimed_by=actor, claimed_at=at, longitude=longitude, latitude=latitude, accuracy=accuracy,
            distance=metres, moved=correct_place,
        )  # fmt: skip
        told = {"device": fresh.code, "claim": claim.pk, "distance": round(metres, 1), "moved": correct_place}
        if correct_place:
            told |= {"place_before": [fresh.longitude, fresh.latitude], "place": [longitude, latitude]}
        fresh, event = perform(
            fresh, "claim", actor=actor, payload=told, occurred_at=at,
            moved_to=(longitude, latitude) if correct_place else None,
        )  # fmt: skip
        attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return claim


def _check_may(device: Device, actor: User, correct_place: bool) -> None:
    if grant_for(INSTALLS, device, actor) is None:
        raise NotPermitted(_("You may not put this device in service."))
    if correct_place and grant_for(KEEPS_DEVICES, device, actor) is None:
        raise NotPermitted(_("You may not correct the registered place of this device."))


def _checked_place(device: Device, longitude: float, latitude: float, correct_place: bool) -> float:
    """Return how far in metres a place is from the registered one. Raises Invalid where that will not do."""
    try:
        validate(longitude, latitude)
    except CoordinateError as error:
        field = {"lon": "longitude", "lat": "latitude"}[error.field]
        raise Invalid(str(error.detail), field=field, code=error.code) from error
    area_of_place(device.area, longitude, latitude)
    metres = distance(device.longitude, device.latitude, longitude, latitude)
    most = device.profile.claim_distance
    if metres > most and not correct_place:
        words = {"metres": round(metres), "most": most}
        raise Invalid(
            _("You are %(metres)s m from the registered place; at most %(most)s m will do.") % words,
            field="longitude", code="too_far",
        )  # fmt: skip
    return metres


@carries_out("devices.device", "claim")
def claim_refused(device: Device, **_given) -> Device:
    """A claim needs a place and a photo: it has doors of its own (phone page, API). Raises Conflict."""
    raise Conflict(_("A device is claimed on its page on the phone."))


@carries_out("devices.device", "commission")
def device_commission(device: Device, *, actor: User, version: int | None = None,
                      occurred_at: datetime | None = None, **_given) -> Device:  # fmt: skip
    """Put a device in service that its claimant has seen working: its test alarm arrived since the claim.

    Baselines are taken from what it reported meanwhile. Raises NotPermitted where somebody else claimed it; Conflict
    without a claim of the last day, or while nothing (``not_heard``) or no alarm (``no_test_alarm``) has arrived.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = Device.objects.lock(device.pk)
        claim = _claim_of(fresh, actor, at)
        heard = heard_since(claim)
        if not heard:
            raise Conflict(_("Nothing was heard from the device since the claim."), code="not_heard")
        types = sorted({word for sample in heard for word in sample.raises})
        if not types:
            raise Conflict(_("No test alarm has arrived since the claim."), code="no_test_alarm")
        told = {"device": fresh.code, "claim": claim.pk, "test_alarms": types}
        fresh, _event = perform(fresh, "commission", actor=actor, version=version, payload=told, occurred_at=at,
                                in_service_at=at)  # fmt: skip
        claim.completed_at = at
        claim.save(update_fields=["completed_at"])
        baselines_take(fresh, [sample.metrics for sample in heard if not sample.raises], actor=actor, at=at)
    return fresh


def _claim_of(device: Device, actor: User, at: datetime) -> DeviceClaim:
    if grant_for(INSTALLS, device, actor) is None:
        raise NotPermitted(_("You may not put this device in service."))
    claim = open_claims(device).select_for_update().first()
    if claim is None or at - claim.claimed_at > LONGEST_CLAIM:
        raise Conflict(_("The device must be claimed on site first."), code="not_claimed")
    if claim.claimed_by_id != actor.pk:
        raise NotPermitted(_("Somebody else claimed this device: claim it anew."))
    return claim


def open_claims(device: Device):
    """Return the claims of a device that are not over: one at most."""
    return DeviceClaim.objects.filter(device=device, completed_at=None, replaced_at=None)


def claim_going_on(device: Device, user: User, *, at: datetime | None = None) -> DeviceClaim | None:
    """Return the claim of a device that ``user`` may go on with, or None."""
    since = (at or timezone.now()) - LONGEST_CLAIM
    return open_claims(device).filter(claimed_by=user, claimed_at__gte=since).first()


def heard_since(claim: DeviceClaim) -> list[Heard]:
    """Return what arrived from a device since it was claimed, newest first.

    What was measured before (a backlog sent late) says nothing of the device in its place, but its clock may be slow by
    as much as it may be fast.
    """
    rows = Reading.objects.filter(
        device_id=claim.device_id, at__gte=claim.claimed_at - SKEW, received_at__gte=claim.claimed_at, quality=None
    ).order_by("-at", "metric")[:MOST_HEARD]  # fmt: skip
    words: dict[datetime, str] = {}
    figures: dict[datetime, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row.metric == STATUS:
            words[row.at] = row.text
        else:
            figures[row.at][row.metric] = row.value
    profile = claim.device.profile_id
    rules, zero = rules_of({profile})[profile], baselines_of([claim.device_id]).get(claim.device_id, {})
    told = []
    for at in sorted(words.keys() | figures.keys(), reverse=True):
        judged = relative(figures[at], rules.relative, zero)
        told.append(Heard(at, words.get(at), figures[at], tuple(rules.raised_by(words.get(at), judged))))
    return told
