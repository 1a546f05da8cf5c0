"""Agreements on the first page: to be signed and sealed, not performed in time, terms that run, the court's work."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.models import Role
from governance.scoping import roles_of
from mediation.agreements.looks import AGREEMENT_TONES, CONFIRMATION_TONES, OBLIGATION_TONES
from mediation.disputes.querysets import WORKS
from mediation.models import Agreement, Dispute, JudicialConfirmation, Obligation


def _row(obj, tones: dict, text: str, at=None, warning: str = "") -> WorkRow:
    return WorkRow(
        url=reverse(f"admin:mediation_{obj._meta.model_name}_change", args=[obj.pk]), title=obj.dispute.number,
        text=text, place=obj.dispute.area.name, badge=obj.get_state_display(), tone=tones[obj.state],
        note=f"{at:%m-%d}" if at else "", warning=warning,
    )  # fmt: skip


def _agreement(row: Agreement) -> WorkRow:
    return _row(row, AGREEMENT_TONES, row.number, row.made_on)


def _obligation(row: Obligation) -> WorkRow:
    return _row(row, OBLIGATION_TONES, row.agreement.number, row.due_on)


def _confirmation(row: JudicialConfirmation) -> WorkRow:
    return _row(row, CONFIRMATION_TONES, row.number, row.last_day if row.state == "eligible" else row.applied_on)


@provides_work
def agreements_work(user) -> list[WorkList]:
    """What waits for a mediator, or for the clerk of a court."""
    roles = roles_of(user)
    if not roles & {*WORKS, Role.JUDGES_CLERK}:
        return []
    today = timezone.localdate()
    confirmations = JudicialConfirmation.objects.visible_to(user).with_rows()
    if Role.JUDGES_CLERK in roles:
        rows = confirmations.filter(state__in=["jointly_applied", "received", "admitted"]).order_by("applied_on", "pk")
        return [_listed("court", _("Confirmations at the court"), rows, _confirmation, "judicialconfirmation", 30)]
    # What one only reads (the glass, what was handed up) waits for somebody else.
    mine = Dispute.objects.handled_by(user).values("pk")
    drafts = Agreement.objects.visible_to(user).filter(dispute__in=mine).with_rows()
    drafts = drafts.filter(state__in=["draft", "signed_by_parties", "signed_by_mediator"]).order_by("pk")
    late = Obligation.objects.visible_to(user).filter(dispute__in=mine).with_rows().late(today).order_by("due_on", "pk")
    terms = confirmations.filter(dispute__in=mine, state="eligible", last_day__gte=today).order_by("last_day", "pk")
    return [
        _listed("drafts", _("Agreements under way"), drafts, _agreement, "agreement", 30),
        _listed("late", _("Agreements not performed in time"), late, _obligation, "obligation", 31),
        _listed("terms", _("Terms for judicial confirmation"), terms, _confirmation, "judicialconfirmation", 32),
    ]


def _listed(key: str, title: str, rows, show, model: str, order: int) -> WorkList:
    url = reverse(f"admin:mediation_{model}_changelist")
    return work_list(f"agreements-{key}", title, rows, show, url, order=order)
