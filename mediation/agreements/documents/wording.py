"""Whose version of a sentence a paper prints (``sentences.py``)."""

from datetime import date

from django.utils import timezone
from docxtpl import Listing

from governance.models import Area
from mediation.agreements.sentences import USUAL
from mediation.agreements.states import PaperSentence
from mediation.models import Agreement, Dispute, PaperText


def _registered(dispute: Dispute, agreement: Agreement | None) -> date:
    return timezone.localdate(dispute.registered_at)


def _ended(dispute: Dispute, agreement: Agreement | None) -> date:
    return timezone.localdate(dispute.ended_at) if dispute.ended_at else timezone.localdate()


def _made(dispute: Dispute, agreement: Agreement | None) -> date:
    return agreement.made_on if agreement and agreement.made_on else timezone.localdate()


def _effective(dispute: Dispute, agreement: Agreement | None) -> date:
    return (agreement.effective_on if agreement else None) or timezone.localdate()


# The day of the paper in which a sentence stands, by which the version is chosen: printed later, it says what it said
# when it was made.
DAY = {
    "application": _registered, "notice": _registered, "agreement": _made, "termination": _ended,
    "confirmation_notice": _effective,
}  # fmt: skip


def wording_of(dispute: Dispute, agreement: Agreement | None) -> dict[str, Listing | str]:
    """Return each sentence as the papers of a dispute print it: of the nearest area the latest version of the paper's
    day, else the usual text. One statement."""
    rows, told = list(PaperText.objects.holding(dispute.area)), {}
    for sentence, usual in USUAL.items():
        day = DAY[usual.paper](dispute, agreement)
        row = next((row for row in rows if row.sentence == sentence and row.valid_from <= day), None)
        text = usual.text if row is None else row.text
        told[str(sentence)] = Listing(text) if text else ""
    return told


def in_force(area: Area, on: date) -> list[tuple[PaperSentence, str, PaperText | None]]:
    """Return each sentence with its text in an area on a day, and the version it stands in (None: the usual text)."""
    rows = [row for row in PaperText.objects.holding(area) if row.valid_from <= on]
    found = {sentence: next((row for row in rows if row.sentence == sentence), None) for sentence in USUAL}
    return [(sentence, USUAL[sentence].text if row is None else row.text, row) for sentence, row in found.items()]
