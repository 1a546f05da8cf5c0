"""What a line of a statement is for, in words. Apps and topics say what their reason codes and evidence mean.

``register_reason("room", _("Use of an activity room"))`` names a code; ``register_evidence("partners.redemption",
told)`` says what proves it, for many rows at once: ``told(ids)`` returns {id: words} in few statements. A code that
nobody named is never shown: the kind of movement stands in its place.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Account, Entry, Transfer, TransferKind

Teller = Callable[[Collection[int]], dict[int, str]]
_labels: dict[str, str] = {}
_tellers: dict[str, Teller] = {}


def register_reason(code: str, label) -> str:
    """Name a reason code. Raises ValueError when it has another name already."""
    if _labels.setdefault(code, label) is not label:
        raise ValueError(f"reason {code} is registered twice")
    return code


def register_evidence(label: str, told: Teller) -> None:
    """State how rows of model ``label`` (``partners.servicerecord``) are called as evidence."""
    _tellers[label] = told


@dataclass(frozen=True)
class Told:
    """``title``: what for; ``detail``: by which evidence, "" where there is none to name."""

    title: str
    detail: str = ""

    def __str__(self):
        return f"{self.title} · {self.detail}" if self.detail else self.title


def title_of(transfer: Transfer) -> str:
    """Return what a transfer is for, in words; never its code."""
    if transfer.reason in _labels:
        return str(_labels[transfer.reason])
    return str(TransferKind(transfer.kind).label)


def reasons_told(transfers: Iterable[Transfer]) -> dict[int, Told]:
    """Return what each transfer is for, by its id; one call of a teller a kind of evidence.

    Reversals are told by what they reverse: load ``reverses`` with the transfers.
    """
    transfers = list(transfers)
    asked: dict[str, set[int]] = defaultdict(set)
    for transfer in transfers:
        proof = _proof(transfer)
        if proof.evidence_type:
            asked[proof.evidence_type].add(proof.evidence_id)
    found = {label: _tellers[label](ids) for label, ids in asked.items() if label in _tellers}
    told = {}
    for transfer in transfers:
        proof = _proof(transfer)
        detail = found.get(proof.evidence_type, {}).get(proof.evidence_id, "")
        told[transfer.pk] = Told(_title(transfer, proof), detail)
    return told


def lines_told(lines: Iterable[Entry]) -> dict[int, Told]:
    """Return what each line of a statement is for, by its id; a gift also says from whom, or to whom.

    Load ``transfer__reverses`` with the lines; one statement more where there are gifts among them.
    """
    lines = list(lines)
    told = reasons_told(line.transfer for line in lines)
    gifts = [line for line in lines if line.transfer.kind == TransferKind.GIVE]
    others = {line.pk: _other_side(line) for line in gifts}
    names = {row.pk: row.owner_name for row in Account.objects.filter(pk__in=others.values()).with_rows()}
    found = {line.pk: told[line.transfer_id] for line in lines}
    for line in gifts:
        way = _("From %(who)s") if line.account_id == line.transfer.counterpart_id else _("To %(who)s")
        found[line.pk] = Told(found[line.pk].title, way % {"who": names[others[line.pk]]})
    return found


def _other_side(line: Entry) -> int:
    transfer = line.transfer
    return transfer.account_id if line.account_id == transfer.counterpart_id else transfer.counterpart_id


def _proof(transfer: Transfer) -> Transfer:
    return transfer.reverses if transfer.reverses_id else transfer


def _title(transfer: Transfer, proof: Transfer) -> str:
    if proof is transfer:
        return title_of(transfer)
    return _("Reversed: %(what)s") % {"what": title_of(proof)}


def _adjustments_told(ids: Collection[int]) -> dict[int, str]:
    return {pk: _("adjustment no. %(number)d") % {"number": pk} for pk in ids}


register_reason("adjustment", gettext_lazy("Adjusted by two persons"))
register_reason("gift", gettext_lazy("Given by one member to another"))
register_reason("expired", gettext_lazy("Points whose last day is over"))
register_evidence("partners.adjustment", _adjustments_told)
