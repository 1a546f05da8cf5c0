"""Which papers a file has, and taking one (or all): who may, rendered, recorded.

Whoever works on the dispute takes its papers; the clerk of the court takes those of a confirmation applied for. Each
taking leaves a row (``mediation.access``) and an event; breaking the glass reads, but takes nothing away.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from docxtpl import DocxTemplate

from governance.errors import Conflict, Invalid, NotPermitted
from governance.exchange.exports import export_recorded
from governance.models import User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from mediation.access import access_record
from mediation.agreements.documents.joint import joint_words, worked_jointly
from mediation.agreements.documents.outcome import mediated
from mediation.agreements.documents.scans import scans_listed, scans_of, scans_recorded, scans_write
from mediation.agreements.documents.templates import template_of
from mediation.agreements.documents.words import agreement_of, words_of
from mediation.confirmation.querysets import COURT
from mediation.confirmation.states import AT_COURT
from mediation.disputes.querysets import WORKS
from mediation.models import (
    AccessKind,
    Agreement,
    AgreementForm,
    AgreementState,
    Dispute,
    DisputeSource,
    JudicialConfirmation,
    Party,
)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"


def _always(dispute, agreement) -> bool:
    return True


def _applied(dispute, agreement) -> bool:
    return dispute.source == DisputeSource.APPLICATION


def _accepted(dispute, agreement) -> bool:
    return dispute.accepted_at is not None


def _joint(dispute, agreement) -> bool:
    return worked_jointly(dispute)


def _has_agreement(dispute, agreement) -> bool:
    return agreement is not None


def _in_effect(dispute, agreement) -> bool:
    return agreement is not None and agreement.effective_on is not None


def _to_confirm(dispute, agreement) -> bool:
    """Nobody applies for what a newer agreement replaced; what is before the court goes on there."""
    if not _in_effect(dispute, agreement) or agreement.state == AgreementState.EFFECTIVE:
        return _in_effect(dispute, agreement)
    return JudicialConfirmation.objects.filter(agreement=agreement, state__in=AT_COURT).exists()


def _kept_back(dispute, agreement) -> bool:
    """Where all other papers keep the identity numbers back."""
    return dispute.domestic_violence and _to_confirm(dispute, agreement)


def _ended_without(dispute, agreement) -> bool:
    if dispute.ended_at is None:
        return False
    return bool(dispute.ended_ground) or not _in_effect(dispute, agreement)


@dataclass(frozen=True)
class Paper:
    """One paper of the file. ``there(dispute, agreement)``: whether there is something to print yet. ``for_court``: a
    copy that goes to the court alone, and tells who the parties are (民诉解释 354)."""

    code: str
    label: str
    title: str
    layout: str
    there: Callable[[Dispute, Agreement | None], bool] = _always
    for_court: bool = False


PAPERS = {
    paper.code: paper
    for paper in (
        Paper("cover", gettext_lazy("Cover and index"), "卷宗封面", "COVER"),
        Paper("application", gettext_lazy("Application for mediation"), "人民调解申请书", "APPLICATION", _applied),
        Paper("acceptance", gettext_lazy("Acceptance form"), "受理登记表", "ACCEPTANCE"),
        Paper("notice", gettext_lazy("Notice of rights and duties"), "权利义务告知书", "NOTICE"),
        Paper("record", gettext_lazy("Mediation record"), "人民调解记录", "RECORD", _accepted),
        Paper("joint", gettext_lazy("Sheet of the joint mediation"), "联合调解情况表", "JOINT", _joint),
        Paper("agreement", gettext_lazy("Mediation agreement"), "人民调解协议书", "AGREEMENT", _has_agreement),
        Paper("termination", gettext_lazy("Notice of termination"), "终止调解告知书", "TERMINATION", _ended_without),
        Paper("performance", gettext_lazy("Performance of the agreement"), "履行情况表", "PERFORMANCE", _in_effect),
        Paper("follow_up", gettext_lazy("Record of follow-up visits"), "回访记录", "FOLLOW_UP", _in_effect),
        Paper("confirmation_notice", gettext_lazy("Notice of judicial confirmation"), "司法确认告知书",
              "CONFIRMATION_NOTICE", _to_confirm),
        Paper("confirmation_application", gettext_lazy("Application for judicial confirmation"), "司法确认申请书",
              "CONFIRMATION_APPLICATION", _to_confirm),
        Paper("confirmation_application_court",
              gettext_lazy("Application for judicial confirmation: for the court only, with identity numbers"),
              "司法确认申请书（仅交法院）", "CONFIRMATION_APPLICATION", _kept_back, True),
        Paper("confirmation_certificate", gettext_lazy("Certificate of the mediation"), "主持调解证明",
              "CONFIRMATION_CERTIFICATE", _in_effect),
    )
}  # fmt: skip
# Papers that all parties sign: they name each to the others.
SIGNED_TOGETHER = ("agreement", "confirmation_application")
# What the clerk of the court takes of a confirmation (民诉解释 354).
COURT_PAPERS = ("agreement", "confirmation_application", "confirmation_certificate")


# What is recorded of an oral agreement is none to be signed; what was never accepted is not terminated.
ORAL = (gettext_lazy("Record of the oral agreement"), "人民调解口头协议登记表")
NOT_MEDIATED = (gettext_lazy("Notice that it is not mediated"), "不予调解告知书")


def papers_of(dispute: Dispute, agreement: Agreement | None = None) -> list[Paper]:
    """Return the papers that there are of a dispute now, each under the name it has here."""
    found = agreement or agreement_of(dispute)
    return [paper_named(code, dispute, found) for code, paper in PAPERS.items() if paper.there(dispute, found)]


def paper_named(code: str, dispute: Dispute, agreement: Agreement | None) -> Paper:
    """Return a paper with label and title as they are in this dispute. Raises Invalid (no such paper)."""
    paper = PAPERS.get(code)
    if paper is None:
        raise Invalid(_("There is no such paper."), field="paper", code="does_not_exist")
    if code == "agreement" and agreement is not None and agreement.form == AgreementForm.ORAL:
        return replace(paper, label=ORAL[0], title=ORAL[1])
    if code == "termination" and not mediated(dispute):
        return replace(paper, label=NOT_MEDIATED[0], title=NOT_MEDIATED[1])
    return paper


def paper_take(dispute: Dispute, code: str, *, actor: User, agreement: Agreement | None = None) -> tuple[str, bytes]:
    """Return (file name, content) of one paper of an agreement (None: the newest).

    Raises NotPermitted, Invalid (no such paper), Conflict (not yet)."""
    return _taken(dispute, code, _whole(agreement), actor, _grant(WORKS, dispute, actor))


def confirmation_paper_take(confirmation: JudicialConfirmation, code: str, *, actor: User) -> tuple[str, bytes]:
    """Return one paper of a confirmation, for the clerk of its court: the application tells who the parties are
    (民诉解释 354). Raises as ``paper_take``."""
    grant = _grant(COURT, confirmation, actor)
    if code not in COURT_PAPERS:
        raise Invalid(_("There is no such paper."), field="paper", code="does_not_exist")
    named = code == "confirmation_application"
    return _taken(confirmation.dispute, code, _whole(confirmation.agreement), actor, grant, for_court=named)


def _whole(agreement: Agreement | None) -> Agreement | None:
    """Return an agreement with all that papers tell of it."""
    return agreement and Agreement.objects.with_parts().get(pk=agreement.pk)


def _grant(rule, row, actor: User) -> Grant:
    grant = grant_for(rule, row, actor)
    if grant is None:
        raise NotPermitted(_("You may not take papers of this dispute."))
    return grant


def _taken(dispute: Dispute, code: str, agreement: Agreement | None, actor: User, grant: Grant, *,
           for_court: bool = False) -> tuple[str, bytes]:  # fmt: skip
    found = agreement or agreement_of(dispute)
    paper = paper_named(code, dispute, found)
    if not paper.there(dispute, found):
        raise Conflict(_("There is nothing to print yet."), code="not_yet")
    content = _rendered(paper, dispute, found, _words(dispute, found, for_court=for_court or paper.for_court))
    _recorded(dispute, actor, grant, f"paper:{code}", "docx")
    return file_name(dispute, paper), content


def file_name(dispute: Dispute, paper: Paper) -> str:
    """Return the name of a paper as a file."""
    return f"{dispute.number}-{paper.title}.docx"


def file_take(dispute: Dispute, *, actor: User, agreement: Agreement | None = None) -> tuple[str, bytes]:
    """Return the whole file with an agreement (None: the newest): all papers there are, and the files of the dispute,
    in one zip. Raises NotPermitted, Conflict (``too_large``, ``gone``)."""
    grant = _grant(WORKS, dispute, actor)
    found = _whole(agreement) or agreement_of(dispute)
    words, content, scans = _words(dispute, found), BytesIO(), scans_of(dispute, actor)
    papers = _filed(dispute, found)
    with ZipFile(content, "w", ZIP_DEFLATED) as whole:
        for order, paper in enumerate(papers):  # the cover is 00: the others have the numbers of the index
            whole.writestr(f"{order:02d}-{file_name(dispute, paper)}", _rendered(paper, dispute, found, words))
        scans_write(whole, scans, first=len(papers))
    with atomically():
        _recorded(dispute, actor, grant, "paper:whole_file", "zip")
        scans_recorded(dispute, scans, actor=actor, grant=grant)
    return f"{dispute.number}-人民调解卷宗.zip", content.getvalue()


def party_paper(party: Party, code: str, agreement: Agreement | None) -> tuple[str, bytes]:
    """Return (file name, content) of a paper as it goes to one party: what the others answered, their identity,
    address, phone and agent are kept back; their names too, but in ``SIGNED_TOGETHER``."""
    words = _words(party.dispute, agreement, reader=party, names_others=code in SIGNED_TOGETHER)
    paper = paper_named(code, party.dispute, agreement)
    return file_name(party.dispute, paper), _rendered(paper, party.dispute, agreement, words)


def _words(dispute: Dispute, agreement: Agreement | None, **given) -> dict:
    """Return what any of the papers fills in, in the language of the papers."""
    with translation.override("zh-hans"):
        return words_of(dispute, agreement, **given)


def _filed(dispute: Dispute, agreement: Agreement | None) -> list[Paper]:
    """Return the papers that the file holds: what goes to the court alone is no part of it."""
    return [paper for paper in papers_of(dispute, agreement) if not paper.for_court]


def _index(dispute: Dispute, agreement: Agreement | None) -> list[dict]:
    """Return the lines of the index: the papers, then the files of the dispute, in the order of the zip."""
    lines = [(paper.title, "") for paper in _filed(dispute, agreement) if paper.code != "cover"]
    lines += [(scan.title, scan.note) for scan in scans_listed(dispute)]
    return [{"order": order, "title": title, "note": note} for order, (title, note) in enumerate(lines, start=1)]


def _rendered(paper: Paper, dispute: Dispute, agreement: Agreement | None, words: dict) -> bytes:
    with translation.override("zh-hans"):
        if paper.code == "cover":
            words = words | {"index": _index(dispute, agreement)}
        if paper.code == "joint":
            words = words | joint_words(dispute)
        words = words | {"title_of": {paper.code: paper.title}}
        template = DocxTemplate(BytesIO(template_of(paper.layout)))
        template.render(words, autoescape=True)
    content = BytesIO()
    template.save(content)
    return content.getvalue()


def _recorded(dispute: Dispute, actor: User, grant: Grant, what: str, kind: str) -> None:
    with atomically():
        access_record(dispute, actor=actor, kind=AccessKind.EXPORTED, what=what, role=grant.role)
        export_recorded(actor, grant=grant, model="mediation.dispute", filters=["pk"], rows=1, kind=kind)
