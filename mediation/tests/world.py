"""One dispute with a row of everything that mediation keeps; the words of each class of field are marked.

What a service would not make of a dispute in this state is put into the table as it is: here it is read only.
"""

from datetime import date, timedelta

from django.utils import timezone

from governance.attachments import read_uploads
from governance.tests.test_attachments import photo
from governance.workflow import act, perform
from mediation.access import access_record
from mediation.agreements.tests.deals import effective, parties
from mediation.disputes.police import police_report
from mediation.files.keeping import file_add
from mediation.followup.counselling import counselling_offer
from mediation.joint.notes import note_write
from mediation.joint.respected_helpers import helper_register
from mediation.joint.tiers import tier_escalate
from mediation.models import (
    AgentAuthorisation,
    BreakGlass,
    DepartmentTask,
    Dispute,
    EarlyWarning,
    FormerAnswer,
    FormerName,
    FormerResult,
    Hazard,
    HelperInvitation,
    HotIssue,
    JudicialConfirmation,
    MediationRule,
    PaperText,
    PartyReply,
    Recusal,
    RoutesTold,
    Signal,
    SignalBatch,
    SignalSource,
    SignatureDay,
    Sitting,
    StreamNull,
    Track,
    WarningEvent,
    WarningWatch,
)
from mediation.papers.links import link_make
from mediation.prevention.keys import signal_key_issue
from mediation.prevention.reporting import figures_of, hazard_report
from mediation.tests.county import County

# What each class of field looks like in the world.
MARKS = {
    "title": "泡坏天花板", "facts": "吵了三次", "claim": "修好漏水并赔偿", "amount": "43210", "name": "何秀英",
    "former": "马国粱", "phone": "13900003001", "identity": "990102197001011238",
    "agreement": "六月二十日前把漏水处修好",
    "caucus": "私下愿意让到两千", "record": "双方到场各自陈述", "recusal": "据说与对方同乡", "police": "扬言要带人上门",
    "reason": "村里调了两回都不成", "briefing": "请就漏水责任组织协商", "task": "管道是公共部位吗",
    "former_answer": "先前答复归业主自修", "former_result": "先前写成各付一半",
    "place": "楼下小卖部后屋", "summary": "两家为屋顶渗水有争执", "agent": "代理人秦律师",
    "file": "阳台渗水照片两张", "hazard": "半夜又摔东西又骂人", "signal": "来电称楼道堆物起争执",
}  # fmt: skip
TODAY = date(2026, 6, 2)


def whole(county: County) -> Dispute:
    """Return the dispute, in mediation, with everything of it around."""
    dispute = county.mediating(amount="43210.00")
    dispute.parties.filter(side="respondent").update(agent=MARKS["agent"])
    _said(county, dispute)
    _agreed(county, dispute)
    _joint(county, dispute)
    _helped(county, dispute)
    _filed(county, dispute)
    _read(county, dispute)
    _prevention(county, dispute)
    _warned(county)
    Dispute.objects.filter(pk=dispute.pk).update(state="mediating")  # organs read their track of an open one only
    return Dispute.objects.get(pk=dispute.pk)


def _said(county, dispute):
    for kind in ("caucus", "record"):
        note_write(dispute, actor=county.mediator, kind=kind, text=MARKS[kind])
    police_report(dispute, actor=county.mediator, ground="escalation", words=MARKS["police"])
    RoutesTold.objects.create(dispute=dispute, party=parties(dispute)[0], how="oral", told_by=county.mediator)
    MediationRule.objects.create(area=county.area("city"), valid_from=TODAY)
    PaperText.objects.create(area=county.area("city"), sentence="notice_local", valid_from=TODAY, text="咨询请到社区")


def _agreed(county, dispute):
    agreement = effective(county, dispute, clauses=["六月二十日前把漏水处修好。"])
    PartyReply.objects.create(dispute=dispute, agreement=agreement, party=parties(dispute)[0], performed="yes")
    represented = parties(dispute)[1]
    FormerName.objects.create(dispute=dispute, party=represented, name=MARKS["former"], corrected_by=county.mediator)
    SignatureDay.objects.create(dispute=dispute, signature=agreement.signatures.first(), on=TODAY,
                                recorded_by=county.mediator)  # fmt: skip
    AgentAuthorisation.objects.create(dispute=dispute, party=represented, agent=represented.agent, number="授1",
                                      signed_on=TODAY, scope="special", recorded_by=county.mediator,
                                      at=timezone.now())  # fmt: skip
    row = JudicialConfirmation.objects.with_rows().get(agreement=agreement)
    for party in parties(dispute):
        row = act(row, "consent", actor=county.mediator, party=party, answer="agreed", how="recorded")
    act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")
    referral = counselling_offer(Dispute.objects.get(pk=dispute.pk), actor=county.mediator, party=parties(dispute)[0])
    referral = act(referral, "consent", actor=county.mediator)
    act(referral, "refer", actor=county.mediator, counsellor=county.people["counsellor"])


def _joint(county, dispute):
    Dispute.objects.filter(pk=dispute.pk).update(state="mediating")
    tier_escalate(Dispute.objects.get(pk=dispute.pk), actor=county.mediator, reason=MARKS["reason"])
    track = Track.objects.create(dispute=dispute, kind="administrative", organ=county.unit("police"),
                                 briefing=MARKS["briefing"], invited_by=county.mediator)  # fmt: skip
    FormerResult.objects.create(dispute=dispute, track=track, result=MARKS["former_result"],
                                given_by=county.people["police_department"], given_at=timezone.now())  # fmt: skip
    task = DepartmentTask.objects.create(dispute=dispute, unit=county.unit("municipal"), facts=MARKS["task"],
                                         question=MARKS["task"], answer_by=TODAY + timedelta(days=5),
                                         asked_by=county.people["county_centre"])  # fmt: skip
    FormerAnswer.objects.create(dispute=dispute, task=task, text=MARKS["former_answer"], answer_by=TODAY,
                                answered_by=county.people["joint_department"], answered_at=timezone.now())  # fmt: skip
    now = timezone.now()
    Sitting.objects.create(dispute=dispute, kind="on_site", place=MARKS["place"], starts_at=now,
                           ends_at=now + timedelta(hours=1), planned_by=county.mediator)  # fmt: skip


def _helped(county, dispute):
    helper = helper_register(actor=county.mediator, user=county.people["respected_helper"],
                             area=county.area("community"), standing="teacher", fields=[county.type()])  # fmt: skip
    HelperInvitation.objects.create(dispute=dispute, helper=helper, summary=MARKS["summary"], state="invited",
                                    until=TODAY + timedelta(days=10), proposed_by=county.mediator)  # fmt: skip


def _filed(county, dispute):
    """Evidence, a signed agreement that the court reads too, and the document of the track of the police."""
    track = dispute.tracks.get()
    Track.objects.filter(pk=track.pk).update(state="working", person=county.people["police_department"],
                                             accepted_at=timezone.now(), legal_basis="治安管理处罚法")  # fmt: skip
    for given in ({"kind": "evidence", "caption": MARKS["file"]}, {"kind": "signed_agreement", "for_court": True},
                  {"kind": "track_document", "track": track}):  # fmt: skip
        file_add(dispute, actor=county.mediator, uploads=read_uploads([photo()]), **given)


def _read(county, dispute):
    """A recusal asked for, a glass that was broken and has closed again, a link of a party, a reading."""
    now = timezone.now()
    Recusal.objects.create(dispute=dispute, mediator=county.people["colleague"], ground="interest",
                           words=MARKS["recusal"], recorded_by=county.mediator)  # fmt: skip
    BreakGlass.objects.create(dispute=dispute, person=county.people["administrator"], reason="信访核查",
                              opened_at=now - timedelta(hours=2), until=now - timedelta(hours=1))  # fmt: skip
    link_make(parties(dispute)[0], actor=county.mediator)
    access_record(dispute, actor=county.mediator)


def hazard_of(county: County, dispute: Dispute, words: str, **given) -> Hazard:
    """Let the grid worker have reported the hazard that became a dispute."""
    hazard = hazard_report(actor=county.user("grid_worker"), words=words, area=county.area("grid"), **given)
    told = {name: given[name] for name in ("violence", "urgency") if name in given}
    hazard = act(hazard, "assess", actor=county.mediator, type=dispute.type, people=3, **told)
    payload = figures_of(hazard) | {"dispute": dispute.number}
    return perform(hazard, "convert", actor=county.mediator, dispute=dispute, at=timezone.now(), payload=payload)[0]


def _prevention(county, dispute):
    hazard = hazard_of(county, dispute, MARKS["hazard"])
    source = SignalSource.objects.create(code="hotline", name="12345", channel="hotline", area=county.area("city"))
    signal_key_issue(source, actor=county.user("administrator"))
    batch = SignalBatch.objects.create(source=source, area=source.area, brought_by=county.user("county_centre"))
    Signal.objects.create(source=source, batch=batch, channel="hotline", area=county.area("community"),
                          type=county.type(), event_date=TODAY, received_at=timezone.now(), hazard=hazard,
                          text=MARKS["signal"])  # fmt: skip


def _warned(county):
    watch = WarningWatch.objects.create(code="city", name="全市", area=county.area("city"))
    type_ = county.type()
    days = {"first_day": TODAY, "last_day": TODAY}
    StreamNull.objects.create(watch=watch, stream="reports", type=type_, made_on=TODAY, places=2, daily=1, drawn=1,
                              top=[1.0])  # fmt: skip
    warning = EarlyWarning.objects.create(
        watch=watch, method="scan", stream="reports", type=type_, area=county.area("community"), places=[], observed=5,
        expected=1.0, recurrence_days=200, level="yellow", last_seen=TODAY, **days,
    )  # fmt: skip
    WarningEvent.objects.create(warning=warning, signal=Signal.objects.get())
    HotIssue.objects.create(area=county.area("community"), type=type_, label="楼道", people=5, records=6, heat=1,
                            made_on=TODAY, **days)  # fmt: skip
