"""Reads of devices, readings and alarms; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.querysets import HANDLES, LEADS, SUPERVISES
from cases.states import ENDED
from governance.models.access_key import in_force
from governance.models.organisation import Role
from governance.querysets import NaturalCodeQuerySet
from governance.scoping import Anywhere, InArea, OfUnit, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet


@dataclass(frozen=True)
class Through(Relation):
    """``relation`` asked of the object that ``field`` points at (a row of model ``label``); without one it fails."""

    field: str
    label: str
    relation: Relation

    def q(self, grant, user):
        rows = apps.get_model(self.label)._base_manager.filter(self.relation.q(grant, user))
        return Q(**{f"{self.field}__in": rows.values("pk")})

    def holds(self, obj, grant, user):
        other = getattr(obj, self.field)
        return other is not None and self.relation.holds(other, grant, user)


IN_AREA = InArea()
BY_AREA = {
    Role.SYSTEM: Anywhere(),
    Role.ADMINISTRATOR: IN_AREA,
    Role.OPERATIONS_CENTRE: IN_AREA,
    Role.DISPATCHER: IN_AREA,
    Role.REGISTRAR: IN_AREA,
    Role.GRID_WORKER: IN_AREA,
    Role.COMMUNITY_STAFF: IN_AREA,
}
OWNS = IN_AREA & OfUnit("unit")
SEES_DEVICE = BY_AREA | {Role.HANDLER: OWNS, Role.SUPERVISOR: OWNS}

OWNS_ITS_DEVICE = Through("device", "devices.Device", OWNS)
SEES_ALARM = BY_AREA | {
    Role.HANDLER: OWNS_ITS_DEVICE | Through("case", "cases.Case", HANDLES),
    Role.SUPERVISOR: OWNS_ITS_DEVICE | Through("case", "cases.Case", SUPERVISES),
}
ACKNOWLEDGES = {
    Role.OPERATIONS_CENTRE: IN_AREA,
    Role.DISPATCHER: IN_AREA,
    Role.GRID_WORKER: IN_AREA,
    Role.COMMUNITY_STAFF: IN_AREA,
    Role.HANDLER: Through("case", "cases.Case", LEADS),
}
# Of them, who is on the spot rather than at a desk.
LOOKS_ON_SITE = {
    role: relation for role, relation in ACKNOWLEDGES.items()
    if role not in (Role.OPERATIONS_CENTRE, Role.DISPATCHER)
}  # fmt: skip
SYSTEM = {Role.SYSTEM: Anywhere()}
# Who may hold an alarm back, and who keeps devices: their owner's people, and whoever answers for the area.
SHELVES = {Role.OPERATIONS_CENTRE: IN_AREA, Role.DISPATCHER: IN_AREA}
KEEPS_DEVICES = {
    Role.ADMINISTRATOR: IN_AREA,
    Role.OPERATIONS_CENTRE: IN_AREA,
    Role.COMMUNITY_STAFF: IN_AREA,
    Role.HANDLER: OWNS,
}
KEEPS_ITS_DEVICE = {role: Through("device", "devices.Device", relation) for role, relation in KEEPS_DEVICES.items()}
# Who may stand at a device and put it in service there: grid workers too, by a claim that shows that it works.
INSTALLS = KEEPS_DEVICES | {Role.GRID_WORKER: IN_AREA}

# Who empties bins on a round and ticks them: the people of its unit. Who plans it anew: they, and who watches over all.
EMPTIES = {Role.HANDLER: OWNS}
PLANS = SYSTEM | {Role.HANDLER: OWNS, Role.OPERATIONS_CENTRE: IN_AREA, Role.DISPATCHER: IN_AREA}


class ProfileQuerySet(NaturalCodeQuerySet):
    """Versions of profiles; a code alone names the one in force."""

    def in_force(self):
        """The version of each profile that devices follow."""
        return self.filter(state="in_force")

    def in_work(self):
        """Of each profile the version that changes go into or start from: its draft, else the one in force."""
        drafted = self.model._base_manager.filter(state="draft").values("code")
        return self.filter(Q(state="draft") | Q(state="in_force") & ~Q(code__in=drafted))

    def with_rules(self):
        """Load what judging and a version's page need."""
        return self.select_related("category", "scene", "chatter_category").prefetch_related(
            "statuses__standard__category", "metrics", "commands"
        )  # fmt: skip

    def get_by_natural_key(self, code, version=None):
        return self.get(code=code, version=version) if version else self.in_force().get(code=code)


class ProfilePartQuerySet(models.QuerySet):
    """Statuses and metrics of profiles, found by the profile's code and their own word."""

    def get_by_natural_key(self, profile, *rest):
        """``rest``: the word, after the version where it is not that in force."""
        *version, word = rest
        names = {field.name for field in self.model._meta.fields}
        name = next(name for name in ("metric", "code", "name") if name in names)
        of = {"profile__version": version[0]} if version else {"profile__state": "in_force"}
        return self.get(**{"profile__code": profile, name: word}, **of)

    visible_to = NaturalCodeQuerySet.visible_to


class CodedQuerySet(ScopedQuerySet):
    """Scoped rows found by their code."""

    def get_by_natural_key(self, code):
        return self.get(code=code)


class GatewayQuerySet(CodedQuerySet):
    VISIBLE = BY_AREA

    def under(self, area):
        """Gateways of the area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def lost(self, value=True):
        """Gateways in use behind which all are silent, or (False) the others."""
        lost = Q(silent_since__isnull=False, is_active=True)
        return self.filter(lost if value else ~lost)

    def with_rows(self, user):
        """Load what a list row shows; ``held_back``: of the alarms a person sees, how many it stands for now."""
        alarms = apps.get_model("devices", "Alarm").objects.visible_to(user).active().presented(False)
        held_back = alarms.filter(device__gateway=OuterRef("pk")).order_by().values("device__gateway")
        number = Subquery(held_back.annotate(number=models.Count("pk")).values("number"))
        return self.select_related("area", "case").defer("area__boundary").annotate(held_back=Coalesce(number, 0))


class DeviceQuerySet(CodedQuerySet, WorkflowQuerySet):
    VISIBLE = SEES_DEVICE

    def in_use(self):
        """Devices that are not retired."""
        return self.exclude(state="retired")

    def sending_too_much(self, value=True):
        """Devices of which messages were, or were not, refused as too many within a day."""
        lately = Q(refused_at__gte=timezone.now() - timedelta(days=1))
        return self.filter(lately) if value else self.exclude(lately)

    def under(self, area):
        """Devices in the area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def with_open_alarm(self, alarm_type):
        """Devices with an alarm of that type that is not over."""
        alarms = apps.get_model("devices", "Alarm").objects.active().filter(alarm_type=alarm_type)
        return self.filter(pk__in=alarms.values("device_id"))

    def with_rows(self):
        """Load what a list row shows (labels, latest values, active alarms) in five statements, however many."""
        alarms = apps.get_model("devices", "Alarm").objects.filter(cleared_at=None).order_by("-id")
        rows = self.select_related("profile", "area", "unit", "gateway", "maintenance_case").defer("area__boundary")
        return rows.prefetch_related(
            "profile__statuses", "profile__metrics", "latest", Prefetch("alarms", alarms, to_attr="active_alarms")
        )  # fmt: skip


class KeyQuerySet(ScopedQuerySet):
    """Keys are seen by administrators only."""

    VISIBLE = {
        Role.ADMINISTRATOR: Through("device", "devices.Device", IN_AREA)
        | Through("gateway", "devices.Gateway", IN_AREA)
    }

    def in_force(self, at=None):
        """Keys accepted at ``at`` (default now)."""
        return self.filter(in_force(at))


class ThroughDeviceQuerySet(ScopedQuerySet):
    """Who sees a device sees what it reported."""

    VISIBLE = {role: Through("device", "devices.Device", relation) for role, relation in SEES_DEVICE.items()}


class ShelvingQuerySet(ThroughDeviceQuerySet):
    """Shelvings are seen by who sees their device."""

    def in_force(self, at=None):
        """What holds alarms back at a moment (default now): what "shelved" means in lists, figures and judging."""
        return self.filter(ended_at=None, until__gt=at or timezone.now())

    def under(self, area):
        """Shelvings at devices in the area and all under it."""
        return self.filter(device__area__path__startswith=area.path)

    def with_rows(self):
        """Load what a list row shows; ``alarm_id``: of the alarms it holds back the newest, ``alarm_active``: whether
        that is there now, ``alarm_condition`` and ``alarm_state``: how it stands."""
        alarms = apps.get_model("devices", "Alarm")._base_manager.filter(
            alarm_type=OuterRef("alarm_type"), device=OuterRef("device"), late=False
        ).order_by("-id")  # fmt: skip
        rows = self.annotate(
            alarm_id=Subquery(alarms.values("pk")[:1]), alarm_active=Exists(alarms.filter(cleared_at=None)),
            alarm_condition=Subquery(alarms.values("condition")[:1]), alarm_state=Subquery(alarms.values("state")[:1]),
        ).select_related("device__profile", "device__area", "shelved_by", "event__remark")  # fmt: skip
        return rows.defer("device__area__boundary").prefetch_related("device__profile__statuses")

    def with_active(self, value=True):
        """Shelvings whose alarm is, or is not, there now."""
        return self.with_rows().filter(alarm_active=value)


class RefusalQuerySet(ScopedQuerySet):
    """Who sees the device, or the gateway that sent for it, sees what of it was not taken."""

    VISIBLE = ThroughDeviceQuerySet.VISIBLE | {
        role: Through("device", "devices.Device", relation) | Through("gateway", "devices.Gateway", relation)
        for role, relation in BY_AREA.items()
    }

    def under(self, area):
        """What is of devices or gateways in the area and all under it."""
        return self.filter(
            Q(device__area__path__startswith=area.path) | Q(gateway__area__path__startswith=area.path)
        )  # fmt: skip

    def since(self, day):
        """What was refused on a day or later."""
        return self.filter(day__gte=day)

    def with_rows(self):
        """Load what a list row shows."""
        return self.select_related("device__area", "gateway__area").defer(
            "device__area__boundary", "gateway__area__boundary"
        )  # fmt: skip


class CommandQuerySet(WorkflowQuerySet):
    """Commands are seen by who sees their device."""

    VISIBLE = ThroughDeviceQuerySet.VISIBLE

    def with_rows(self):
        """Load what a list row shows, and what the question who may take it back needs."""
        return self.select_related("device__area", "device__profile", "queued_by").defer("device__area__boundary")


class ForecastQuerySet(ThroughDeviceQuerySet):
    """Forecasts are seen by who sees their device."""

    def under(self, area):
        """Forecasts of devices in the area and all under it."""
        return self.filter(device__area__path__startswith=area.path)

    def to_replace_by(self, moment):
        """Batteries that are empty already, or will be before a moment."""
        return self.filter(reaches_at__lt=moment)

    def with_rows(self):
        """Load what a list row shows."""
        return self.select_related("device__profile", "device__area", "device__unit").defer("device__area__boundary")


class AlarmQuerySet(WorkflowQuerySet):
    VISIBLE = SEES_ALARM

    def under(self, area):
        """Alarms in the area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def active(self):
        """Alarms whose condition holds."""
        return self.filter(cleared_at=None)

    def pressing_first(self):
        """Add ``rank``, by which what presses most comes first: 0 the highest severity."""
        ranks = {"high": 0, "medium": 1}
        cases = [models.When(severity=severity, then=rank) for severity, rank in ranks.items()]
        return self.annotate(rank=models.Case(*cases, default=len(ranks))).order_by("rank", "-pk")

    def awaiting_a_look(self, user):
        """Latched alarms that are normal again and to which no open case brings anybody (``AlarmSteps.reset``): those
        that a person on the spot may reset."""
        found = visible_q(LOOKS_ON_SITE, user)
        nobody = Q(case=None) | Q(case__state__in=ENDED)
        return self.none() if found is None else self.filter(found, nobody, cleared_at=None, condition="awaiting")

    def presented(self, value=True):
        """Alarms that stood before an operator, or (False) those that a lost gateway stands for in their place."""
        return self.exclude(inhibited="suppressed") if value else self.filter(inhibited="suppressed")

    def with_rows(self):
        """Load what a list row shows, and what the questions "who may acknowledge it" need, for any number of rows.

        ``stale``: it is not over and its device is offline, so nobody knows how it is now. ``bad``: it is not over and
        the newest figure of what raises it cannot be. ``chatters``: it is shelved because it does.
        """
        return self._with_stale()._with_bad()._with_chatters().select_related(
            "device__profile", "area", "case__area", "case__lead_unit", "acknowledged_by"
        ).defer("area__boundary", "case__area__boundary").prefetch_related(
            "device__profile__statuses", "device__profile__metrics", "case__units"
        )  # fmt: skip

    def _with_stale(self):
        silent = self.model._base_manager.filter(device=OuterRef("device"), alarm_type="offline", cleared_at=None)
        stale = Q(cleared_at=None) & ~Q(alarm_type="offline") & Q(Exists(silent))
        return self.annotate(stale=ExpressionWrapper(stale, output_field=models.BooleanField()))

    def _with_bad(self):
        limited = apps.get_model("devices", "ProfileMetric")._base_manager.filter(
            profile=OuterRef(OuterRef("device__profile")), alarm=OuterRef(OuterRef("alarm_type"))
        )
        rows = apps.get_model("devices", "LatestValue")._base_manager.filter(
            device=OuterRef("device"), quality="bad", metric__in=limited.values("metric")
        )
        bad = Q(cleared_at=None) & Q(Exists(rows))
        return self.annotate(bad=ExpressionWrapper(bad, output_field=models.BooleanField()))

    def _with_chatters(self):
        rows = apps.get_model("devices", "Shelving")._base_manager
        shelved = rows.filter(
            device=OuterRef("device"), alarm_type=OuterRef("alarm_type"), ended_at=None, chattering=True
        )  # fmt: skip
        return self.annotate(chatters=Exists(shelved))


class RoundQuerySet(CodedQuerySet):
    """Rounds are seen by who sees the devices of their unit."""

    VISIBLE = SEES_DEVICE


class RunQuerySet(ScopedQuerySet):
    VISIBLE = {role: Through("round", "devices.CollectionRound", relation) for role, relation in SEES_DEVICE.items()}
    EMPTIED = {role: Through("round", "devices.CollectionRound", relation) for role, relation in EMPTIES.items()}

    def to_empty(self, user):
        """Rounds on which a person may tick bins: fewer than they may see."""
        found = visible_q(self.EMPTIED, user)
        return self.none() if found is None else self.filter(found)

    def with_rows(self):
        """Load what a list row shows, and how many stops there are and how many are done."""
        return self.select_related("round__unit", "round__area").defer("round__area__boundary").annotate(
            stops_count=models.Count("stops"), done_count=models.Count("stops__emptied_at")
        )  # fmt: skip


class StopQuerySet(ScopedQuerySet):
    VISIBLE = {
        role: Through("run", "devices.CollectionRun", relation) for role, relation in RunQuerySet.VISIBLE.items()
    }
