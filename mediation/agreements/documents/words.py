"""What the papers say of a dispute: loaded once for all papers. Never a caucus note.

Where the violence is domestic, no paper tells where a party lives or how to reach them: papers go to both sides. Nor
who they are, but in the copy of the application for confirmation that goes to the court alone.
"""

from django.db.models import F
from django.utils import timezone
from docxtpl import Listing

from mediation.agreements.documents.bodies import body_of, called, unit_on
from mediation.agreements.documents.days import BLANK, BY_HAND, day, moment, money
from mediation.agreements.documents.outcome import end_told, matter_of, result_of, standing_of
from mediation.agreements.documents.signers import applying, bound, mediator_of, named, signatures, signer
from mediation.agreements.documents.wording import wording_of
from mediation.confirmation.courts import closed_court
from mediation.confirmation.eligibility import reasons_of, wishes_of
from mediation.confirmation.states import NOT_APPLIED
from mediation.models import (
    Agreement,
    AgreementForm,
    Consent,
    Dispute,
    FollowUpVisit,
    JudicialConfirmation,
    MediationNote,
    NoteKind,
    Party,
    PartySide,
    Sitting,
    SittingState,
)

KEPT_BACK = "（保密）"
# What stands beside the title of an agreement that is not in effect; any other is a draft.
DRAFT_NOTES = {"effective": "", "replaced": "（已被新协议取代）", "discarded": "（草稿已作废）"}
# A written draft is printed to be signed by hand: once that is done, it is none any more.
DRAFT = {
    AgreementForm.WRITTEN: "（在各方签名并加盖印章之前为草稿，尚未生效）",
    AgreementForm.ORAL: "（草稿，尚未生效）",
}
YES_NO = {True: "是", False: "否", None: ""}


def agreement_of(dispute: Dispute) -> Agreement | None:
    """Return the agreement of the file: the last that was not discarded."""
    return Agreement.objects.filter(dispute=dispute).exclude(state="discarded").with_parts().order_by("-id").first()


def words_of(dispute: Dispute, agreement: Agreement | None = None, reader: Party | None = None, *,
             names_others: bool = True, for_court: bool = False) -> dict:  # fmt: skip
    """Return everything that any paper fills in. ``reader``: the party it goes to; of the others it tells no answer, no
    identity, address, phone or agent, and where not ``names_others`` no name either (0046). ``for_court``: it goes to
    the court alone, and tells who the parties are (民诉解释 354)."""
    found = agreement or agreement_of(dispute)
    parties = list(dispute.parties.order_by("id").prefetch_related("former_names"))
    own = {} if reader is None else {"party_id": reader.pk}
    if reader is not None and not names_others:
        parties = [party for party in parties if party.pk == reader.pk]
    return (
        _dispute(dispute, parties, reader, for_court)
        | _end(dispute, reader)
        | _agreement(found, reader)
        | _bodies(dispute, found)
        | _bound(dispute, found, parties, reader, for_court)
        | {
            "wording": wording_of(dispute, found), "by_hand": BY_HAND,
            "mediated_by": mediator_of(found) or _mediator(dispute),
            "signers": [signer(party, reader) for party in parties],
            "consents": [_consent(row) for row in _counted(Consent, dispute).select_related("about").filter(**own)],
            "sittings": [_sitting(row) for row in _held(dispute)],
            "records": [
                _record(row)
                for row in _rows(MediationNote, dispute).filter(kind=NoteKind.RECORD).select_related("written_by")
            ],
            "visits": [
                _visit(row) for row in FollowUpVisit.objects.filter(agreement=found).select_related("visited_by")
            ],
        }
    )  # fmt: skip


def _rows(model, dispute: Dispute):
    return model.objects.filter(dispute=dispute).order_by("id")


def _held(dispute: Dispute):
    """Return the sittings up to today's, none that was called off: the record tells what took place."""
    rows = _rows(Sitting, dispute).exclude(state=SittingState.CANCELLED)
    rows = rows.filter(starts_at__date__lte=timezone.localdate()).order_by("starts_at", "id")
    return rows.select_related("venue").prefetch_related("present")


def _counted(model, dispute: Dispute):
    """Return the answers of parties that count: none of who was struck, none given before a party was put right."""
    rows = _rows(model, dispute).filter(party__struck_at=None, pk__gt=F("party__answers_after"))
    return rows.select_related("party", "authorisation")


def _by_agent(row) -> str:
    """Return who answered for a party without full capacity, and by which paper; empty where they did themselves."""
    return f"（法定代理人代为表示，{row.authorisation.number}）" if row.authorisation else ""


def _dispute(dispute: Dispute, parties: list, reader: Party | None, for_court: bool) -> dict:
    return {
        "number": dispute.number, "committee": dispute.committee.name, "type": dispute.type.name,
        "tier": str(dispute.get_tier_display()), "source": str(dispute.get_source_display()), "title": dispute.title,
        "facts": Listing(dispute.facts or BLANK), "claim": Listing(dispute.claim or BLANK),
        "amount": money(dispute.amount) or "无", "matter": matter_of(dispute), "mediator": _mediator(dispute),
        "registrar": dispute.registered_by.get_full_name(), "registered": day(dispute.registered_at),
        "accepted": day(dispute.accepted_at), "term": day(dispute.term_until), "ended": day(dispute.ended_at),
        "archived": day(dispute.archived_at), "told_on": day(dispute.rights_told_on, missing=BY_HAND),
        "names": "、".join(party.name for party in parties),
        "parties": [_party(dispute, party, reader, for_court) for party in parties],
        "applicants": [signer(party, reader) for party in parties if party.side == PartySide.APPLICANT],
    }  # fmt: skip


def _bodies(dispute: Dispute, agreement: Agreement | None) -> dict:
    """Return who acted: who has the dispute, who accepted it, who sealed the agreement."""
    body = body_of(dispute, agreement)
    return {"unit": dispute.unit.name, "accepted_by": unit_on(dispute, dispute.accepted_at).name, "body": body.name,
            "body_called": called(body)}  # fmt: skip


def _mediator(dispute: Dispute) -> str:
    return dispute.mediator.get_full_name() if dispute.mediator else BLANK


def _end(dispute: Dispute, reader: Party | None) -> dict:
    """Return how it ended; whom an agreement does not bind is not told of it."""
    standing = standing_of(dispute)
    if standing is not None and reader is not None and reader not in bound(standing):
        standing = None
    ended = dispute.ended_at is not None
    result = result_of(dispute, standing)
    return {
        "result": result or f"尚未结束（{dispute.get_state_display()}）",
        # The record is printed to be signed in the sitting: what comes of it is written there by hand.
        "recorded_result": result or BLANK * 4, "end": end_told(dispute, standing) if ended else BLANK,
    }  # fmt: skip


def _party(dispute: Dispute, party: Party, reader: Party | None, for_court: bool) -> dict:
    other = reader is not None and party.pk != reader.pk
    hidden = dispute.domestic_violence or other
    nameless = hidden and not (for_court and reader is None)
    return {
        "side": str(party.get_side_display()), "name": named(party),
        "agent": KEPT_BACK if other and party.agent else party.agent,
        "identity": KEPT_BACK if nameless else party.identity or cleared(dispute, True),
        "address": KEPT_BACK if hidden else party.address,
        "phone": KEPT_BACK if hidden else party.phone or cleared(dispute, bool(party.phone_digest)),
    }  # fmt: skip


def cleared(dispute: Dispute, known: bool) -> str:
    """Return what stands for a number that was ``known`` and taken out when its years were over
    (``disputes.retention``); empty where none was."""
    return f"已按保存期限清除（{day(dispute.emptied_at)}）" if known and dispute.emptied_at else ""


def _agreement(agreement: Agreement | None, reader: Party | None) -> dict:
    if agreement is None:
        return signatures(None, reader) | {
            "agreement_number": BLANK, "subject": BLANK, "clauses": [], "obligations": [], "performance": BLANK,
            "made_on": BLANK, "effective_on": BLANK, "draft": "", "form_note": "",
        }  # fmt: skip
    oral = agreement.form == AgreementForm.ORAL
    return signatures(agreement, reader) | {
        "agreement_number": agreement.number, "subject": Listing(agreement.subject),
        "clauses": [{"order": row.order, "text": Listing(row.text)} for row in agreement.clauses.all()],
        "obligations": [_owed(row) for row in agreement.obligations.all()],
        "performance": Listing(agreement.performance or "按上述约定履行。"), "made_on": day(agreement.made_on),
        "effective_on": day(agreement.effective_on),
        "draft": DRAFT_NOTES.get(agreement.state, DRAFT[agreement.form]),
        "form_note": "口头协议，由人民调解员记录。" if oral
        else "本协议自各方当事人签名、盖章或者捺印，人民调解员签名并加盖人民调解委员会印章之日起生效。",
    }  # fmt: skip


def _owed(row) -> dict:
    return {
        "debtor": row.debtor.name, "creditor": row.creditor.name if row.creditor else "其他各方", "what": row.what,
        "amount": money(row.amount), "paid": money(row.paid) if row.amount is not None else "", "due": day(row.due_on),
        "state": str(row.get_state_display()), "done": day(row.performed_on) if row.performed_on else "",
    }  # fmt: skip


def _bound(dispute: Dispute, agreement: Agreement | None, parties: list, reader: Party | None,
           for_court: bool) -> dict:  # fmt: skip
    """Return whom the agreement binds, of those parties that the paper may tell of, and what they say to the court."""
    known = {party.pk for party in parties}
    found = [party for party in bound(agreement) if party.pk in known]
    rows = JudicialConfirmation.objects.filter(agreement=agreement).with_rows() if agreement else []
    confirmation = next(iter(rows), None)
    return _confirmation(dispute, confirmation, reader) | {
        "bound": [_party(dispute, party, reader, for_court) for party in found],
        "bound_names": "、".join(party.name for party in found),
        "bound_signers": [signer(party, reader) for party in found],
        "applying": applying(confirmation, found, reader) if confirmation else [],
    }


def _confirmation(dispute: Dispute, confirmation: JudicialConfirmation | None, reader: Party | None) -> dict:
    if confirmation is None:
        return {"confirmation_number": BLANK, "last_day": BLANK, "court": BLANK, "applied_on": BY_HAND, "wishes": [],
                "reasons": []}  # fmt: skip
    # The one that invited alone confirms (民事诉讼法 205); where it is closed, a person says which has taken over.
    court = confirmation.court or (None if closed_court(confirmation) else dispute.inviting_court)
    return {
        "confirmation_number": confirmation.number, "last_day": day(confirmation.last_day),
        "court": court.name if court else "________人民法院",
        "applied_on": day(confirmation.applied_on, missing=BY_HAND),
        "wishes": [
            {"name": row.party.name, "answer": str(row.get_answer_display()),
             "how": f"{row.get_how_display()}{_by_agent(row)}", "on": day(row.said_on)}
            for row in wishes_of(confirmation).values()
            if reader is None or row.party_id == reader.pk
        ],
        "reasons": [
            {"text": row.text, "article": row.article}
            for row in (reasons_of(confirmation) if confirmation.state in NOT_APPLIED else [])
            if row.code != "one_sided"
        ],
    }  # fmt: skip


def _consent(row) -> dict:
    answer = f"{row.get_answer_display()}{_by_agent(row)}"
    said = moment(row.at) if timezone.localdate(row.at) == row.said_on else day(row.said_on)
    # A helper or mediator, or until when: without that an answer says to nothing.
    about = row.about.get_full_name() if row.about else f"至{day(row.until)}" if row.until else ""
    what = f"{row.get_what_display()}（{about}）" if about else str(row.get_what_display())
    return {"name": row.party.name, "what": what, "answer": answer, "at": said}


def _sitting(row) -> dict:
    return {"at": moment(row.starts_at), "kind": str(row.get_kind_display()), "place": row.place_text,
            "present": "、".join(party.name for party in row.present.all())}  # fmt: skip


def _record(row) -> dict:
    return {"at": moment(row.written_at), "by": row.written_by.get_full_name(), "text": Listing(row.text)}


def _visit(row) -> dict:
    return {
        "kind": str(row.get_kind_display()), "due": day(row.due_on), "state": str(row.get_state_display()),
        "on": day(row.visited_on, missing=""), "way": str(row.get_way_display() or ""),
        "by": row.visited_by.get_full_name() if row.visited_by else "",
        "performed": str(row.get_performed_display() or ""), "satisfaction": row.satisfaction or "",
        "relapse": YES_NO[row.relapse],
    }  # fmt: skip
