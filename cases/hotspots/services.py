"""Every write of hot-spot signals: what a scan found, and what people do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from cases.hotspots.takers import taker
from cases.models import CaseCategory, CaseSource, HotSpotRule, HotSpotSignal, SignalState
from cases.services import case_report
from governance import events
from governance.attachments import attach
from governance.models import Area, AttachmentPurpose, Role, User
from governance.photos import Upload
from governance.scoping import Grant
from governance.surveillance import Cluster
from governance.transactions import atomically
from governance.workflow import carries_out, perform


@dataclass(frozen=True)
class Found:
    """A cluster on the map: which cells, where its middle case is, the smallest area that holds its cases."""

    cluster: Cluster
    category: CaseCategory | None
    cells: tuple[str, ...]
    area: Area
    longitude: float
    latitude: float


def signal_found(rule: HotSpotRule, found: Found, *, day: date, actor: User) -> HotSpotSignal:
    """Keep what the scan of ``day`` found; a cluster that was found lately is the same signal.

    The same scan done twice leaves one signal, seen once. A signal that was dealt with stays so.
    """
    with atomically():
        signal = _same_place(rule, found, day)
        if signal is None:
            signal = HotSpotSignal(rule=rule, category=found.category, last_seen=day, **_figures(found, day))
            signal.save()
            return _recorded("hotspot.detected", signal, actor)
        if signal.last_seen >= day:
            return signal
        if signal.state == SignalState.NEW:
            for name, value in _figures(found, day).items():
                setattr(signal, name, value)
        signal.last_seen = day
        signal.times_seen += 1
        signal.version += 1
        signal.save()
        return _recorded("hotspot.seen_again", signal, actor)


def _same_place(rule: HotSpotRule, found: Found, day: date) -> HotSpotSignal | None:
    """Return the signal of the same watch and category that was seen within the longest cluster's days and shares at
    least half the cells of the smaller of both; locked."""
    rows = HotSpotSignal.objects.select_for_update(of=("self",)).filter(
        rule=rule, category=found.category, last_seen__gte=day - timedelta(days=rule.longest_days)
    )
    mine, best, most = set(found.cells), None, 0.5
    for signal in rows.select_related("area", "rule", "category").order_by("-id"):
        theirs = set(signal.cells)
        shared = len(mine & theirs) / min(len(mine), len(theirs))
        if shared >= most and (best is None or shared > most):
            best, most = signal, shared
    return best


def _figures(found: Found, day: date) -> dict:
    cluster = found.cluster
    return {
        "area": found.area, "cells": list(found.cells), "longitude": found.longitude, "latitude": found.latitude,
        "first_day": day - timedelta(days=cluster.days - 1), "last_day": day, "observed": cluster.observed,
        "expected": round(cluster.expected, 3), "p_value": cluster.p_value, "recurrence_days": cluster.recurrence,
    }  # fmt: skip


def _recorded(name: str, signal: HotSpotSignal, actor: User) -> HotSpotSignal:
    payload = {
        "rule": signal.rule.code, "category": signal.category.code if signal.category else None,
        "observed": signal.observed, "expected": signal.expected, "p_value": signal.p_value,
        "first_day": signal.first_day.isoformat(), "last_day": signal.last_day.isoformat(),
    }  # fmt: skip
    events.record(name, signal, actor=actor, grant=Grant(Role.SYSTEM), payload=payload)
    return signal


def told(signal: HotSpotSignal) -> str:
    """Return what a proactive case says of the cluster, in the active language."""
    values = {
        "area": signal.area, "first": signal.first_day, "last": signal.last_day, "observed": signal.observed,
        "expected": f"{signal.expected:.1f}", "category": signal.category,
    }  # fmt: skip
    if signal.category is None:
        return _("Hot spot in %(area)s: %(observed)s cases from %(first)s to %(last)s, %(expected)s expected. "
                 "Find the common cause and remove it.") % values  # fmt: skip
    return _("Hot spot in %(area)s: %(observed)s cases of “%(category)s” from %(first)s to %(last)s, %(expected)s "
             "expected. Find the common cause and remove it.") % values  # fmt: skip


@carries_out("cases.hotspotsignal", "open_case")
def signal_open_case(signal: HotSpotSignal, *, actor: User, description: str = "", version=None, reason="",
                     occurred_at: datetime | None = None, photos: Sequence[Upload] = ()) -> HotSpotSignal:  # fmt: skip
    """Open the one proactive case of a signal, at its place, from source department; photos go to the case."""
    with atomically():
        fresh, _event = perform(
            signal, "open_case", actor=actor, version=version, reason=reason, occurred_at=occurred_at
        )
        category = fresh.category if fresh.category and fresh.category.is_active else None
        fresh.case = case_report(
            actor=actor, source=CaseSource.DEPARTMENT, description=description.strip() or told(fresh),
            area=fresh.area, longitude=fresh.longitude, latitude=fresh.latitude, category=category, photos=photos,
            origin={"hotspot": fresh.pk}, occurred_at=occurred_at,
        )  # fmt: skip
        fresh.save(update_fields=["case"])
    return fresh


@carries_out("cases.hotspotsignal", "make_need")
def signal_make_need(signal: HotSpotSignal, *, actor: User, title: str = "", description: str = "", version=None,
                     reason="", occurred_at: datetime | None = None,
                     photos: Sequence[Upload] = ()) -> HotSpotSignal:  # fmt: skip
    """Let the app that keeps needs take a signal up, in one transaction; photos stay with the signal."""
    with atomically():
        fresh, event = perform(
            signal, "make_need", actor=actor, version=version, reason=reason, occurred_at=occurred_at
        )
        taker().make(fresh, actor=actor, title=title, description=description, occurred_at=occurred_at)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


@carries_out("cases.hotspotsignal", "dismiss")
def signal_dismiss(signal: HotSpotSignal, *, actor: User, photos: Sequence[Upload] = (), **given) -> HotSpotSignal:
    """Say why nothing is done about a signal."""
    with atomically():
        fresh, event = perform(signal, "dismiss", actor=actor, **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh
