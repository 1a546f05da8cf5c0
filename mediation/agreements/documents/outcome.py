"""How a mediation ended, as its papers tell it: by the ground that is recorded, also once it is closed or archived."""

from mediation.agreements.documents.bodies import called
from mediation.agreements.documents.days import day
from mediation.agreements.states import AgreementForm, AgreementState
from mediation.disputes.states import DeclineGround, DisputeState, ReferredTo, TerminationGround
from mediation.models import Agreement, Dispute

FORMS = {AgreementForm.WRITTEN: "书面", AgreementForm.ORAL: "口头"}
# Ended with an agreement, where no ground of another end stands beside it.
AGREED = (DisputeState.AGREED, DisputeState.CLOSED, DisputeState.ARCHIVED)
T, D = TerminationGround, DeclineGround
# What the notice of the end says, with the article where the law names the ground (domain/mediation.md, "Law").
TOLD = {
    T.NO_AGREEMENT: "你们之间的纠纷经调解未能达成{new}协议，{we}于{day}终止调解（人民调解法第二十六条）。",
    T.WITHDRAWN: "在你们之间的纠纷调解过程中，当事人要求终止调解，{we}于{day}终止调解（人民调解法第二十三条）。",
    T.TERM_OVER: "你们之间的纠纷在调解期限内未能达成{new}协议，{we}于{day}终止调解（人民调解法第二十六条）。",
    T.ABSENT: "因当事人不再到场，你们之间的纠纷未能达成{new}协议，{we}于{day}终止调解（人民调解法第二十六条）。",
    T.UNLAWFUL_AIM: "因存在利用调解达到非法目的的情形，{we}于{day}终止对你们之间纠纷的调解。",
    D.PARTY_REFUSED: "因当事人明确拒绝调解，{we}于{day}决定对你们之间的纠纷不予调解（人民调解法第十七条）。",
    D.ALREADY_DECIDED: "你们之间的纠纷已由人民法院或者行政机关受理或者处理，{we}于{day}决定不予调解。",
    D.EXCLUSIVE: "你们之间的纠纷依照法律规定只能由人民法院或者行政机关处理，{we}于{day}决定不予调解。",
    D.NO_DISPUTE: "经审查，你们提出的事项不属于可以调解的纠纷，{we}于{day}决定不予调解。",
}  # fmt: skip
REFERRED = "你们之间的纠纷应当通过其他途径处理，{we}于{day}{where}{what}。"
WHERE = {
    ReferredTo.POLICE: "公安派出所", ReferredTo.COURT: "人民法院", ReferredTo.ARBITRATION: "仲裁机构",
    ReferredTo.ADMINISTRATIVE: "行政机关", ReferredTo.OTHER: "",
}  # fmt: skip
STANDING = "此前达成的调解协议（编号 {number}，{day}生效）继续有效，当事人应当按照约定履行。"


def standing_of(dispute: Dispute) -> Agreement | None:
    """Return the agreement of a dispute that is in effect, whichever a paper is about."""
    return Agreement.objects.filter(dispute=dispute, state=AgreementState.EFFECTIVE).order_by("-id").first()


def mediated(dispute: Dispute) -> bool:
    """Whether it was accepted for mediation; what was not is not terminated either."""
    return dispute.accepted_at is not None and dispute.ended_ground not in DeclineGround.values


def result_of(dispute: Dispute, standing: Agreement | None) -> str:
    """Return what came of the mediation, empty before it has ended. ``standing``: the agreement in effect."""
    ground = str(dispute.get_ended_ground_display())
    if dispute.ended_ground in DeclineGround.values:
        return f"不予调解（{ground}）"
    if dispute.ended_ground:
        told = "未能达成新的协议" if standing else "未能达成协议"
        told += "" if dispute.ended_ground == T.NO_AGREEMENT else f"（{ground}）"
        return f"{told}；此前达成的协议（编号 {standing.number}）继续有效" if standing else told
    if dispute.state == DisputeState.REFERRED:
        return f"转介其他途径（{_referred_to(dispute)}）" if _referred_to(dispute) else "转介其他途径"
    if dispute.state in AGREED:
        return f"达成协议（{FORMS[standing.form]}）" if standing else "达成协议"
    return ""


def _referred_to(dispute: Dispute) -> str:
    return dispute.referred_to.name if dispute.referred_to else WHERE.get(dispute.referred_where, "")


def end_told(dispute: Dispute, standing: Agreement | None) -> str:
    """Return what the notice says of the end. ``standing``: the agreement in effect, where the reader may know of it;
    it binds on though a mediation after it failed."""
    told = {"we": called(dispute.unit), "day": day(dispute.ended_at), "new": "新的" if standing else ""}
    if dispute.ended_ground:
        text = TOLD[dispute.ended_ground].format(**told)
    else:
        to = _referred_to(dispute)
        where = f"将其转介{to}，" if to else ""
        what = "终止调解" if mediated(dispute) else "不予调解"
        text = REFERRED.format(where=where, what=what, **told)
    if standing is not None:
        text += STANDING.format(number=standing.number, day=day(standing.effective_on))
    return text


def matter_of(dispute: Dispute) -> str:
    """Return what a sentence calls the dispute by its type; most types end in "dispute" themselves."""
    name = dispute.type.name
    return name if name.endswith(("纠纷", "争议")) else f"{name}纠纷"
