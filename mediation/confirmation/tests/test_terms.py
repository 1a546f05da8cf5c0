"""The term of a confirmation: whose word counts until when, which days of rest move it, which are called to mind."""

from datetime import date, timedelta

import pytest

from cases.tests.api import client_of
from governance.configuration import configuration_save
from governance.errors import Conflict
from governance.models import CalendarDay, Event, Role, Timer
from governance.timers import fire_due
from governance.workflow import act
from mediation.agreements.drafting import Owed
from mediation.agreements.tests.deals import drafted, parties
from mediation.confirmation.court import admit_by
from mediation.confirmation.eligibility import applicants_of
from mediation.confirmation.tests.test_confirmation import applied, in_state, opened, wished
from mediation.disputes.parties import PartyDraft
from mediation.models import AgreementForm, ConfirmationState, JudicialConfirmation, PartySide
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
C = ConfirmationState
DAY = timedelta(days=1)
WAITING = {"kind": "mediation.confirmation_reminder", "fired_at": None, "cancelled_at": None}


def handed_in(county, row, **given):
    return act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation", **given)


def test_only_what_the_parties_had_said_by_the_day_of_the_application_counts(county, clock):
    # given one party asked on the first day, the other five days later
    row = wished(county, opened(county), 0)
    clock.move_to(NOW + 5 * DAY)
    row = wished(county, row, 1)
    clock.move_to(NOW + 6 * DAY)

    # when it is recorded as handed in on a day before the second did, then it was one party's alone
    with pytest.raises(Conflict) as refusal:
        handed_in(county, row, applied_on=(NOW + 4 * DAY).date())
    assert refusal.value.code == "one_sided"
    assert JudicialConfirmation.objects.get(pk=row.pk).state == C.ELIGIBLE

    # then on that day it was both parties'
    assert handed_in(county, row, applied_on=(NOW + 5 * DAY).date()).state == C.JOINTLY_APPLIED


def test_after_a_withdrawal_everybody_is_asked_anew(county, clock):
    # given an application that was withdrawn, and the parties want confirmation after all
    row = applied(county)
    clock.shift(DAY)
    row = act(row, "withdraw", actor=county.mediator, reason="双方再考虑")
    row = act(row, "wanted", actor=county.mediator)

    # when it is applied for on the strength of what they had said before, then it is refused
    for day in (None, NOW.date()):
        with pytest.raises(Conflict) as refusal:
            handed_in(county, row, applied_on=day)
        assert refusal.value.code == "one_sided"

    # when both said so anew, then it goes
    clock.shift(DAY)
    assert handed_in(county, wished(county, row)).state == C.JOINTLY_APPLIED


def test_a_third_person_who_owes_by_an_oral_agreement_applies_too(county):
    # given an oral agreement by which a third person owes something, and another who is only there
    dispute = county.mediating(parties=[
        *county.parties(),
        PartyDraft(side=PartySide.THIRD, name="何大勇"), PartyDraft(side=PartySide.THIRD, name="马小妹"),
    ])  # fmt: skip
    applicant, respondent, owes, stands_by = parties(dispute)
    owed = [Owed(owes, "借出梯子供修漏", date(2026, 6, 20), applicant)]
    agreement = drafted(county, dispute, form=AgreementForm.ORAL, obligations=owed)
    act(agreement, "record_oral", actor=county.mediator)
    row = JudicialConfirmation.objects.with_rows().get(agreement=agreement)

    # then that one applies with the others, the bystander does not
    assert applicants_of(row) == [applicant, respondent, owes] and stands_by not in applicants_of(row)
    row = wished(county, row)
    with pytest.raises(Conflict) as refusal:
        handed_in(county, row)
    assert refusal.value.code == "one_sided"


def rest_day(county, area: str, day: date, actor) -> CalendarDay:
    row = CalendarDay(area=county.area(area), date=day, is_workday=False, reason="临时放假")
    configuration_save(row, actor=actor, changed=["date"])
    return row


def test_a_day_of_rest_entered_for_the_city_moves_the_terms_that_run(county):
    # given a term that ends on 2 July, and one that was applied for already
    row, done = opened(county), applied(county)
    assert row.last_day == done.last_day == date(2026, 7, 2)

    # when the city rests on that day, as the State Council announced
    rest_day(county, "city", date(2026, 7, 2), county.user(Role.ADMINISTRATOR))

    # then it ends on the next day, everywhere it is told; what was applied for stays as it was
    assert JudicialConfirmation.objects.get(pk=row.pk).last_day == date(2026, 7, 3)
    moved = Event.objects.get(name="confirmation.last_day_moved")
    assert (moved.subject_id, moved.payload) == (row.pk, {"last_day": "2026-07-03", "before": "2026-07-02"})
    assert JudicialConfirmation.objects.get(pk=done.pk).last_day == date(2026, 7, 2)
    told = client_of(county.mediator).get(f"/api/v1/mediation/confirmations/{row.pk}/").json()
    assert told["last_day"] == "2026-07-03"


@pytest.mark.parametrize("area", ["district", "street", "community"])
def test_a_day_of_rest_of_a_place_moves_no_term_of_the_law(county, area, clock):
    # given the community (the street, the district) rests on the last day, and on the last of the court's three days
    row, received = wished(county, opened(county)), in_state(county, C.RECEIVED)
    CalendarDay.objects.create(area=county.area(area), date=date(2026, 7, 2), is_workday=False, reason="庙会")
    CalendarDay.objects.create(area=county.area(area), date=date(2026, 6, 5), is_workday=False, reason="庙会")

    # then the day after it is too late all the same, and the court's days run on
    assert admit_by(received) == date(2026, 6, 5)
    clock.move_to(NOW + 31 * DAY)
    with pytest.raises(Conflict) as refusal:
        handed_in(county, row)
    assert refusal.value.code == "late"


def test_nobody_is_reminded_of_a_day_gone_by(county, clock):
    # given an oral agreement reached twelve days ago, recorded only now
    clock.move_to(NOW - 14 * DAY)
    dispute = county.mediating()
    clock.move_to(NOW)
    agreement = drafted(county, dispute, form=AgreementForm.ORAL, made_on=(NOW - 12 * DAY).date(), obligations=[])
    act(agreement, "record_oral", actor=county.mediator)
    row = JudicialConfirmation.objects.get(agreement=agreement)

    # then days 20 and 27 are to come, day 7 is not made up for
    days = Timer.objects.filter(**WAITING, subject_id=row.pk).order_by("due_at").values_list("payload__day", flat=True)
    assert list(days) == [20, 27]
    fire_due()
    assert not Event.objects.filter(name="confirmation.reminded").exists()

    # when it is not wanted and, on day 23, wanted after all, then only day 27 is left
    row = act(row, "not_wanted", actor=county.mediator)
    clock.move_to(NOW + 11 * DAY)
    act(row, "wanted", actor=county.mediator)
    days = Timer.objects.filter(**WAITING, subject_id=row.pk).values_list("payload__day", flat=True)
    assert list(days) == [27]


def test_the_clerk_sees_what_happened_from_the_application_on(county):
    # given wishes and a decision of the mediator before the application
    row = act(opened(county), "judge", actor=county.mediator, concerns_identity=False, concerns_title=False,
              reason="仅涉及修缮费用")  # fmt: skip
    row = applied(county, row)
    address = f"/admin/mediation/judicialconfirmation/{row.pk}/change/"

    # then its clerk reads of the application, the mediator of all
    told = client_of(county.people["judges_clerk"]).get(address).content.decode()
    assert "已申请司法确认" in told and "仅涉及修缮费用" not in told and "已登记当事人是否申请" not in told
    told = client_of(county.mediator).get(address).content.decode()
    assert "仅涉及修缮费用" in told
