"""Who signs a paper: those it binds, the legal agent for a party without full capacity, nobody twice."""

from mediation.agreements.documents.days import BLANK, BY_HAND, day
from mediation.agreements.signing import signers_of, unsigned_of
from mediation.agreements.states import UNDER_WAY
from mediation.confirmation.eligibility import bound_by, wishes_of
from mediation.confirmation.states import NOT_APPLIED, WishAnswer, WishHow
from mediation.models import (
    Agreement,
    AgreementForm,
    AgreementSignature,
    AuthorisationScope,
    JudicialConfirmation,
    Party,
    SignatureOf,
)

KINDS = {AuthorisationScope.LEGAL: "法定代理人"}
BY_AUTHORITY = "委托代理人"


def named(party: Party) -> str:
    """Return the name, with how it stands misspelt on papers made before a slip was put right (``disputes.slips``)."""
    former = "、".join(party.former)
    return f"{party.name}（原写作“{former}”，系笔误，已更正）" if former else party.name


def signer(party: Party, reader: Party | None, *, by_agent: bool = False) -> str:
    """Return who is to sign for a party. ``reader``: to whom the paper goes, who is not told of another's agent;
    ``by_agent``: the agent acts though the party could."""
    if not party.without_capacity and not by_agent:
        return party.name
    kind = KINDS[AuthorisationScope.LEGAL] if party.without_capacity else BY_AUTHORITY
    return _through(party.name, kind, party.agent or BLANK, hidden=reader is not None and party.pk != reader.pk)


def _through(name: str, kind: str, agent: str, *, hidden: bool) -> str:
    return f"{name}（{kind}代）" if hidden or not agent else f"{name}（{kind} {agent} 代）"


def bound(agreement: Agreement | None) -> list[Party]:
    """Return whom an agreement binds, or will once all of them have signed."""
    if agreement is None:
        return []
    return signers_of(agreement) if agreement.state in UNDER_WAY else bound_by(agreement)


def signatures(agreement: Agreement | None, reader: Party | None) -> dict:
    """Return who has signed an agreement and who is still to; an oral one nobody signs but the mediator who records
    it, and it has no seal (人民调解法 28, 30). The seal has its own line."""
    if agreement is None:
        return {"signed": [], "unsigned": [], "mediator_signs": False, "written": False, "sealed_on": BY_HAND}
    rows, written = agreement.standing_signatures(), agreement.form == AgreementForm.WRITTEN
    open_now = agreement.state in UNDER_WAY
    sealed = next((row.day for row in rows if row.of == SignatureOf.COMMITTEE), None)
    return {
        "signed": [_signature(row, reader) for row in rows if row.of != SignatureOf.COMMITTEE],
        "unsigned": [signer(party, reader) for party in unsigned_of(agreement)] if written and open_now else [],
        "mediator_signs": open_now and all(row.of != SignatureOf.MEDIATOR for row in rows),
        "written": written, "sealed_on": day(sealed, missing=BY_HAND),
    }  # fmt: skip


def _signature(row: AgreementSignature, reader: Party | None) -> dict:
    how, paper = str(row.get_how_display()), row.authorisation
    if row.of == SignatureOf.MEDIATOR:
        return {"name": f"人民调解员 {row.recorded_by.get_full_name()}", "how": how, "on": day(row.day)}
    name = named(row.party)
    if row.by_agent and paper is None:  # of an older release: by which paper, and who, is not known
        name = f"{name}（代理人代）"
    elif row.by_agent:
        hidden = reader is not None and row.party_id != reader.pk
        name = _through(name, KINDS.get(paper.scope, BY_AUTHORITY), paper.agent, hidden=hidden)
        if not hidden:
            how = f"{how}（{paper.get_scope_display()}，{paper.number}）"
    return {"name": name, "how": how, "on": day(row.day)}


def mediator_of(agreement: Agreement | None) -> str:
    """Return who mediated what was agreed, whoever follows it up now; empty before they signed."""
    rows = agreement.standing_signatures() if agreement is not None else []
    return next((row.recorded_by.get_full_name() for row in rows if row.of == SignatureOf.MEDIATOR), "")


def applying(confirmation: JudicialConfirmation, parties: list[Party], reader: Party | None) -> list[str]:
    """Return who signs the application to the court; once it is applied for, nobody again who signed it together."""
    applied = confirmation.applied_on is not None and confirmation.state not in NOT_APPLIED
    rows = wishes_of(confirmation).values()
    how = {row.party_id: row.how for row in rows if row.answer == WishAnswer.AGREED}
    own = [party.pk for party in parties if reader is None or party.pk == reader.pk]
    return [
        signer(party, reader, by_agent=how.get(party.pk) == WishHow.AGENT and party.agent != "" and party.pk in own)
        for party in parties
        if not (applied and how.get(party.pk) == WishHow.TOGETHER)
    ]
