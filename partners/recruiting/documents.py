"""The partnership agreement as a Word document."""

from io import BytesIO
from pathlib import Path

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from docxtpl import DocxTemplate

from partners.models import PartnerAgreement

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATE = Path(__file__).parent / "word" / "agreement.docx"


def agreement_words(row: PartnerAgreement) -> dict:
    """Return what stands on the document; reads partner, terms, area and the signers."""
    partner = row.partner
    ends = f"{row.valid_to:%Y-%m-%d}" if row.valid_to else _("without an end")
    return {
        "number": row.number,
        "title": row.terms.title,
        "version": row.terms.code,
        "community": row.area.name,
        "partner": partner.name,
        "kind": str(partner.get_kind_display()),
        "code": partner.credit_code,
        "from": f"{row.valid_from:%Y-%m-%d}",
        "to": ends,
        "paragraphs": [line.strip() for line in row.terms.text.splitlines() if line.strip()],
        "partner_signer": _signed(row.partner_signer, row.partner_signed_at),
        "signer": _signed(row.signer, row.signed_at),
        "draft": row.state == "open",
    }


def _signed(person, at) -> str:
    return f"{person.get_full_name()}  {localtime(at):%Y-%m-%d %H:%M}" if person is not None else "__________"


def agreement_word(row: PartnerAgreement) -> tuple[str, bytes]:
    """Return (file name, content) of an agreement."""
    template = DocxTemplate(TEMPLATE)
    template.render(agreement_words(row), autoescape=True)
    content = BytesIO()
    template.save(content)
    return f"partner-agreement-{row.pk}.docx", content.getvalue()
