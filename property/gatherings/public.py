"""What residents read of events, of their own sign-up, and of skill exchange; never names of who else comes."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from property.gatherings.costs import settlement_of
from property.gatherings.event_workflow import OVER, EventState
from property.gatherings.feedback import rating_of
from property.gatherings.line import place_in_line
from property.gatherings.matching import CATEGORY, DAYS, ESTATE, NAMED, WORDS
from property.gatherings.sign_up_workflow import ACTIVE, HELPS, SignUpState
from property.gatherings.skills import contact_of, side_of
from property.models import EventFeedback, EventPhoto, NeighbourEvent, SignUp, SkillEntry, SkillMatch, Volunteering


def reasons_text(reasons: Sequence[str]) -> str:
    """Return in words why two entries fit."""
    told = {
        CATEGORY: _("the same kind of skill"), NAMED: _("words of this kind of skill"), WORDS: _("the same words"),
        ESTATE: _("the same estate"), DAYS: _("the same days"),
    }  # fmt: skip
    return "、".join(told[reason] for reason in reasons)


def sign_up_open(event: NeighbourEvent) -> bool:
    """Tell whether residents can sign up now."""
    now = timezone.now()
    begun = event.sign_up_from is None or event.sign_up_from <= now
    return event.places > 0 and event.state == EventState.PUBLISHED and begun and now < event.sign_up_until


def event_line(event: NeighbourEvent) -> dict:
    """Return an event as residents' lists show it; no statement beyond what ``with_rows`` loads."""
    return {
        "id": event.pk, "kind": event.kind, "kind_label": event.get_kind_display(), "title": event.title,
        "state": event.state, "state_label": event.get_state_display(), "starts_at": event.starts_at,
        "ends_at": event.ends_at, "time": event.time_text, "place": event.place_text, "for_whom": event.for_text,
        "counts_by": event.counts_by, "counts_by_label": event.get_counts_by_display(), "places": event.places,
        "free": event.free, "sign_up_open": sign_up_open(event), "sign_up_until": event.sign_up_until,
        "parent": event.parent_id, "parent_title": event.parent.title if event.parent else "",
    }  # fmt: skip


def sign_up_told(row: SignUp | None) -> dict | None:
    """Return the own sign-up, with the place in line."""
    if row is None:
        return None
    return {
        "id": row.pk, "state": row.state, "state_label": row.get_state_display(), "companions": row.companions,
        "children": row.children, "needs": row.needs, "size": row.size, "offered_until": row.offered_until,
        "in_line": place_in_line(row) if row.state == SignUpState.WAITING else None, "version": row.version,
    }  # fmt: skip


def event_told(event: NeighbourEvent, user) -> dict:
    """Return an event with everything a resident reads of it: about ten statements."""
    mine = SignUp.objects.filter(event=event, person=user).first()
    rating = rating_of(event)
    given = EventFeedback.objects.filter(event=event, person=user).exists()
    there = mine is not None and mine.state == SignUpState.CHECKED_IN
    parts = NeighbourEvent.objects.of_residents(user).filter(parent=event).order_by("starts_at")
    return event_line(event) | {
        "about": event.about, "unit": event.unit.name, "companions_most": event.companions_most,
        "children_count": event.children_count, "mine": sign_up_told(mine),
        "waiting": SignUp.objects.filter(event=event).in_line().count(),
        "programme": list(event.programme.values("position", "title", "performers", "minutes")),
        "parts": [{"id": one.pk, "title": one.title, "starts_at": one.starts_at} for one in parts],
        "tasks": _tasks_told(event, user),
        "photos": _photos_told(event),
        "may_rate": there and event.state in OVER and not given,
        "stars": rating.stars if rating.shown else None, "answers": rating.count if rating.shown else None,
        "settlement": _settlement_told(event) if event.settled_at is not None else None,
        "may_sign_up": sign_up_open(event) and (mine is None or mine.state not in ACTIVE),
    }  # fmt: skip


def _tasks_told(event: NeighbourEvent, user) -> list[dict]:
    hands = list(Volunteering.objects.filter(event=event, state__in=HELPS))
    own = {row.task_id: row for row in Volunteering.objects.filter(event=event, person=user)}
    told = []
    for task in event.tasks.all():
        count = sum(row.task_id == task.pk for row in hands)
        mine = own.get(task.pk)
        told.append({
            "id": task.pk, "title": task.title, "about": task.about, "wanted": task.wanted, "hands": count,
            "mine": mine.pk if mine else None, "state": mine.state if mine else "",
            "state_label": mine.get_state_display() if mine else "", "minutes": mine.minutes if mine else None,
        })  # fmt: skip
    return told


def _photos_told(event: NeighbourEvent) -> list[dict]:
    rows = EventPhoto.objects.open_to_residents().filter(event=event).order_by("id")
    return [{"id": row.pk, "caption": row.caption} for row in rows]


def _settlement_told(event: NeighbourEvent) -> dict:
    found = settlement_of(event)
    lines = [
        {
            "number": line.ordinal, "stage": line.stage, "stage_label": line.get_stage_display(), "title": line.title,
            "amount": line.amount, "source_label": line.get_source_display(), "source_text": line.source_text,
            "corrects": line.corrects.ordinal if line.corrects else None,
        }
        for line in found.lines
    ]  # fmt: skip
    by_source = [{"source_label": label, "amount": amount} for label, amount in found.by_source]
    return {"lines": lines, "planned": found.planned, "actual": found.actual, "by_source": by_source}


def entry_told(entry: SkillEntry) -> dict:
    """Return an offer or want as neighbours read it: what, when and where, not whose."""
    return {
        "id": entry.pk, "side": entry.side, "side_label": entry.get_side_display(), "category": entry.category.code,
        "category_name": entry.category.name, "title": entry.title, "about": entry.about, "where": entry.where,
        "estate_name": entry.estate.name, "time": entry.time_text, "minutes": entry.minutes,
        "valid_from": entry.valid_from, "valid_to": entry.valid_to, "state": entry.state,
        "state_label": entry.get_state_display(), "version": entry.version,
    }  # fmt: skip


def match_told(match: SkillMatch, user) -> dict:
    """Return a match as one of its two sides reads it: contact once both have confirmed."""
    side = side_of(match, user)
    mine, theirs = (match.offer, match.want) if side == "giver" else (match.want, match.offer)
    contact = contact_of(match, user)
    return {
        "id": match.pk, "state": match.state, "state_label": match.get_state_display(), "side": side,
        "mine": entry_told(mine), "theirs": entry_told(theirs), "why": reasons_text(match.reasons),
        "i_confirmed": getattr(match, f"{side}_confirmed_at") is not None,
        "i_reported": getattr(match, f"{side}_done_at") is not None,
        "i_rated": getattr(match, f"{side}_stars") is not None,
        "contact_name": contact.name if contact else "", "contact_phone": contact.phone if contact else "",
        "version": match.version,
    }  # fmt: skip
