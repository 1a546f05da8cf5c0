"""What was said of a hazard is put right before it is decided: its words, the assessment, violence seen later, where
it is."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import Area, AreaKind, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.models import DisputeType, Hazard, HazardUrgency
from mediation.prevention.deciding import HAZARD, assessment_check, carry
from mediation.prevention.guessing import type_guessed
from mediation.prevention.querysets import KEEPS, REWORDS, is_grave
from mediation.prevention.reporting import point_within, words_check


@carries_out(HAZARD, "reassess")
def hazard_reassess(hazard: Hazard, *, actor: User, type: DisputeType, people: int | None = None,
                    violence: bool = False, urgency: str = HazardUrgency.NORMAL, finding: str = "", version=None,
                    reason="", occurred_at: datetime | None = None,
                    photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """Put the assessment right: all of it as it is to stand, and why. The state, its watch and its limits stay.

    The event tells (``graver``) where it has become more than the village's alone, which the township's centre is told
    of. Raises Invalid naming the field, Conflict once it is decided.
    """
    at = occurred_at or timezone.now()
    assessment_check(people, urgency, finding)
    with atomically():
        locked = Hazard.objects.lock(hazard.pk)
        then = Hazard(people=people, violence=violence, urgency=urgency, late_since=locked.late_since)
        payload = {"type": type.code, "urgency": urgency, "people": people, "violence": violence,
                   "graver": is_grave(then) and not is_grave(locked)}  # fmt: skip
        return carry(
            locked, "reassess", actor=actor, at=at, version=version, reason=reason, photos=photos, payload=payload,
            type=type, people=people, violence=violence, urgency=urgency, finding=finding.strip(),
        )  # fmt: skip


@carries_out(HAZARD, "reword")
def hazard_reword(hazard: Hazard, *, actor: User, words: str, parties: str | None = None, place: str | None = None,
                  version=None, reason="", occurred_at: datetime | None = None) -> Hazard:  # fmt: skip
    """Put right what was written down: what was seen or heard, between whom, the place in words (None: as it was); and
    say why. What was only guessed from the former words is guessed anew.

    The event tells the types only. What stood there before is in its remark, after the reason: who keeps the hazard
    reads it, and it goes with the words (``retention``). Raises Invalid naming ``words`` (none, too long, all as it
    was), ``parties``, ``place`` (too long) or ``reason``, Conflict once it is decided.
    """
    words_check(words=words, reason=reason)
    with atomically():
        locked = Hazard.objects.lock(hazard.pk)
        said = {"words": words.strip()} | _briefly(parties=parties, place=place)
        former = {name: getattr(locked, name) for name, text in said.items() if _differs(text, getattr(locked, name))}
        if grant_for(REWORDS, locked, actor) is not None:
            _words_check(words, former)
        type = _type_by(locked, words)
        payload = {"type": type and type.code, "type_before": locked.type and locked.type.code}
        said = {"parties": locked.parties, "place": locked.place} | said
        return carry(locked, "reword", actor=actor, at=occurred_at or timezone.now(), version=version,
                     reason=reason.strip() and _with_former(reason.strip(), former), payload=payload, type=type,
                     **said)  # fmt: skip


def _briefly(**texts: str | None) -> dict[str, str]:
    """Return the short texts that are given. Raises Invalid naming one that the hazard has no room for."""
    given = {name: text.strip() for name, text in texts.items() if text is not None}
    words_check(**given)
    for name, text in given.items():
        most = Hazard._meta.get_field(name).max_length
        if len(text) > most:
            raise Invalid(_("At most %(count)s characters.") % {"count": most}, field=name, code="max_length")
    return given


def _differs(one: str, other: str) -> bool:
    return one.split() != other.split()


def _words_check(words: str, former: dict[str, str]) -> None:
    """Refuse none, and what is all as it stood there. Raises Invalid."""
    if not words.strip():
        raise Invalid(_("Say what was seen or heard."), field="words", code="required")
    if not former:
        raise Invalid(_("These are the words that stand there."), field="words", code="unchanged")


def _with_former(reason: str, former: dict[str, str]) -> str:
    """Return the reason with what stood there before, a line each."""
    told = {"words": _("Former words: %(text)s"), "parties": _("Formerly between: %(text)s"),
            "place": _("Former place: %(text)s")}  # fmt: skip
    return "\n".join([reason, *(told[name] % {"text": text or "—"} for name, text in former.items())])


def _type_by(hazard: Hazard, words: str) -> DisputeType | None:
    """Return the type of a hazard with other words: a type that somebody said stays."""
    guessed = hazard.type_guessed and hazard.type == type_guessed(hazard.words)
    return type_guessed(words) if guessed else hazard.type


@carries_out(HAZARD, "look")
def hazard_look(hazard: Hazard, *, actor: User, violence: bool = False, version=None, reason="",
                occurred_at: datetime | None = None, photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """Log that somebody went again; ``reason`` says what was found, ``violence`` that there are signs of it now.

    Where that makes it more than the village's alone, the event tells so (``graver``). What was said of violence before
    stays: ``hazard_reassess`` takes it back.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = Hazard.objects.lock(hazard.pk)
        payload = {"violence": locked.violence or violence, "graver": violence and not is_grave(locked)}
        return carry(locked, "look", actor=actor, at=at, version=version, reason=reason, photos=photos,
                     payload=payload, violence=violence)  # fmt: skip


@carries_out(HAZARD, "move")
def hazard_move(hazard: Hazard, *, actor: User, area: Area, version=None, reason="",
                occurred_at: datetime | None = None, photos: Sequence[Upload] = ()) -> Hazard:  # fmt: skip
    """Hand a hazard to the community or grid of the county in which it is; its mediators are told and keep it.

    A position that lies elsewhere is given up: it was wrong. When it is to be assessed stays as it was: the people
    concerned have waited since then. Raises Invalid naming ``area``, Conflict once it is decided.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = Hazard.objects.lock(hazard.pk)
        if grant_for(KEEPS, locked, actor) is not None:
            _destination_check(locked, area)
        longitude, latitude = point_within(area, locked.longitude, locked.latitude)
        payload = {"area_before": locked.area.code, "area": area.code}
        return carry(locked, "move", actor=actor, at=at, version=version, reason=reason, photos=photos,
                     payload=payload, area=area, longitude=longitude, latitude=latitude)  # fmt: skip


def destinations(hazard: Hazard) -> QuerySet[Area]:
    """Return where a hazard may be handed to: the communities of its county, and the grids of its township."""
    above = {area.kind: area.path for area in Area.objects.filter(pk__in=hazard.area.lineage).only("kind", "path")}
    county = above.get(AreaKind.DISTRICT) or min(above.values(), key=len)
    near = Q(kind=AreaKind.GRID, path__startswith=above.get(AreaKind.STREET, county))
    rows = Area.objects.filter(Q(kind=AreaKind.COMMUNITY) | near, is_active=True, path__startswith=county)
    return rows.exclude(pk=hazard.area_id).defer("boundary").order_by("path")


def _destination_check(hazard: Hazard, area: Area) -> None:
    """Refuse what is no such place. Raises Invalid."""
    if not destinations(hazard).filter(pk=area.pk).exists():
        told = _("Choose another community of this county, or a grid of this township.")
        raise Invalid(told, field="area", code="does_not_exist")
