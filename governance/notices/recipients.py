"""Whom the rules mean: from events to people and group channels, a fixed number of statements for any number of events.

Nobody is told of an object they may not see at that moment, nor of what they did themselves. A unit's group hears only
of what somebody in that unit may see.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db import models
from django.db.models import Q

from governance.models import Appointment, Event, NoticeChannel, NoticeRule, User
from governance.models.notice import ChannelKind, Part, Recipient, Urgency
from governance.notices.contexts import Context, Parties
from governance.scoping import read_grants

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Post:
    """One appointment in force: whose, what, in which unit, for which area."""

    user_id: int
    role: str
    unit_id: int
    path: str


@dataclass
class Match:
    """An event that a rule speaks of, with the object it is about."""

    event: Event
    rule: NoticeRule
    obj: models.Model
    context: Context

    @cached_property
    def parties(self) -> Parties:
        return self.context.parties(self.obj)

    @property
    def area(self):
        return getattr(self.obj, "area", None) or self.event.area

    @cached_property
    def units(self) -> frozenset[int]:
        """Ids of the units that a rule for a part, or for one unit, means."""
        if self.rule.unit_id:
            return frozenset([self.rule.unit_id])
        return frozenset(self.parties.units.get(self.rule.part, ()))


@dataclass
class Told:
    """What comes out: the people to tell (the first match counts), and the group channels."""

    people: dict[tuple[int, int], Match] = field(default_factory=dict)  # (event id, user id)
    channels: dict[tuple[int, int], Match] = field(default_factory=dict)  # (event id, channel id)
    users: dict[int, User] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    outlets: list[NoticeChannel] = field(default_factory=list)


def holds(rule: NoticeRule, event: Event) -> bool:
    """Tell whether a rule speaks of this event: its area and details."""
    if rule.area_id and not (event.area and event.area.path.startswith(rule.area.path)):
        return False
    return all(name in event.payload and event.payload[name] == value for name, value in rule.condition.items())


def told(matches: Sequence[Match]) -> Told:
    """Return whom ``matches`` tell; urgent rules before others, so that somebody meant twice gets the urgent notice."""
    found = Told()
    matches = sorted(matches, key=lambda match: (match.rule.urgency != Urgency.URGENT, match.rule.pk))
    found.outlets = list(NoticeChannel.objects.filter(is_active=True).select_related("area"))
    found.posts = list(_posts(matches, found.outlets))
    meant = [(match, _meant(match, found.posts)) for match in matches]
    ids = frozenset().union(*(people for _match, people in meant), (post.user_id for post in found.posts))
    found.users = {user.pk: user for user in User.objects.filter(pk__in=ids, is_active=True, is_system=False)}
    read_grants(found.users.values())
    sees = _Sight(found.users)
    for match, people in meant:
        for user_id in sorted(people):
            key = match.event.pk, user_id
            own = user_id == match.event.actor_id and match.rule.recipient != Recipient.ACTOR
            if not own and key not in found.people and sees(user_id, match.obj):
                found.people[key] = match
        for channel in _groups(match, found.outlets):
            if _group_may_hear(match, channel, found.posts, sees):
                found.channels.setdefault((match.event.pk, channel.pk), match)
    return found


def _posts(matches: Sequence[Match], outlets: Iterable[NoticeChannel]) -> Iterable[Post]:
    """Yield the appointments that any of the rules could mean; one statement."""
    roles = {match.rule.role for match in matches if match.rule.recipient == Recipient.ROLE}
    units = frozenset().union(*(match.units for match in matches))
    units |= {match.rule.channel.unit_id for match in matches if match.rule.channel_id and match.rule.channel.unit_id}
    above = {pk for match in matches if match.area for pk in match.area.lineage}
    wanted = Q(unit__in=units) | Q(role__in=roles, area__in=above)
    rows = Appointment.objects.in_force().filter(wanted).order_by("id")
    for row in rows.values_list("user_id", "role", "unit_id", "area__path"):
        yield Post(*row)


def _meant(match: Match, posts: Sequence[Post]) -> set[int]:
    """Return the ids of the people a rule means, before asking what they may see."""
    rule = match.rule
    if rule.recipient == Recipient.PERSON:
        return {rule.person_id}
    if rule.recipient == Recipient.ACTOR:
        return {match.event.actor_id}
    if rule.recipient == Recipient.REPORTER:
        return {match.parties.reporter} - {None}
    if rule.recipient == Recipient.UNIT:
        return {post.user_id for post in posts if post.unit_id in match.units}
    if rule.recipient == Recipient.ROLE:
        return {post.user_id for post in posts if post.role == rule.role and _stands(post, match)}
    return set()


def _stands(post: Post, match: Match) -> bool:
    if match.rule.part in ("", Part.AREA) and not match.rule.unit_id:
        return match.area is not None and match.area.path.startswith(post.path)
    return post.unit_id in match.units


def _groups(match: Match, outlets: Iterable[NoticeChannel]) -> list[NoticeChannel]:
    """Return the group channels a rule means; text messages go to people only."""
    rule = match.rule
    if rule.recipient == Recipient.CHANNEL:
        return [channel for channel in outlets if channel.pk == rule.channel_id and channel.kind != ChannelKind.SMS]
    if rule.recipient == Recipient.UNIT:
        return [one for one in outlets if one.unit_id in match.units and one.kind != ChannelKind.SMS]
    return []


def _group_may_hear(match: Match, channel: NoticeChannel, posts: Sequence[Post], sees: "_Sight") -> bool:
    if channel.unit_id:
        return any(sees(post.user_id, match.obj) for post in posts if post.unit_id == channel.unit_id)
    return match.area is not None and match.area.path.startswith(channel.area.path)


class _Sight:
    """Answers who may see which object now; each pair is worked out once."""

    def __init__(self, users: dict[int, User]):
        self._users = users
        self._known: dict[tuple, bool] = {}

    def __call__(self, user_id: int, obj: models.Model) -> bool:
        key = user_id, obj._meta.label_lower, obj.pk
        if key not in self._known:
            user = self._users.get(user_id)
            self._known[key] = user is not None and may_see(user, obj)
        return self._known[key]


def may_see(user: User, obj: models.Model) -> bool:
    """Tell whether ``user`` may see ``obj`` now; rows of a model that says nothing about it are nobody's."""
    manager = type(obj)._default_manager
    if hasattr(manager, "is_visible"):
        return manager.is_visible(obj, user)
    return hasattr(manager, "visible_to") and manager.visible_to(user).filter(pk=obj.pk).exists()


def phone_channel(user: User, area, found: Told) -> NoticeChannel | None:
    """Return the channel of text messages for a person: of a unit they work in, or of the smallest area around."""
    if not user.phone:
        return None
    units = {post.unit_id for post in found.posts if post.user_id == user.pk}
    texts = [channel for channel in found.outlets if channel.kind == ChannelKind.SMS]
    own = [channel for channel in texts if channel.unit_id in units]
    around = [one for one in texts if one.unit_id is None and area is not None and area.path.startswith(one.area.path)]
    around.sort(key=lambda channel: (-len(channel.area.path), channel.pk))
    return next(iter([*own, *around]), None)
