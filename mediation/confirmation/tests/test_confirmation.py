"""Applying for confirmation in time and together; the court's steps; who may."""

from datetime import date, timedelta

import pytest

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, NoticeTemplate, Timer
from governance.timers import fire_due
from governance.workflow import act, steps_of
from mediation.agreements.tests.deals import effective, parties, replaced
from mediation.confirmation.eligibility import reasons_of
from mediation.models import ConfirmationConsent, ConfirmationState, JudicialConfirmation
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
C = ConfirmationState
LAST = NOW + timedelta(days=30)  # 2 July 2026, a Thursday


# Handed in within the term and recorded after it: why, and what proves the day.
PROOF = {"reason": "双方自行邮寄，事后告知", "proof": "EMS1098765432CN"}


def opened(county, **given) -> JudicialConfirmation:
    """The confirmation of an agreement that took effect on 2 June 2026."""
    agreement = effective(county, county.mediating(**given))
    return JudicialConfirmation.objects.with_rows().get(agreement=agreement)


def wished(county, row, *who):
    """Both parties (or some) asked for it."""
    for party in [party for n, party in enumerate(parties(row.dispute)) if n in (who or (0, 1))]:
        row = act(row, "consent", actor=county.handler(row.dispute), party=party, answer="agreed", how="recorded")
    return row


def applied(county, row=None, **given):
    row = wished(county, row or opened(county))
    usual = {"actor": county.handler(row.dispute), "court": county.unit("court"), "basis": "mediation"}
    return act(row, "apply", **(usual | given))


WAYS = {
    C.JOINTLY_APPLIED: [], C.RECEIVED: ["receive"], C.ADMITTED: ["receive", "admit"],
    C.VALID: ["receive", "admit", "confirm"], C.REJECTED: ["receive", "not_admit"], C.WITHDRAWN: ["withdraw"],
}  # fmt: skip
GIVEN = {
    "admit": {"number": "（2026）云9902民特12号"}, "confirm": {"number": "（2026）云9902民特12号"},
    "reject": {"ground": "358_5", "reason": "内容不明确"}, "not_admit": {"ground": "355_3", "reason": "涉及身份关系"},
    "withdraw": {"reason": "双方已履行"}, "hand_back": {"reason": "未按期补交身份证明"},
    **{f"back_to_{state}": {"reason": "录错"} for state in ("applied", "received", "admitted")},
    "extend": {"reason": "案情复杂"}, "judge": {"concerns_identity": False, "concerns_title": False},
}  # fmt: skip
CLERK = ("receive", "admit", "extend", "confirm", "not_admit", "reject", "hand_back", "back_to_applied",
         "back_to_received", "back_to_admitted")  # fmt: skip


def in_state(county, state):
    if state == C.ELIGIBLE:
        return opened(county)
    if state == C.NOT_WANTED:
        return act(opened(county), "not_wanted", actor=county.mediator)
    if state == C.REPLACED:
        return JudicialConfirmation.objects.with_rows().get(agreement=replaced(county))
    row = applied(county)
    for step in WAYS[state]:
        actor = county.people["judges_clerk"] if step in CLERK else county.mediator
        row = act(row, step, actor=actor, **GIVEN.get(step, {}))
    return row


def given_for(county, step, row):
    if step == "consent":
        return {"party": parties(row.dispute)[0], "answer": "agreed"}
    if step == "correct":
        return {"court": county.unit("court"), "basis": "mediation", "reason": "写错"}
    if step == "apply":
        return {"court": county.unit("court"), "basis": "mediation"}
    return GIVEN.get(step, {})


def snapshot(row):
    fresh = JudicialConfirmation.objects.get(pk=row.pk)
    return fresh.state, fresh.version, ConfirmationConsent.objects.count(), Event.objects.count()


def test_from_effect_to_enforcement(county):
    # given an agreement in effect, of which both parties want confirmation
    clerk, row = county.people["judges_clerk"], applied(county)
    assert row.state == C.JOINTLY_APPLIED and row.applied_on == NOW.date()

    # when the court receives, admits and confirms it
    row = act(row, "receive", actor=clerk)
    row = act(row, "admit", actor=clerk, **GIVEN["admit"])
    assert row.decide_by == date(2026, 6, 17)
    row = act(row, "extend", actor=clerk, **GIVEN["extend"])
    assert row.decide_by == date(2026, 6, 29) and row.extended  # 27 June is a Saturday
    row = act(row, "confirm", actor=clerk, **GIVEN["confirm"])

    # then it may be enforced, and that is noted
    assert row.state == C.VALID
    row = act(row, "note_enforcement", actor=county.mediator, number="（2026）云9902执3号")
    assert row.enforcement_on == NOW.date()


def test_a_party_alone_is_refused_and_the_article_named(county):
    # given only one party asks for it
    row = wished(county, opened(county), 0)
    before = snapshot(row)

    # when it is applied for, then it is refused
    with pytest.raises(Conflict) as refusal:
        act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")
    assert refusal.value.code == "one_sided"
    told = str(refusal.value.detail)
    assert "民事诉讼法第二百零五条" in told and "人民调解法第三十三条" in told
    assert "马国梁" not in str(refusal.value.detail)  # masked
    assert snapshot(row) == before


def test_the_last_word_of_a_party_counts(county):
    row = wished(county, opened(county))
    act(row, "consent", actor=county.mediator, party=parties(row.dispute)[1], answer="refused")
    with pytest.raises(Conflict) as refusal:
        act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")
    assert refusal.value.code == "one_sided"


def test_on_the_last_day_it_is_in_time_and_on_the_next_too_late(county, clock):
    row = wished(county, opened(county))
    clock.move_to(LAST + timedelta(days=1))
    before = snapshot(row)
    with pytest.raises(Conflict) as refusal:
        act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")
    assert refusal.value.code == "late" and "第二百零五条" in str(refusal.value.detail)
    assert "2026-07-02" in str(refusal.value.detail) and snapshot(row) == before
    assert JudicialConfirmation.objects.get(pk=row.pk).late

    # posted on the last day: the way in the post does not count
    assert act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation",
               applied_on=LAST.date(), **PROOF).applied_on == LAST.date()  # fmt: skip


def test_late_in_time_because_of_the_holiday(county, clock):
    # given an agreement whose thirtieth day is the first day of the Spring Festival
    clock.move_to(NOW.replace(month=1, day=16))
    row = wished(county, opened(county))
    assert row.last_day == date(2026, 2, 24)
    clock.move_to(NOW.replace(month=2, day=24, hour=23))
    assert applied(county, row).state == C.JOINTLY_APPLIED


@pytest.mark.parametrize(
    ("sign", "decided", "code", "article"),
    [
        ("identity_relation", None, "identity_undecided", "第三百五十五条"),
        ("identity_relation", True, "identity", "第三百五十五条"),
        ("title_to_property", None, "title_undecided", "第三百五十五条"),
        ("title_to_property", True, "title", "第三百五十五条"),
    ],
)  # fmt: skip
def test_what_no_court_confirms(county, sign, decided, code, article):
    # given a type that may be about identity or title
    row = wished(county, opened(county))
    setattr(row.dispute.type, sign, True)
    row.dispute.type.save()
    field = "concerns_identity" if "identity" in sign else "concerns_title"
    if decided is not None:
        act(row, "judge", actor=county.mediator, **(GIVEN["judge"] | {field: decided}))

    # then applying is refused with the article; once a person decided it is not about that, it goes
    with pytest.raises(Conflict) as refusal:
        act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")
    assert refusal.value.code == code and article in str(refusal.value.detail)
    act(row, "judge", actor=county.mediator, **GIVEN["judge"])
    assert act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation").applied_on


def test_reasons_say_what_to_mind(county):
    row = opened(county)
    for obligation in row.agreement.obligations.all():
        act(obligation, "perform_whole", actor=county.mediator)
    codes = [(reason.code, reason.blocks) for reason in reasons_of(row)]
    assert codes == [("one_sided", True), ("performed", False)]


@pytest.mark.parametrize(
    ("court", "basis", "source", "field"),
    [
        ("court", "invited", "application", "basis"), ("court", "mediation", "court", "basis"),
        ("medcom", "domicile", "application", "court"),
    ],
)  # fmt: skip
def test_a_court_that_is_not_competent(county, court, basis, source, field):
    row = wished(county, opened(county, source=source))
    with pytest.raises(Invalid) as refusal:
        act(row, "apply", actor=county.mediator, court=county.unit(court), basis=basis)
    assert refusal.value.field == field


def test_reminders_on_days_7_20_and_27(county, clock):
    NoticeTemplate.objects.create(key="confirmation_reminder", language="zh-hans",
                                  context="mediation.judicialconfirmation", title="{{ dispute }}",
                                  body="{{ day }} {{ last_day }}")  # fmt: skip
    row = opened(county)
    for day in (7, 20, 27):
        clock.move_to(NOW.replace(hour=8, minute=59) + timedelta(days=day))
        fire_due()
        clock.move_to(NOW.replace(hour=9, minute=1) + timedelta(days=day))
        fire_due()
        assert JudicialConfirmation.objects.get(pk=row.pk).reminded_day == day
    notices = Notice.objects.filter(body__endswith="2026-07-02").order_by("id")
    assert [notice.body.split()[0] for notice in notices] == ["7", "20", "27"]
    assert {notice.person for notice in notices} == {county.mediator}


@pytest.mark.parametrize("end", ["apply", "not_wanted"])
def test_no_reminders_once_it_is_decided(county, clock, end):
    row = opened(county)
    row = applied(county, row) if end == "apply" else act(row, "not_wanted", actor=county.mediator)
    assert not Timer.objects.filter(kind="mediation.confirmation_reminder", cancelled_at=None, fired_at=None).exists()
    clock.move_to(NOW + timedelta(days=29))
    fire_due()
    assert not Event.objects.filter(name="confirmation.reminded").exists()


def test_wanted_after_all_only_within_the_term(county, clock):
    row = act(opened(county), "not_wanted", actor=county.mediator)
    assert act(row, "wanted", actor=county.mediator).state == C.ELIGIBLE
    row = act(JudicialConfirmation.objects.get(pk=row.pk), "not_wanted", actor=county.mediator)
    clock.move_to(LAST + timedelta(days=1))
    with pytest.raises(Conflict) as refusal:
        act(row, "wanted", actor=county.mediator)
    assert refusal.value.code == "late"


def test_a_party_answers_by_the_own_account_for_itself_only(county):
    row, own = opened(county), county.people["neighbour"]
    applicant, respondent = parties(row.dispute)
    with pytest.raises(NotPermitted):
        act(row, "consent", actor=own, party=respondent, answer="agreed", how="recorded")
    with pytest.raises(Invalid):
        act(row, "consent", actor=county.mediator, party=applicant, answer="agreed", how="account")
    act(row, "consent", actor=own, party=applicant, answer="agreed", how="account")
    assert ConfirmationConsent.objects.get().recorded_by == own


def test_the_court_sees_it_only_once_it_is_applied_for(county):
    row, clerk = opened(county), county.people["judges_clerk"]
    assert not JudicialConfirmation.objects.visible_to(clerk).exists()
    applied(county, row)
    assert JudicialConfirmation.objects.visible_to(clerk).get() == row
    assert not ConfirmationConsent.objects.visible_to(clerk).exists()


def test_before_admission_nothing_is_rejected_and_a_ground_of_article_355_is_named(county):
    # given what the court has received
    row = in_state(county, C.RECEIVED)
    before = snapshot(row)

    # then it is not rejected yet, and not admitted on a ground of Article 355 only
    with pytest.raises(Conflict):
        act(row, "reject", actor=county.people["judges_clerk"], ground="358_5", reason="不明确")
    with pytest.raises(Invalid) as refusal:
        act(row, "not_admit", actor=county.people["judges_clerk"], ground="358_5", reason="不明确")
    assert refusal.value.field == "ground" and snapshot(row) == before

    # when it is admitted, then it may be rejected on any ground
    row = act(row, "admit", actor=county.people["judges_clerk"], **GIVEN["admit"])
    row = act(row, "reject", actor=county.people["judges_clerk"], ground="358_5", reason="不明确")
    assert row.state == C.REJECTED and row.ground == "358_5"


def test_ten_days_more_only_once(county):
    row = act(in_state(county, C.ADMITTED), "extend", actor=county.people["judges_clerk"], **GIVEN["extend"])
    with pytest.raises(Conflict) as refusal:
        act(row, "extend", actor=county.people["judges_clerk"], **GIVEN["extend"])
    assert refusal.value.code == "extended"


@pytest.mark.parametrize("state", C.values)
def test_each_step_only_from_its_states(county, state):
    row = in_state(county, state)
    before = snapshot(row)
    for name, step in steps_of(JudicialConfirmation).items():
        if state not in step.sources and not step.quiet:
            actor = county.people["judges_clerk"] if name in CLERK else county.mediator
            with pytest.raises((Conflict, NotPermitted)):
                act(row, name, actor=actor, **given_for(county, name, row))
            assert snapshot(row) == before, name
