"""Versions of device profiles: drafted, tried, published, discarded.

A newly added profile is a draft. How the version in force judges, and what cases its alarms open, does not change: its
name, category, scene and claim distance may, everything else goes into a draft. Devices follow the version in force.
"""

from datetime import datetime

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.alarm_rows import endings_set, limits_gone
from devices.models import Alarm, Device, DeviceProfile, ProfileState, ProfileTrial
from devices.profile_content import PARTS, PROFILE, content_of, digest_of
from devices.profile_trials import try_out
from governance import events
from governance.configuration import configuration_grant, guards
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import Grant
from governance.transactions import atomically

LOST_SHOWN = 20  # of the occurrences that a trial would have lost
USUAL_DAYS, MOST_DAYS = 7, 90  # readings are kept for 90 days by default
# What may be changed while a version is in force: none of it judges.
FREE = {"name", "category", "scene", "claim_distance"}
IDENTITY = {"code", "version", "state", "published_at"}


def profile_draft(profile: DeviceProfile, *, actor: User) -> DeviceProfile:
    """Begin a draft of a profile: a copy of the version in force, of which it is the next. Returns it.

    Raises NotPermitted, or Conflict where a draft is in work already.
    """
    with atomically():
        versions, grant = _locked(profile.code, actor)
        if any(row.is_draft for row in versions):
            raise Conflict(_("There is a draft of this profile already."), code="draft_exists")
        source = DeviceProfile.objects.with_rules().in_force().get(code=profile.code)
        draft = DeviceProfile.objects.create(
            code=source.code, version=max(row.version for row in versions) + 1, state=ProfileState.DRAFT,
            **{name: getattr(source, name) for name in PROFILE},
        )  # fmt: skip
        for related, _key, names in PARTS:
            rows = getattr(draft, related)
            rows.bulk_create(
                rows.model(profile=draft, **{name: getattr(row, name) for name in names})
                for row in getattr(source, related).all()
            )
        payload = {"code": draft.code, "version": draft.version, "from": source.version}
        events.record("profile.drafted", draft, actor=actor, grant=grant, payload=payload)
    return draft


def draft_of(profile: DeviceProfile, *, actor: User) -> DeviceProfile:
    """Return the draft of a profile, begun where there is none: where imports and packages write."""
    draft = DeviceProfile.objects.filter(code=profile.code, state=ProfileState.DRAFT).first()
    return draft or profile_draft(profile, actor=actor)


def profile_try(draft: DeviceProfile, *, actor: User, days: int = USUAL_DAYS) -> ProfileTrial:
    """Run a draft over the readings of the last ``days`` (1 to 90) of its devices, and keep what it found.

    No alarm is touched. Raises NotPermitted, Invalid, or Conflict where it is no draft or nothing is in force yet.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(_("Give 1 to 90 days."), field="days", code="out_of_range")
    with atomically():
        fresh, current, grant = _draft_locked(draft, actor)  # the content must not change under the trial
        if current is None:
            raise Conflict(_("No version of this profile is in force: no device has readings to try it on."))
        now = timezone.now()
        found = try_out(fresh, current, days=days, now=now)
        trial = ProfileTrial.objects.create(
            profile=fresh, digest=digest_of(fresh), days=days, run_at=now, run_by=actor, **found.figures()
        )
        payload = {"code": fresh.code, "version": fresh.version, "trial": trial.pk, "days": days}
        payload |= {name: getattr(trial, name) for name in ("readings", "were", "would", "confirmed", "lost")}
        events.record("profile.tried", fresh, actor=actor, grant=grant, payload=payload, occurred_at=now)
    return trial


def newest_trial(draft: DeviceProfile) -> ProfileTrial | None:
    """Return the newest dry run of a version."""
    return draft.trials.select_related("run_by").first()


def lost_alarms(trial: ProfileTrial, user: User):
    """Return some of the confirmed occurrences a trial would have lost, those the reader may see."""
    rows = Alarm.objects.visible_to(user).filter(pk__in=trial.lost_alarms).with_rows()
    return rows.order_by("-id")[:LOST_SHOWN]


def is_tried(draft: DeviceProfile) -> bool:
    """Tell whether the newest trial is of the version's present rules."""
    digest = draft.trials.values_list("digest", flat=True).first()
    return digest is not None and digest == digest_of(draft)


def profile_publish(draft: DeviceProfile, *, actor: User, reason: str = "",
                    occurred_at: datetime | None = None) -> DeviceProfile:  # fmt: skip
    """Put a draft in force: the version before it retires, and its devices follow the new one. Returns it.

    ``reason`` is compulsory where the draft was not tried as it is now: unlike a dispatch rule, a limit may have to be
    changed in the middle of a storm. The event names both versions, how many open alarms are of types that the new one
    does not know, and how many are over because their limit is gone. Raises NotPermitted; Conflict where it is no
    draft, differs in nothing, or a metric raises a status it does not have or that is over by itself; Invalid without a
    reason that is needed.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh, current, grant = _draft_locked(draft, actor)
        _check_whole(fresh)
        if current is not None and content_of(current) == content_of(fresh):
            raise Conflict(_("The draft differs in nothing from the version in force."), code="nothing_differs")
        tried = is_tried(fresh)
        if current is not None and not tried and not reason.strip():
            raise Invalid(_("The draft was not tried as it is now: try it, or say why not."), field="reason",
                          code="not_tried")  # fmt: skip
        payload = {"code": fresh.code, "from": current.version if current else None, "to": fresh.version}
        payload |= {"trial": newest_trial(fresh).pk if tried else None}
        payload |= _follow(current, fresh, at)
        events.record("profile.published", fresh, actor=actor, grant=grant, payload=payload, occurred_at=at,
                      text=reason.strip())  # fmt: skip
    return fresh


def _check_whole(draft: DeviceProfile) -> None:
    known = {status.code: status for status in draft.statuses.all()}
    for metric in draft.metrics.all():
        words = {"metric": metric.label, "status": metric.alarm}
        if metric.alarm and metric.alarm in known and known[metric.alarm].over_after is not None:
            told = _("“%(metric)s” raises “%(status)s”, which is over by itself: no figure can raise it.")
            raise Conflict(told % words, code="over_by_itself")
        if metric.alarm and metric.alarm not in known:
            raise Conflict(_("“%(metric)s” raises “%(status)s”, which the profile does not have.") % words,
                           code="status_missing")  # fmt: skip


def _follow(current: DeviceProfile | None, fresh: DeviceProfile, at: datetime) -> dict:
    """Switch the two versions and move the devices; return what the event tells of devices and alarms."""
    moved, gone, ended = 0, {}, {}
    if current is not None:
        current.state = ProfileState.RETIRED
        current.save(update_fields=["state"])
    fresh.state, fresh.published_at = ProfileState.IN_FORCE, at
    fresh.save(update_fields=["state", "published_at"])
    if current is not None:
        # Ingest locks its devices in this order too: in another the two would wait for each other.
        devices = Device.objects.filter(profile=current)
        list(devices.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        moved = devices.update(profile=fresh)
        open_rows = Alarm.objects.active().filter(device__profile=fresh)
        open_rows = open_rows.exclude(alarm_type__in=[status.code for status in fresh.statuses.all()])
        gone = dict(open_rows.order_by().values_list("alarm_type").annotate(number=Count("pk")))
        ended = limits_gone(fresh, at=at)
        _let_end(fresh, at)
    return {"devices": moved, "open_alarms_without_rule": gone, "alarms_without_limit": ended}


def _let_end(fresh: DeviceProfile, at: datetime) -> None:
    """Give open alarms that are over by themselves from now on their deadlines; their devices are locked."""
    words = [status.code for status in fresh.statuses.all() if status.over_after is not None]
    if words:
        rows = Alarm.objects.active().filter(device__profile=fresh, alarm_type__in=words)
        endings_set(sorted(set(rows.values_list("device_id", flat=True))), at=at)


def profile_discard(draft: DeviceProfile, *, actor: User) -> None:
    """Throw a draft away with its statuses, metrics and trials. Raises NotPermitted, or Conflict where it is none."""
    with atomically():
        fresh, current, grant = _draft_locked(draft, actor)
        payload = {"code": fresh.code, "version": fresh.version}
        # Told of the version that stays, where there is one: the draft's own page is gone.
        events.record("profile.discarded", current or fresh, actor=actor, grant=grant, payload=payload)
        fresh.delete()


def _locked(code: str, actor: User) -> tuple[list[DeviceProfile], Grant]:
    """Lock all versions of a profile; return them and the grant to change them. Raises NotPermitted."""
    versions = list(DeviceProfile.objects.filter(code=code).order_by("pk").select_for_update(of=("self",)))
    grant = configuration_grant(versions[0], "change", actor) if versions else None
    if grant is None:
        raise NotPermitted(_("You may not change this: it is not yours or lies outside your area."))
    return versions, grant


def _draft_locked(draft: DeviceProfile, actor: User) -> tuple[DeviceProfile, DeviceProfile | None, Grant]:
    """Lock a draft; return it and the version in force (or None), with their rules. Raises as ``_locked``, Conflict."""
    versions, grant = _locked(draft.code, actor)
    if not any(row.pk == draft.pk and row.is_draft for row in versions):
        raise Conflict(_("This version is no draft any more."), code="no_draft")
    rows = {row.pk: row for row in DeviceProfile.objects.with_rules().filter(code=draft.code)}
    current = next((row for row in rows.values() if row.state == ProfileState.IN_FORCE), None)
    return rows[draft.pk], current, grant


def guard_version(new: DeviceProfile, stored: DeviceProfile | None, actor: User) -> None:
    """Refuse to add a version that is no draft, and to change what of a version does not change any more."""
    if stored is None:
        if not new.is_draft:
            raise Conflict(_("A new profile is a draft until it is published."), code="no_draft")
        return
    fields = {field.name: field.attname for field in DeviceProfile._meta.concrete_fields}
    changed = {name for name, stores in fields.items() if getattr(new, stores) != getattr(stored, stores)}
    allowed = {ProfileState.DRAFT: fields.keys() - IDENTITY, ProfileState.IN_FORCE: FREE}.get(stored.state, set())
    if changed - allowed:
        raise Conflict(_("This version does not change any more: make a draft."), code="no_draft")


def guard_rows(stored: DeviceProfile, actor: User) -> None:
    """Refuse to change statuses and metrics of a version that is no draft."""
    if not stored.is_draft:
        raise Conflict(_("This version does not change any more: make a draft."), code="no_draft")


guards("devices.deviceprofile", guard_version, rows=guard_rows)
