"""What whoever holds a paper may learn of it: whether it is genuine and valid. Names are masked."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from partners.earning.hours import clock_text, issuer_of, masked
from partners.models import Donation, HoursCertificate

CODE = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True)
class Verified:
    """``kind``: ``certificate`` or ``receipt``. ``who`` of a person is masked; an organisation's name is public."""

    kind: str
    number: str
    who: str
    what: str
    first: date
    last: date
    issuer: str
    issued_on: date
    valid: bool


def verified(code: str) -> Verified | None:
    """Return what a code stands for, or None for a made-up one."""
    if not CODE.fullmatch(code):
        return None
    paper = HoursCertificate.objects.filter(code=code).first()
    if paper is not None:
        issued = timezone.localtime(paper.issued_at).date()
        return Verified("certificate", paper.number, masked(paper.holder), clock_text(paper.minutes), paper.first,
                        paper.last, paper.issuer, issued, paper.state == "valid")  # fmt: skip
    gift = Donation.objects.with_rows().filter(code=code).first()
    if gift is None:
        return None
    who = gift.partner.name if gift.partner.unit_id else masked(gift.partner.name)
    valid = gift.state in ("received", "checked", "approved")
    return Verified("receipt", gift.receipt, who, f"{gift.description} × {gift.quantity}", gift.received_on,
                    gift.received_on, issuer_of(gift.area), gift.received_on, valid)  # fmt: skip
