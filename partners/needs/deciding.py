"""What is decided about a need: verified, merged, transferred, adopted, declined, solved, called back.

For projects (the next wave): ``NEED_ADOPTED`` names the event by which a need is handed to them, received with
``@on(NEED_ADOPTED)`` inside the transaction of the adoption, with the ``Need`` as subject. A project that meets the
need calls ``need_solve``; one that is called off calls ``need_take_back``. Both take needs in state adopted.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseSource
from cases.services import case_report
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import AreaKind, OrgUnit, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import Need, NeedSource, NeedState
from partners.needs.acting import NEED, carry, lock_in_order, plain, tell
from partners.needs.deadlines import CALL_DUE, VERIFY_DUE, call_back_by, call_timer, timers_stop
from partners.needs.need_workflow import TAKES_OTHERS
from partners.needs.querysets import KEEPS
from partners.needs.wording import words_check

NEED_ADOPTED = "need.adopted"


@carries_out(NEED, "verify")
def need_verify(need: Need, *, actor: User, occurred_at: datetime | None = None, **given) -> Need:
    """Say that there is such a need."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = carry(need, "verify", actor=actor, occurred_at=at, at=at, **given)
        timers_stop(fresh, VERIFY_DUE)
    return fresh


@carries_out(NEED, "merge")
def need_merge(need: Need, *, actor: User, into: Need, occurred_at: datetime | None = None, **given) -> Need:
    """Merge a need into another of its community; those merged into it before go along.

    Raises Conflict where the other one was merged, declined or solved meanwhile; Invalid naming ``into``.
    """
    at = occurred_at or timezone.now()
    if need.pk == into.pk:
        raise Invalid(_("A need is not merged into itself."), field="into", code="itself")
    with atomically():
        held, target = lock_in_order(need, into)
        if grant_for(KEEPS, target, actor) is None:
            raise NotPermitted(_("You do not keep the need it would be merged into."))
        if _community_path(held) != _community_path(target):
            raise Invalid(_("This need is of another community."), field="into", code="elsewhere")
        if target.state not in TAKES_OTHERS:
            told = {"number": target.number, "state": target.get_state_display()}
            raise Conflict(_("%(number)s takes no others now: it is “%(state)s”.") % told, code="not_open")
        fresh = carry(held, "merge", actor=actor, occurred_at=at, into=target, payload={"into": target.number},
                      **given)  # fmt: skip
        for other in Need.objects.filter(merged_into=fresh).order_by("pk"):
            locked = Need.objects.lock(other.pk)
            locked.merged_into = target
            locked.version += 1
            locked.save(update_fields=["merged_into", "version"])
            tell("need.moved_on", locked, at, into=target.number, before=fresh.number)
    return fresh


def _community_path(need: Need) -> str:
    area = need.area
    return area.parent.path if area.kind == AreaKind.GRID else area.path


@carries_out(NEED, "open_case")
def need_open_case(need: Need, *, actor: User, description: str = "", occurred_at: datetime | None = None, photos=(),
                   **given) -> Need:  # fmt: skip
    """Open a case for what is to be repaired or dealt with; its end is told back (``handlers.py``). ``description`` is
    read by everybody who handles cases: who raised it stays here. Raises as ``case_report``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = Need.objects.lock(need.pk)
        case = None
        if grant_for(KEEPS, locked, actor) is not None and locked.state == NeedState.VERIFIED:
            case = _reported(locked, actor, description.strip(), photos, at)
        payload = {"case": case.number} if case else {}
        return carry(locked, "open_case", actor=actor, occurred_at=at, case=case, payload=payload, **given)


def _reported(need: Need, actor: User, description: str, photos, at: datetime) -> Case:
    source = CaseSource.ASSEMBLY if need.source == NeedSource.ASSEMBLY else CaseSource.RESIDENT
    told = description or "\n".join(part for part in (need.title, need.description) if part)
    return case_report(
        actor=actor, source=source, description=told, area=need.area, address=need.place, photos=photos,
        origin={"need": need.number}, occurred_at=at,
    )  # fmt: skip


@carries_out(NEED, "transfer")
def need_transfer(need: Need, *, actor: User, unit: OrgUnit, **given) -> Need:
    """Give a need to another unit of the place or above it. Raises Invalid naming ``unit``."""
    if not unit.is_active:
        raise Invalid(_("This unit is no longer in use."), field="unit", code="inactive")
    if not (unit.area.contains(need.area) or need.area.contains(unit.area)):
        raise Invalid(_("This unit does not work here."), field="unit", code="elsewhere")
    return carry(need, "transfer", actor=actor, unit=unit, payload={"unit": unit.pk}, **given)


@carries_out(NEED, "decline")
def need_decline(need: Need, *, actor: User, reason: str = "", **given) -> Need:
    """Say why nothing is done about it; whoever raised it reads the reason."""
    words_check(reason=reason)
    return carry(need, "decline", actor=actor, reason=reason, answer=reason.strip(), **given)


@carries_out(NEED, "solve")
def need_solve(need: Need, *, actor: User, evidence: str, occurred_at: datetime | None = None, **given) -> Need:
    """Say that a need is met, and by what; called by whoever it was given to, and by projects.

    ``evidence`` is read by those who raised it. Raises Invalid naming ``evidence``; Conflict unless the need is
    transferred or adopted; NotPermitted.
    """
    at = occurred_at or timezone.now()
    if not evidence.strip():
        raise Invalid(_("Say what was done."), field="evidence", code="required")
    words_check(evidence=evidence)
    with atomically():
        fresh = carry(need, "solve", actor=actor, occurred_at=at, result=evidence.strip(), at=at,
                      call_back_by=call_back_by(at), **given)  # fmt: skip
        call_timer(fresh)
    return fresh


@carries_out(NEED, "call_back")
def need_call_back(need: Need, *, actor: User, satisfied: bool, call_words: str = "",
                   occurred_at: datetime | None = None, **given) -> Need:  # fmt: skip
    """Write down that somebody was called, and whether they are satisfied; if not, it may be opened again."""
    at = occurred_at or timezone.now()
    words_check(call_words=call_words)
    with atomically():
        fresh = carry(need, "call_back", actor=actor, occurred_at=at, called_by=actor, called_at=at,
                      satisfied=satisfied, call_words=call_words.strip(), payload={"satisfied": satisfied},
                      **given)  # fmt: skip
        timers_stop(fresh, CALL_DUE)
    return fresh


@carries_out(NEED, "reopen")
def need_reopen(need: Need, *, actor: User, **given) -> Need:
    """Open a need again that is not solved after all; what was told of its solution stays in the history."""
    with atomically():
        fresh = carry(need, "reopen", actor=actor, **given)
        timers_stop(fresh, CALL_DUE)
    return fresh


@carries_out(NEED, "take_back")
def need_take_back(need: Need, *, actor: User, **given) -> Need:
    """Take a need back from the unit, the case or the project that does not do it; a reason is needed."""
    return carry(need, "take_back", actor=actor, **given)


@carries_out(NEED, "amend")
def need_amend(need: Need, *, actor: User, version=None, reason="", occurred_at=None, photos=(), **fields) -> Need:
    """Correct what it is about, for whom and how urgent. Raises Invalid naming the field."""
    if not fields["title"].strip():
        raise Invalid(_("Say what is needed."), field="title", code="required")
    words_check(title=fields["title"], description=fields["description"])
    changed = sorted(name for name, value in fields.items() if getattr(need, name) != value)
    return carry(need, "amend", actor=actor, version=version, reason=reason, occurred_at=occurred_at, photos=photos,
                 payload={"changed": changed}, **fields)  # fmt: skip


plain("adopt", "split", "reconsider")
