"""What was begun from a dispute and goes on, for its page on the phone: short rows, each leading to its own page at the
desk and from there back. One statement for each kind of row, however many there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.pages.mobile.tasks import ASKED, TaskCard, phone_tasks
from governance.admin.returning import returning
from governance.scoping import roles_of, visible_q
from governance.workflow import steps_of
from mediation.agreements.looks import CONFIRMATION_TONES
from mediation.confirmation.states import NOT_APPLIED
from mediation.disputes.states import ConsentAnswer, ConsentTo
from mediation.followup.looks import COUNSELLING_TONES
from mediation.joint.looks import tone_of
from mediation.joint.querysets import HANDLES_IT
from mediation.models import (
    Consent,
    CounsellingReferral,
    DepartmentTask,
    Dispute,
    EscalationRequest,
    HelperInvitation,
    InvitationState,
    JudicialConfirmation,
    Sitting,
    SittingState,
    Track,
)

MOST = 20  # rows shown of a kind
SOON = timedelta(days=7)  # how far ahead a sitting stands on the first page [J]


@dataclass(frozen=True)
class Begun:
    """One row: ``step`` and ``step_url`` are what is done next, empty where its page says so or nothing is."""

    kind: str
    words: str
    state: str
    tone: str
    url: str
    step: str = ""
    step_url: str = ""


def begun_of(user, dispute: Dispute) -> list[Begun]:
    """Return what goes on of a dispute that ``user`` carries on, as far as they may read it; ``dispute`` has its
    parties loaded."""
    back = reverse("phone_disputes:dispute", args=[dispute.pk])
    return [_row(one, row, dispute, back) for one in KINDS for row in _rows(one, user, dispute)]


@dataclass(frozen=True)
class _Kind:
    """Which rows of a model go on, what is told of one beside its state, and the step that is to be done next."""

    model: type[Model]
    going_on: Callable[[QuerySet], QuerySet]
    words: Callable[[Model], str]
    next_step: Callable[[Model, Dispute], str] = lambda row, dispute: ""
    tone: Callable[[Model], str] = tone_of


def _rows(kind: _Kind, user, dispute: Dispute) -> list[Model]:
    rows = kind.going_on(kind.model.objects.visible_to(user).filter(dispute=dispute))
    found = list(rows.with_rows()[:MOST])
    if kind.model is HelperInvitation and any(row.state == InvitationState.PROPOSED for row in found):
        _agreed_read(found, dispute)
    return found


def _agreed_read(rows: list[HelperInvitation], dispute: Dispute) -> None:
    """Set on each invitation how many parties agreed to the helper (``agreed``), of how many (``asked``)."""
    answers = list(Consent.objects.latest_of(dispute, ConsentTo.HELPER))
    parties = {party.pk for party in dispute.parties.all()}
    for row in rows:
        yes = {one.party_id for one in answers
               if one.about_id == row.helper.user_id and one.answer == ConsentAnswer.AGREED}  # fmt: skip
        row.agreed, row.asked = len(yes & parties), len(parties)


def _row(kind: _Kind, row: Model, dispute: Dispute, back: str) -> Begun:
    name, step = f"admin:mediation_{row._meta.model_name}", kind.next_step(row, dispute)
    found = steps_of(kind.model)[step] if step else None
    return Begun(
        kind=str(row._meta.verbose_name), words=kind.words(row), state=row.get_state_display(), tone=kind.tone(row),
        url=returning(reverse(f"{name}_change", args=[row.pk]), back), step=str(found.label) if found else "",
        step_url=returning(reverse(f"{name}_transition", args=[row.pk, step]), back) if found else "",
    )  # fmt: skip


def _sitting(row: Sitting) -> str:
    """When and where; a link is as long as it likes, so it stands on the page of the sitting alone."""
    return f"{_when(row)} · {row.place_short}"


def _sitting_listed(row: Sitting) -> str:
    """When, and in which room or how: a place in words is read on the page of the dispute, where that is recorded."""
    return f"{_when(row)} · {row.venue or row.get_kind_display()}"


def _when(row: Sitting) -> str:
    starts, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%m-%d %H:%M}"
    return f"{starts:%m-%d %H:%M}–{until}"


def _sitting_step(row: Sitting, dispute: Dispute) -> str:
    return "hold" if row.starts_at <= timezone.now() else ""


def _invitation(row: HelperInvitation) -> str:
    if row.state != InvitationState.PROPOSED:
        return f"{row.helper} · {_('readable until')} {row.until:%Y-%m-%d}"
    if row.asked and row.agreed == row.asked:
        return _("%(name)s · every party agreed") % {"name": row.helper}
    return _("%(name)s · %(agreed)s of %(asked)s parties agreed") % {
        "name": row.helper, "agreed": row.agreed, "asked": row.asked,
    }  # fmt: skip


def _invitation_step(row: HelperInvitation, dispute: Dispute) -> str:
    whole = row.state == InvitationState.PROPOSED and row.asked and row.agreed == row.asked
    return "send" if whole else ""


def _confirmation(row: JudicialConfirmation) -> str:
    day = _("last day to apply") if row.state in NOT_APPLIED else _("applied on")
    when = row.last_day if row.state in NOT_APPLIED else row.applied_on
    return f"{row.number} · {day} {when:%Y-%m-%d}"


def _counselling(row: CounsellingReferral) -> str:
    """Dates only; who it is stands masked, as among the parties."""
    newest = row.attended_on or row.declined_on or row.referred_on or row.consented_on or row.offered_on
    return f"{row.party.masked} · {newest:%m-%d}"


def _invitations(rows: QuerySet) -> QuerySet:
    """Those that run, and those after which hours and thanks are still entered."""
    thanked = Q(state__in=steps_of(HelperInvitation)["thank"].sources, no_conflict_at__isnull=False)
    return rows.filter(Q(state__in=["proposed", "invited", "accepted"]) | thanked).order_by("-pk")


KINDS = (
    _Kind(Sitting, lambda rows: rows.filter(state=SittingState.PLANNED).order_by("starts_at", "pk"), _sitting,
          _sitting_step),
    _Kind(HelperInvitation, _invitations, _invitation, _invitation_step),
    _Kind(JudicialConfirmation, lambda rows: rows.exclude(state="replaced").order_by("-pk"), _confirmation,
          tone=lambda row: CONFIRMATION_TONES[row.state]),
    _Kind(CounsellingReferral, lambda rows: rows.order_by("-pk"), _counselling,
          tone=lambda row: COUNSELLING_TONES[row.state]),
    _Kind(EscalationRequest, lambda rows: rows.running().order_by("-pk"),
          lambda row: f"{row.get_to_tier_display()} · {row.to_unit}"),
    _Kind(Track, lambda rows: rows.filter(state__in=["invited", "accepted", "working", "result"]).order_by("pk"),
          lambda row: f"{row.get_kind_display()} · {row.organ}"),
    _Kind(DepartmentTask, lambda rows: rows.open().order_by("answer_by", "pk"),
          lambda row: f"{row.unit} · {_('to be answered by')} {row.answer_by:%Y-%m-%d}"),
)  # fmt: skip


@phone_tasks
def sittings_to_hold(user) -> list[TaskCard]:
    """Sittings of the next days, and those that are over and not recorded; no names, no words."""
    handles = visible_q(HANDLES_IT, user) if roles_of(user) & set(HANDLES_IT) else None
    if handles is None:
        return []
    rows = Sitting.objects.filter(handles, state=SittingState.PLANNED, starts_at__lte=timezone.now() + SOON)
    return [
        TaskCard(
            group=_("Sittings"), title=row.dispute.number, text=_sitting_listed(row), place=row.dispute.area.name,
            badge=_("to be recorded") if row.ends_at <= timezone.now() else row.get_state_display(),
            tone="red" if row.ends_at <= timezone.now() else tone_of(row), order=11,
            url=reverse("phone_disputes:dispute", args=[row.dispute_id]),
        )
        for row in rows.with_rows().order_by("starts_at", "pk")[:ASKED]
    ]  # fmt: skip
