"""Neighbours' events, sign-ups and matches on the live push: what staff see of them."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from property.models import EventPhoto, NeighbourEvent, PhotoConsent, SignUp, SkillEntry, SkillMatch, Volunteering


def _row(obj, number: str, page: str, pk: int, **more) -> dict:
    return {
        "number": number, "state": obj.state, "state_label": obj.get_state_display(), "version": obj.version,
        "url": reverse(f"admin:property_{page}_change", args=[pk]),
    } | more  # fmt: skip


@describe("property.neighbourevent", rows=lambda: NeighbourEvent.objects.with_rows())
def event_rows(rows: Sequence[NeighbourEvent]) -> dict[int, dict]:
    """Return what a toast shows of each event."""
    return {one.pk: _row(one, one.title, "neighbourevent", one.pk, starts_at=one.starts_at) for one in rows}


def _of_event(rows: Sequence) -> dict[int, dict]:
    return {one.pk: _row(one, one.event.title, "neighbourevent", one.event_id) for one in rows}


describe("property.signup", rows=lambda: SignUp.objects.with_rows())(_of_event)
describe("property.volunteering", rows=lambda: Volunteering.objects.with_rows())(_of_event)
describe("property.photoconsent", rows=lambda: PhotoConsent.objects.with_rows())(_of_event)


@describe("property.eventphoto", rows=lambda: EventPhoto.objects.with_rows())
def photo_rows(rows: Sequence[EventPhoto]) -> dict[int, dict]:
    """Return what a toast shows of each photo."""
    return {one.pk: _row(one, one.event.title, "eventphoto", one.pk) for one in rows}


@describe("property.skillentry", rows=lambda: SkillEntry.objects.with_rows())
def skill_rows(rows: Sequence[SkillEntry]) -> dict[int, dict]:
    """Return what a toast shows of each offer or want."""
    return {one.pk: _row(one, str(one.category), "skillentry", one.pk) for one in rows}


@describe("property.skillmatch", rows=lambda: SkillMatch.objects.with_rows())
def match_rows(rows: Sequence[SkillMatch]) -> dict[int, dict]:
    """Return what a toast shows of each match."""
    return {one.pk: _row(one, str(one.offer.category), "skillmatch", one.pk) for one in rows}
