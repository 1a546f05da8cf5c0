"""What a party reads of the own dispute: where it stands, what may be said, the own papers. Nobody else is named.

Each reading is recorded, by the party (and their account, where they signed in).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Invalid
from governance.models import Role
from mediation.access import access_record
from mediation.agreements.documents.papers import paper_named, party_paper
from mediation.agreements.documents.words import agreement_of
from mediation.agreements.states import OWED
from mediation.confirmation.eligibility import bound_by, wishes_of
from mediation.disputes.capacity import through_agent
from mediation.disputes.consents import refusal_ends
from mediation.disputes.states import OPEN, TerminationGround
from mediation.disputes.states import DisputeState as S
from mediation.followup.counselling import station_of
from mediation.followup.states import WITH_COUNSELLOR
from mediation.models import (
    AccessKind,
    Agreement,
    AgreementState,
    CounsellingReferral,
    Dispute,
    Party,
    Recusal,
    Sitting,
)
from mediation.papers.saying import (
    Reader,
    answer_of,
    confirmation_of,
    effective_of,
    last_reply,
    may_put_right,
    may_say,
    takes_part,
)

# What a party is told of where it stands, in plain words.
PROGRESS = {
    S.REGISTERED: gettext_lazy("The committee has it. Say below whether you want to be mediated."),
    S.AWAITING_CONSENT: gettext_lazy("Mediation begins when everybody agrees. It is free; you may say no."),
    S.ACCEPTED: gettext_lazy("Everybody agreed. The mediator tells you when it begins."),
    S.MEDIATING: gettext_lazy("The mediation is under way. You may end it at any time."),
    S.AGREED: gettext_lazy("You have reached an agreement. Please keep to its dates."),
    S.TERMINATED: gettext_lazy("The mediation ended without an agreement. You may go to arbitration, to the authority "
                               "that is competent, or to court."),
    S.CLOSED: gettext_lazy("The dispute is closed."),
    S.ARCHIVED: gettext_lazy("The dispute is closed, its file is kept."),
    S.DECLINED: gettext_lazy("It is not mediated. You may go to arbitration, to the authority that is competent, or to "
                             "court."),
    S.REFERRED: gettext_lazy("It was referred to who is competent for it."),
    S.REOPENED: gettext_lazy("It was opened again. Say below whether you want to be mediated."),
}  # fmt: skip
COUNSELLING_DAYS = ("offered_on", "consented_on", "referred_on", "attended_on", "declined_on")
SIGNED = (AgreementState.SIGNED_BY_PARTIES, AgreementState.SIGNED_BY_MEDIATOR, AgreementState.EFFECTIVE)


# A mediation that ended so is still told of when it is closed, and when its file is kept.
WITHOUT = (S.TERMINATED, S.CLOSED, S.ARCHIVED)
CLOSED_WITHOUT = gettext_lazy("The dispute is closed; the mediation ended without an agreement. You may go to "
                              "arbitration, to the authority that is competent, or to court.")  # fmt: skip
NO_NEW_ONE = gettext_lazy("The mediation ended without a new agreement; the one in effect still binds you. You may "
                          "also go to arbitration, to the authority that is competent, or to court.")  # fmt: skip

CLOSED_OWED = gettext_lazy("The dispute is closed. Your agreement still binds you: please keep to its dates.")


# Where it is under way, and this party does not take part in it.
RUNNING = (S.ACCEPTED, S.MEDIATING)
ASKED_ANEW = gettext_lazy("What is recorded of you was corrected: say below anew whether you want to be mediated. If "
                          "you say no, the mediation ends for everybody.")  # fmt: skip
ASKED_LATER = gettext_lazy("The mediation is under way. Say below whether you take part; you may say no.")
NOT_PART = gettext_lazy("You do not take part in the mediation. If you change your mind, agree below.")


def _outside(party: Party) -> str:
    """Return what a party is told of a running mediation that they have not agreed to."""
    if answer_of(party) is not None:
        return str(NOT_PART)
    return str(ASKED_ANEW if refusal_ends(party.dispute, party) else ASKED_LATER)


def _terminated(dispute: Dispute) -> bool:
    return dispute.state in WITHOUT and dispute.ended_ground in TerminationGround.values


def _owed(party: Party) -> bool:
    """Whether something of the agreement that binds the party is still owed, by whomever."""
    agreement = effective_of(party)
    return agreement is not None and agreement.obligations.filter(state__in=OWED).exists()


def progress_of(party: Party) -> str:
    """Return where it stands, in plain words."""
    dispute = party.dispute
    if dispute.state in RUNNING and not takes_part(party):
        return _outside(party)
    if not _terminated(dispute):
        return str(CLOSED_OWED if dispute.state in (S.CLOSED, S.ARCHIVED) and _owed(party) else PROGRESS[dispute.state])
    if effective_of(party) is not None:
        return str(NO_NEW_ONE)
    return str(PROGRESS[dispute.state] if dispute.state == S.TERMINATED else CLOSED_WITHOUT)


def _signed(agreement: Agreement | None) -> bool:
    return agreement is not None and (agreement.state in SIGNED or agreement.effective_on is not None)


def _in_effect(agreement: Agreement | None) -> bool:
    return agreement is not None and agreement.effective_on is not None


# The own papers, and from when: never a record, never a note (domain/mediation.md).
OWN: dict[str, Callable[[Dispute, Agreement | None], bool]] = {
    "notice": lambda dispute, agreement: True,
    "agreement": lambda dispute, agreement: _signed(agreement),
    "termination": lambda dispute, agreement: _terminated(dispute),
    "confirmation_application": lambda dispute, agreement: _in_effect(agreement),
}


@dataclass(frozen=True)
class OwnPaper:
    code: str
    label: str


def own_agreement_of(party: Party) -> Agreement | None:
    """Return the agreement in effect that binds the party, whatever is drafted beside it; else the last of the file."""
    found = effective_of(party)
    if found is not None:
        return Agreement.objects.with_parts().get(pk=found.pk)
    found = agreement_of(party.dispute)
    return found if found is not None and party in bound_by(found) else None


def papers_of_party(party: Party) -> list[OwnPaper]:
    """Return the papers that a party may take now."""
    agreement = own_agreement_of(party)
    there = [paper_named(code, party.dispute, agreement) for code, may in OWN.items() if may(party.dispute, agreement)]
    return [OwnPaper(paper.code, str(paper.label)) for paper in there if paper.there(party.dispute, agreement)]


def own_paper_take(reader: Reader, code: str) -> tuple[str, bytes]:
    """Return (file name, content) of one of the own papers, and record it. Raises Invalid naming ``paper``."""
    party = reader.party
    if code not in {paper.code for paper in papers_of_party(party)}:
        raise Invalid(_("There is no such paper."), field="paper", code="does_not_exist")
    named = party_paper(party, code, own_agreement_of(party))
    _recorded(reader, AccessKind.EXPORTED, f"paper:{code}")
    return named


def _recorded(reader: Reader, kind: str, what: str) -> None:
    role = Role.RESIDENT if reader.user else ""
    access_record(reader.party.dispute, actor=reader.user, party=reader.party, kind=kind, what=what, role=role)


def line_of(party: Party) -> dict:
    """Return what a list of the own disputes shows."""
    dispute = party.dispute
    return {
        "id": party.pk, "number": dispute.number, "type": dispute.type.name, "state": dispute.state,
        "state_label": str(dispute.get_state_display()), "registered_on": dispute.registered_at.date(),
    }  # fmt: skip


def told(reader: Reader) -> dict:
    """Return everything the own page shows, and record that it was read."""
    party, dispute = reader.party, reader.party.dispute
    _recorded(reader, AccessKind.READ, "own page")
    answer, running, may = answer_of(party), dispute.state in OPEN, may_say(party, by_account=reader.user is not None)
    return line_of(party) | {
        "progress": progress_of(party), "committee": dispute.committee.name, "unit": dispute.unit.name,
        "mediator": str(dispute.mediator) if dispute.mediator_id else "",
        "term_until": dispute.term_until if running else None, "arbitration_after": dispute.arbitration_after,
        "answered_on": answer.said_on if answer else None,
        "answer": answer.answer if answer else "", "answer_label": str(answer.get_answer_display()) if answer else "",
        "may": may, "refusal_ends": "refuse" in may and refusal_ends(dispute, party),
        "through_agent": through_agent(party, by_account=reader.user is not None),
        "recusal_asked": running and dispute.mediator_id is not None and "recuse" not in may,
        "recusal": _recusal(party), "agreement": _agreement(party), "confirmation": _confirmation(party),
        "reply": _reply(party),
        "sittings": _sittings(party), "counselling": _counselling(party),
        "papers": [{"code": paper.code, "label": paper.label} for paper in papers_of_party(party)],
    }  # fmt: skip


def _recusal(party: Party) -> dict | None:
    """Return how the party's own last request stands that another person mediates; not why it was decided so."""
    row = Recusal.objects.filter(party=party).order_by("-id").first()
    if row is None:
        return None
    decided_on = timezone.localdate(row.decided_at) if row.decided_at else None
    return {"state": row.state, "state_label": str(row.get_state_display()), "decided_on": decided_on}


def _sittings(party: Party) -> list[dict]:
    """Return the sittings to come at which the parties sit together; who sits apart is told by the mediator."""
    rows = Sitting.objects.to_come().filter(dispute=party.dispute_id, together=True).select_related("venue")
    return [
        {"starts_at": row.starts_at, "ends_at": row.ends_at, "kind_label": str(row.get_kind_display()),
         "place": str(row.venue) if row.venue_id else row.place, "link": row.link}
        for row in rows.order_by("starts_at", "pk")
    ]  # fmt: skip


def _agreement(party: Party) -> dict | None:
    agreement = effective_of(party)
    if agreement is None:
        return None
    rows = agreement.obligations.select_related("debtor__dispute", "creditor__dispute").order_by("due_on", "id")
    rows = rows.prefetch_related("debtor__dispute__parties", "creditor__dispute__parties")
    return {
        "number": agreement.number, "effective_on": agreement.effective_on,
        "clauses": [row.text for row in agreement.clauses.order_by("order")],
        "obligations": [
            {"what": row.what, "amount": row.amount, "due_on": row.due_on, "state": row.state,
             "state_label": str(row.get_state_display()), "mine": row.debtor_id == party.pk,
             "debtor": _called(row.debtor, party), "creditor": _called(row.creditor, party)}
            for row in rows
        ],
    }  # fmt: skip


def _counselling(party: Party) -> dict | None:
    """Return the days of the party's own referral, and to whom they go once it was referred: nothing else (精神卫生法
    23), and nothing of anybody else's."""
    own = CounsellingReferral.objects.of_party(party)
    if own is None:
        return None
    days = {name: getattr(own, name) for name in COUNSELLING_DAYS}
    known = own.state in WITH_COUNSELLOR
    whom = {"counsellor": own.counsellor.name if known else "", "station": station_of(own) if known else ""}
    return {"state": own.state, "state_label": str(own.get_state_display())} | days | whom


def _called(one: Party | None, reader: Party) -> str:
    """Return what a party is called on the page of another: by side alone; the own name is known. Empty for all."""
    return "" if one is None else one.label if one.pk == reader.pk else one.side_label


def _confirmation(party: Party) -> dict | None:
    found = confirmation_of(party)
    if found is None:
        return None
    wish = wishes_of(found).get(party.pk)
    return {"state": found.state, "state_label": str(found.get_state_display()), "last_day": found.last_day,
            "late": found.late, "answer": wish.answer if wish else "",
            "answer_label": str(wish.get_answer_display()) if wish else "",
            "answered_on": wish.said_on if wish else None}  # fmt: skip


def _reply(party: Party) -> dict | None:
    """Return what the party said last of the performance: the receipt, and whether it may still be put right."""
    last = last_reply(party)
    if last is None:
        return None
    return {"performed": last.performed, "performed_label": str(last.get_performed_display()),
            "satisfaction": last.satisfaction, "relapse": last.relapse, "at": last.at,
            "may_put_right": may_put_right(last)}  # fmt: skip
