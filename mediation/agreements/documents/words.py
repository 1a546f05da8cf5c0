"""What the papers say of a dispute: loaded once for all papers. Never a caucus note.

Where the violence is domestic, no paper tells where a party lives or how to reach them: papers go to both sides. Nor
who they are, but in the copy of the application for confirmation that goes to the court alone.
"""

from django.db.models import F
from django.utils import timezone
from docxtpl import Listing

from mediation.agreements.documents.wording import wording_of
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
    SignatureOf,
    Sitting,
)

KEPT_BACK = "（保密）"
BLANK = "____"
# What stands beside the title of an agreement that is not in effect; any other is a draft.
DRAFT_NOTES = {"effective": "", "replaced": "（已被新协议取代）"}


def day(value) -> str:
    """Return a day as papers write it; a blank where there is none yet."""
    if value is None:
        return BLANK
    local = timezone.localtime(value) if hasattr(value, "hour") else value
    return f"{local.year}年{local.month}月{local.day}日"


def moment(value) -> str:
    """Return a time as papers write it."""
    return f"{day(value)} {timezone.localtime(value):%H:%M}"


def money(value) -> str:
    """Return a sum in yuan; empty where it is not about money."""
    return "" if value is None else f"{value:,.2f}"


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
    confirmation = JudicialConfirmation.objects.filter(agreement=found).with_rows().first() if found else None
    return (
        _dispute(dispute, parties, reader, for_court) | _agreement(found) | _confirmation(confirmation, reader) | {
            "wording": wording_of(dispute, found),
            "signers": [party.name for party in parties],
            "consents": [_consent(row) for row in _counted(Consent, dispute).filter(**own)],
            "sittings": [_sitting(row) for row in _rows(Sitting, dispute).prefetch_related("present")],
            "records": [
                _record(row)
                for row in _rows(MediationNote, dispute).filter(kind=NoteKind.RECORD).select_related("written_by")
            ],
            "visits": [_visit(row) for row in _rows(FollowUpVisit, dispute)],
        }
    )  # fmt: skip


def _rows(model, dispute: Dispute):
    return model.objects.filter(dispute=dispute).order_by("id")


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
        "amount": money(dispute.amount) or "无", "state": str(dispute.get_state_display()),
        "mediator": dispute.mediator.get_full_name() if dispute.mediator else BLANK,
        "registrar": dispute.registered_by.get_full_name(), "registered": day(dispute.registered_at),
        "accepted": day(dispute.accepted_at), "term": day(dispute.term_until), "ended": day(dispute.ended_at),
        "archived": day(dispute.archived_at), "today": day(timezone.now()),
        "names": "、".join(party.name for party in parties),
        "parties": [_party(dispute, party, reader, for_court) for party in parties],
        "applicants": [party.name for party in parties if party.side == "applicant"],
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


def named(party: Party) -> str:
    """Return the name, with how it stands misspelt on papers made before a slip was put right (``disputes.slips``)."""
    former = "、".join(party.former)
    return f"{party.name}（原写作“{former}”，系笔误，已更正）" if former else party.name


def cleared(dispute: Dispute, known: bool) -> str:
    """Return what stands for a number that was ``known`` and taken out when its years were over
    (``disputes.retention``); empty where none was."""
    return f"已按保存期限清除（{day(dispute.emptied_at)}）" if known and dispute.emptied_at else ""


def _agreement(agreement: Agreement | None) -> dict:
    if agreement is None:
        return {"agreement_number": BLANK, "subject": BLANK, "clauses": [], "obligations": [], "performance": BLANK,
                "made_on": BLANK, "effective_on": BLANK, "draft": "", "form_note": "", "signed": []}  # fmt: skip
    oral = agreement.form == AgreementForm.ORAL
    return {
        "agreement_number": agreement.number, "subject": Listing(agreement.subject),
        "clauses": [{"order": row.order, "text": Listing(row.text)} for row in agreement.clauses.all()],
        "obligations": [_owed(row) for row in agreement.obligations.all()],
        "performance": Listing(agreement.performance or "按上述约定履行。"), "made_on": day(agreement.made_on),
        "effective_on": day(agreement.effective_on),
        "draft": DRAFT_NOTES.get(agreement.state, "（草稿，尚未生效）"),
        "form_note": "口头协议，由人民调解员记录。" if oral
        else "本协议自各方当事人签名、盖章或者捺印，人民调解员签名并加盖人民调解委员会印章之日起生效。",
        "signed": [_signature(row) for row in agreement.signatures.all()],
    }  # fmt: skip


def _owed(row) -> dict:
    return {
        "debtor": row.debtor.name, "creditor": row.creditor.name if row.creditor else "其他各方", "what": row.what,
        "amount": money(row.amount), "paid": money(row.paid) if row.amount is not None else "", "due": day(row.due_on),
        "state": str(row.get_state_display()), "done": day(row.performed_on) if row.performed_on else "",
    }  # fmt: skip


def _signature(row) -> dict:
    who = named(row.party) if row.of == SignatureOf.PARTY else str(row.get_of_display())
    paper = f"，{row.authorisation.get_scope_display()} {row.authorisation.number}" if row.authorisation else ""
    agent = f"（代理人代签{paper}）" if row.by_agent else ""
    return {"name": who, "how": f"{row.get_how_display()}{agent}", "on": day(row.day)}


def _confirmation(confirmation: JudicialConfirmation | None, reader: Party | None) -> dict:
    if confirmation is None:
        return {"confirmation_number": BLANK, "last_day": BLANK, "court": BLANK, "applied_on": BLANK, "wishes": [],
                "reasons": []}  # fmt: skip
    return {
        "confirmation_number": confirmation.number, "last_day": day(confirmation.last_day),
        "court": confirmation.court.name if confirmation.court else "________人民法院",
        "applied_on": day(confirmation.applied_on),
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
    return {"name": row.party.name, "what": str(row.get_what_display()), "answer": answer, "at": said}


def _sitting(row) -> dict:
    return {"at": moment(row.starts_at), "kind": str(row.get_kind_display()), "place": row.place_text,
            "present": "、".join(party.name for party in row.present.all())}  # fmt: skip


def _record(row) -> dict:
    return {"at": moment(row.written_at), "by": row.written_by.get_full_name(), "text": Listing(row.text)}


def _visit(row) -> dict:
    return {
        "kind": str(row.get_kind_display()), "due": day(row.due_on), "state": str(row.get_state_display()),
        "performed": str(row.get_performed_display() or ""), "satisfaction": row.satisfaction or "",
        "relapse": "有" if row.relapse else "",
    }  # fmt: skip
