"""Planning a project: what, of which needs, when, for which partners, for which points; and publishing it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Area, AreaKind, User
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import (
    Clash,
    KindUse,
    Need,
    NeedCategory,
    NeedGroup,
    NeedState,
    PartnerKind,
    Profession,
    Project,
    QualificationKind,
    ServiceKind,
)
from partners.models.project import MOST_CLAIMS, MOST_QUANTITY
from partners.projects.acting import PROJECT, carry, granted, now_of, state_check, told
from partners.projects.deadlines import claim_timers
from partners.projects.querysets import RUNS
from partners.projects.workflow import ProjectState
from partners.recruiting.acting import words

# A project begins within so much from now and lasts so long at most; claims are taken for so long at most [J].
AHEAD, LONGEST, CLAIMS_LONGEST = timedelta(days=730), timedelta(days=366), timedelta(days=180)
MOST_NEEDS = 30
TEXTS = {"title": 80, "about": 2000, "goals": 1000, "place": 120}


@dataclass(frozen=True)
class ProjectPlan:
    """What a project is, as forms and the API give it. ``needs``: adopted needs of the community that it meets."""

    title: str
    starts_on: date
    ends_on: date
    about: str = ""
    goals: str = ""
    place: str = ""
    category: NeedCategory | None = None
    group: str = NeedGroup.EVERYBODY
    needs: Sequence[Need] = field(default_factory=tuple)
    partner_kinds: Sequence[str] = ()
    qualification: QualificationKind | None = None
    profession: Profession | None = None
    clash: str = Clash.WARN
    exclusive: bool = True
    most_claims: int = 1
    kind: ServiceKind | None = None
    quantity: int = 1
    help_kind: ServiceKind | None = None

    def columns(self) -> dict:
        """Return the columns of the project."""
        found = {name: getattr(self, name) for name in plan_names() if name != "needs"}
        return found | {"partner_kinds": sorted(set(self.partner_kinds)), **words(**{k: found[k] for k in TEXTS})}


def plan_names() -> list[str]:
    """Return the names of what a plan says."""
    return list(ProjectPlan.__dataclass_fields__)


def project_make(*, actor: User, area: Area, plan: ProjectPlan, occurred_at: datetime | None = None) -> Project:
    """Plan a project of a community, of adopted needs or of none.

    Raises NotPermitted, Invalid naming a field, Conflict (``need``: one is not adopted, or in another project).
    """
    at, today = now_of(occurred_at)
    if area.kind != AreaKind.COMMUNITY:
        raise Invalid(_("Projects belong to a community."), field="area", code="invalid")
    with atomically():
        made = Project(area=area, made_by=actor, made_at=at, **plan.columns())
        grant = granted(RUNS, made, actor)
        plan_check(plan, today)
        needs = _needs_locked(plan.needs, area)
        made.save(force_insert=True)
        made.needs.set(needs)
        payload = {"to": made.state, "needs": [need.pk for need in needs]}
        told("project.made", made, actor=actor, grant=grant, at=at, payload=payload)
    return made


def project_change(project: Project, *, actor: User, plan: ProjectPlan, occurred_at: datetime | None = None,
                   **given) -> Project:  # fmt: skip
    """Say anew what is planned, before anybody can claim it. Raises as ``project_make``; as ``perform``."""
    at, today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(project.pk)
        granted(RUNS, locked, actor)
        state_check(locked, ProjectState.PLANNED, ProjectState.UNCLAIMED)
        plan_check(plan, today)
        needs = _needs_locked(plan.needs, locked.area, besides=locked)
        payload = {"needs": [need.pk for need in needs]}
        fresh = carry(locked, "change", actor=actor, occurred_at=at, payload=payload, **plan.columns(), **given)
        fresh.needs.set(needs)
    return fresh


def plan_check(plan: ProjectPlan, today: date) -> None:
    """Raise Invalid naming the field of a plan that cannot be."""
    columns = plan.columns()
    if not columns["title"]:
        raise Invalid(_("Say what it is called."), field="title", code="required")
    for name, most in TEXTS.items():
        if len(columns[name]) > most:
            raise Invalid(_("At most %(count)s characters.") % {"count": most}, field=name, code="max_length")
    if abs(plan.starts_on - today) > AHEAD:
        raise Invalid(_("This day is too far away."), field="starts_on", code="too_far")
    if not plan.starts_on <= plan.ends_on <= plan.starts_on + LONGEST:
        raise Invalid(_("It ends on or after its first day, within a year."), field="ends_on", code="order")
    if not 1 <= plan.most_claims <= MOST_CLAIMS or (plan.exclusive and plan.most_claims != 1):
        text = _("1 for an exclusive project, otherwise 1 to %(most)s.") % {"most": MOST_CLAIMS}
        raise Invalid(text, field="most_claims", code="out_of_range")
    if not 1 <= plan.quantity <= MOST_QUANTITY:
        text = _("1 to %(most)s.") % {"most": MOST_QUANTITY}
        raise Invalid(text, field="quantity", code="out_of_range")
    _choices_check(plan)


def _choices_check(plan: ProjectPlan) -> None:
    wrong = next((kind for kind in plan.partner_kinds if kind not in PartnerKind.values), None)
    if wrong is not None:
        raise Invalid(_("There is no such kind of partner."), field="partner_kinds", code="invalid_choice")
    for name, value, choices in (("group", plan.group, NeedGroup), ("clash", plan.clash, Clash)):
        if value not in choices.values:
            raise Invalid(_("This is none of the choices."), field=name, code="invalid_choice")
    if plan.kind is not None and plan.kind.use != KindUse.PROJECT:
        raise Invalid(_("This kind is not for projects."), field="kind", code="invalid")
    if plan.help_kind is not None and plan.help_kind.use != KindUse.SERVICE:
        raise Invalid(_("This kind is not for services."), field="help_kind", code="invalid")


def _needs_locked(needs: Sequence[Need], area: Area, besides: Project | None = None) -> list[Need]:
    """Lock needs and return them. Raises Invalid or Conflict unless each is adopted, here, and in no other project."""
    pks = sorted({need.pk for need in needs})
    if len(pks) > MOST_NEEDS:
        raise Invalid(_("At most %(most)s needs.") % {"most": MOST_NEEDS}, field="needs", code="too_many")
    found = [Need.objects.lock(pk) for pk in pks]
    others = Project.objects.unfinished().exclude(pk=besides.pk if besides else None)
    for need in found:
        if not need.area.path.startswith(area.path):
            raise Invalid(_("This need belongs to another community."), field="needs", code="elsewhere")
        if need.state != NeedState.ADOPTED:
            raise Conflict(_("“%(need)s” is not adopted.") % {"need": need}, field="needs", code="need")
        if others.filter(needs=need).exists():
            raise Conflict(_("“%(need)s” is met by another project.") % {"need": need}, field="needs", code="need")
    return found


@carries_out(PROJECT, "publish")
def project_publish(project: Project, *, actor: User, claim_until: datetime, claim_from: datetime | None = None,
                    occurred_at: datetime | None = None, **given) -> Project:  # fmt: skip
    """Put a project on view; claims are taken from ``claim_from`` (default: now) to ``claim_until``.

    Raises Invalid naming a time, as ``perform``.
    """
    at, _today = now_of(occurred_at)
    opens = max(claim_from or at, at)
    if not opens < claim_until <= opens + CLAIMS_LONGEST or opens > at + CLAIMS_LONGEST:
        text = _("Claims are taken for at most %(days)s days from now.") % {"days": CLAIMS_LONGEST.days}
        raise Invalid(text, field="claim_until", code="order")
    with atomically():
        locked = Project.objects.lock(project.pk)
        last = locked.ends_on
        if timezone.localdate(claim_until) > last:
            raise Invalid(_("Claims end before the project does."), field="claim_until", code="order")
        fresh = carry(locked, "publish", actor=actor, occurred_at=at, published_at=at, claim_from=opens,
                      claim_until=claim_until, payload={"claim_until": claim_until.isoformat()}, **given)  # fmt: skip
        if opens <= at:
            fresh = carry(fresh, "open_claims", actor=actor, occurred_at=at, claim_from=opens)
        claim_timers(fresh)
    return fresh


@carries_out(PROJECT, "open_claims")
def project_open_claims(project: Project, *, actor: User, occurred_at: datetime | None = None, **given) -> Project:
    """Take claims from now on."""
    at, _today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(project.pk)
        if locked.claim_until is not None and locked.claim_until <= at:
            raise Conflict(_("The time for claims is over."), code="over")
        fresh = carry(locked, "open_claims", actor=actor, occurred_at=at, claim_from=at, **given)
        claim_timers(fresh)
    return fresh
