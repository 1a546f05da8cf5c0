"""Closing a case: photos the standard asks for, their check by place and time, inspection at random, the condition.

A photo's place and time are what its camera wrote (``governance.photo_origin``): they warn a person who judges, and
they decide alone only that somebody must go and look.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.feedback import ask_reporters
from cases.models import Case
from cases.services import case_move
from governance.attachments import attachments_of
from governance.coordinates import distance
from governance.errors import Conflict, Invalid
from governance.models import Attachment, AttachmentPurpose
from governance.transactions import atomically
from governance.workflow import carries_out

# Farther from the case a photo is suspicious. Phones may write GCJ-02, up to some 700 m off WGS-84 [J].
FARTHEST = 1_000
# Kept as a module object so that tests can stand in for chance.
chance = random.SystemRandom()


@dataclass(frozen=True)
class PhotoCheck:
    """What a photo's own place and time say: ``metres`` from the case, whether ``far``, whether taken too ``early``.

    None where the photo or the case does not say. ``good``: place and time are there and fit.
    """

    photo: Attachment
    metres: float | None
    far: bool | None
    early: bool | None

    @property
    def good(self) -> bool:
        return self.far is False and self.early is False

    @property
    def icon(self) -> str:
        """The icon that shows how the check went."""
        if self.good:
            return "check_circle"
        return "warning" if self.far or self.early else "help"

    @property
    def text(self) -> str:
        """The check in words."""
        told = [self._place(), self._time()]
        return "；".join(part for part in told if part)

    def _place(self) -> str:
        if self.metres is None:
            return _("the photo does not say where it was taken")
        text = _("taken %(metres)s m from the place") if not self.far else _("taken %(metres)s m away")
        return text % {"metres": f"{self.metres:,.0f}"}

    def _time(self) -> str:
        if self.early is None:
            return _("nor when") if self.metres is None else _("it does not say when")
        moment = timezone.localtime(self.photo.taken_at).strftime("%m-%d %H:%M")
        text = _("on %(at)s, before the unit had the case") if self.early else _("on %(at)s")
        return text % {"at": moment}


def photo_checks(case: Case, files: Iterable[Attachment] | None = None) -> list[PhotoCheck]:
    """Return the check of each photo taken after the work (of the newest submission), in the order of arrival.

    ``files`` are the case's, where they are loaded already; one statement otherwise.
    """
    files = attachments_of(case).order_by("uploaded_at", "id") if files is None else files
    photos = [row for row in files if row.purpose == AttachmentPurpose.AFTER and row.content_type[:6] == "image/"]
    newest = max((photo.event_id or 0 for photo in photos), default=0)
    return [_checked(case, photo) for photo in photos if (photo.event_id or 0) == newest]


def _checked(case: Case, photo: Attachment) -> PhotoCheck:
    metres = None
    if photo.longitude is not None and case.longitude is not None:
        metres = distance(photo.longitude, photo.latitude, case.longitude, case.latitude)
    early = None
    if photo.taken_at is not None and case.dispatched_at is not None:
        early = photo.taken_at < case.dispatched_at
    return PhotoCheck(photo, metres, None if metres is None else metres > FARTHEST, early)


def photos_missing(case: Case, rule: str, photos) -> bool:
    """Tell whether the standard's ``rule`` (photo_before, photo_after) is not met by what is sent."""
    wanted = case.standard is not None and getattr(case.standard, rule)
    return bool(wanted) and not any(upload.kind == "image" for upload in photos)


@dataclass(frozen=True)
class Draw:
    """Whether somebody must go and look, and what the event says of how that was decided."""

    on_site: bool
    payload: dict


def draw_inspection(case: Case) -> Draw | None:
    """Decide by chance whether a submitted result is inspected on site; None where every result is.

    Photos that are not good lead to an inspection whatever was drawn.
    """
    share = case.standard.inspection_share if case.standard else 1
    if share >= 1:
        return None
    drawn = round(chance.random(), 6)
    good = all(check.good for check in photo_checks(case))
    payload = {"share": str(share), "drawn": drawn, "photos_good": good}
    return Draw(on_site=drawn < share or not good, payload=payload)


@carries_out("cases.case", "close")
def case_close(case: Case, *, actor, closing_condition_met: bool = False, occurred_at: datetime | None = None,
               **given) -> Case:  # fmt: skip
    """Close an inspected case; its reporters are asked how it went.

    Raises Invalid where the standard has a closing condition that is not confirmed, Conflict while a part of it (a
    case under it) is open.
    """
    at = occurred_at or timezone.now()
    with atomically():
        # Locked first: a part put under it at this moment must be seen.
        locked = Case.objects.lock(case.pk)
        condition = locked.standard.closing_condition if locked.standard else ""
        if condition and not closing_condition_met:
            raise Invalid(_("Confirm that the closing condition is met."), field="closing_condition_met",
                          code="required")  # fmt: skip
        unfinished = locked.children.open().order_by("id").first()
        if unfinished is not None:
            raise Conflict(_("%(number)s, a part of it, is not done yet.") % {"number": unfinished.number})
        payload = {"closing_condition_met": bool(condition)}
        fresh = case_move(case, "close", actor=actor, closed_at=at, occurred_at=at, payload=payload, **given)
        ask_reporters(fresh, at=at)
        return fresh


@carries_out("cases.case", "dispose")
def case_dispose(case: Case, *, actor, category, result: str, occurred_at: datetime | None = None,
                 **given) -> Case:  # fmt: skip
    """Whoever is there puts a small thing right at once. Raises Invalid for a category not meant for that."""
    at = occurred_at or timezone.now()
    if not category.on_the_spot:
        raise Invalid(_("This kind of case is not dealt with on the spot."), field="category", code="not_small")
    with atomically():
        fresh = case_move(
            case, "dispose", actor=actor, category=category, result=result.strip(), closed_at=at, occurred_at=at,
            payload={"category": category.code}, **given,
        )  # fmt: skip
        ask_reporters(fresh, at=at)
        return fresh
