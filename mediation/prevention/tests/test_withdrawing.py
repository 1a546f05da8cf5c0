"""What was brought in wrongly is withdrawn together, counts nowhere, and can be brought in rightly."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Role, User
from mediation.models import EarlyWarning, Signal, SignalBatch, SignalSource, WarningEvent, WarningWatch
from mediation.prevention.receiving import records_receive
from mediation.prevention.signals import signal_report
from mediation.prevention.tests.test_signals import CENTRE, LEAKS, record, take
from mediation.prevention.tests.village import HOTLINE
from mediation.prevention.withdrawing import signals_withdraw
from mediation.warning.issues import issues_work_out
from mediation.warning.streams import Ground, first_days_of, happenings
from mediation.warning.telling import events_told

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/mediation/signal-batches/"
WHY = "映射漏了社区一栏"


@pytest.fixture
def hotline(county) -> SignalSource:
    """A source whose mapping forgot the column of areas."""
    wrong = {"fields": {name: rule for name, rule in HOTLINE["fields"].items() if name != "area"}}
    return SignalSource.objects.create(code="hotline", name="热线", channel="hotline", area=county.area("district"),
                                       mapping=wrong)  # fmt: skip


def told_rightly(hotline) -> SignalSource:
    hotline.mapping = HOTLINE
    hotline.save()
    return hotline


def counted(county) -> list:
    day = Signal.all_ever.first().event_date
    rows = happenings(Ground.of(county.area("district")), day - timedelta(days=60), day + timedelta(days=60))
    return [(row.pk, row.place) for row in rows]


def as_it_is() -> tuple:
    rows = [list(model.order_by("pk").values()) for model in (Signal.all_ever, SignalBatch.objects)]
    return *rows, Event.objects.count()


def test_a_wrong_import_is_withdrawn_and_the_right_one_takes_its_place(county, hotline):
    # given two records read by a mapping that forgot their area, which the mended one does not amend
    lines = [record(1), record(2, 来电号码="13900002222")]
    wrong = [one.signal for one in take(county, hotline, *lines)]
    assert [one.status for one in take(county, told_rightly(hotline), *lines)] == ["repeated"] * 2
    batch = SignalBatch.objects.get()
    assert (batch.source, batch.area, batch.records) == (hotline, county.area("district"), 2)
    assert counted(county) == [(one.pk, None) for one in wrong]
    # when who brought them in withdraws them
    centre = client_of(county.user(CENTRE))
    assert [row["may_withdraw"] for row in centre.get(DOOR).json()["results"]] == [True]
    answer = centre.post(f"{DOOR}{batch.pk}/withdraw/", {"reason": WHY}, format="json")
    assert answer.status_code == 200 and answer.json()["withdrawn"] == 2 and not answer.json()["may_withdraw"]
    # then they count nowhere and tell nothing
    assert counted(county) == [] and issues_work_out(wrong[0].event_date) == 0 and not Signal.objects.exists()
    assert first_days_of(Ground.of(county.area("district")), wrong[0].event_date) == {}
    assert set(Signal.all_ever.values_list("text", "complainant", "external_id", "text_digest")) == {("",) * 4}
    assert centre.get(f"/api/v1/mediation/signals/{wrong[0].pk}/").status_code == 404
    event = Event.objects.get(name="signals.withdrawn")
    assert event.payload == {"batch": batch.number, "signals": 2, "kept": 0} and event.remark.text == WHY
    # and the same records, read rightly, are new and count in their community
    right = take(county, hotline, *lines)
    assert [one.status for one in right] == ["new"] * 2
    place = Ground.of(county.area("district")).places.index(county.area("community"))
    assert counted(county) == [(one.signal.pk, place) for one in right]
    # what is withdrawn is not withdrawn again
    with pytest.raises(Conflict):
        signals_withdraw(batch, actor=county.user(CENTRE), reason=WHY)


def test_who_withdraws(county, hotline):
    take(county, hotline, record(1))
    batch, before = SignalBatch.objects.get(), as_it_is()
    for role in (Role.COUNTY_CENTRE, Role.TOWNSHIP_MEDIATOR, Role.VILLAGE_MEDIATOR, Role.GRID_WORKER):
        with pytest.raises(NotPermitted):
            signals_withdraw(batch, actor=county.user(role), reason=WHY)
    with pytest.raises(NotPermitted):
        signals_withdraw(batch, actor=county.outsider(CENTRE), reason=WHY)
    with pytest.raises(Invalid) as refused:
        signals_withdraw(batch, actor=county.user(CENTRE), reason=" ")
    assert refused.value.field == "reason" and as_it_is() == before
    # at the doors: mediators have none, the county's centre sees it only
    assert client_of(county.mediator).get(DOOR).status_code == 403
    other = client_of(county.user(Role.COUNTY_CENTRE))
    assert other.get(DOOR).json()["results"][0]["may_withdraw"] is False
    assert other.post(f"{DOOR}{batch.pk}/withdraw/", {"reason": WHY}, format="json").status_code == 403
    assert other.get(f"/admin/mediation/signalbatch/{batch.pk}/withdraw/").status_code == 403
    assert as_it_is() == before
    # an administrator does, at the form too
    admin = client_of(county.user(Role.ADMINISTRATOR))
    page = f"/admin/mediation/signalbatch/{batch.pk}/"
    assert f"{page}withdraw/" in admin.get(f"{page}change/").content.decode()
    assert admin.get("/admin/mediation/signalbatch/").status_code == 200
    assert admin.post(f"{page}withdraw/", {"reason": ""}, format="multipart").status_code == 400
    assert admin.post(f"{page}withdraw/", {"reason": WHY}, format="multipart").status_code == 302
    assert SignalBatch.objects.get().withdrawn == 1 and not Signal.objects.exists()


def test_what_became_a_hazard_stays(county, hotline):
    told = take(county, told_rightly(hotline), record(1), record(2), record(3, 来电号码="13900002222"))
    made = signal_report(told[0].signal, actor=county.mediator)
    batch = signals_withdraw(SignalBatch.objects.get(), actor=county.user(CENTRE), reason=WHY)
    assert batch.withdrawn == 1
    assert set(Signal.objects.values_list("hazard", flat=True)) == {made.pk} and Signal.objects.count() == 2
    # and where all did, nothing is withdrawn
    (one,) = take(county, hotline, record(4, 来电号码="13900004444"))
    signal_report(one.signal, actor=county.mediator, words="另一件事")
    before = as_it_is()
    with pytest.raises(Conflict):
        signals_withdraw(SignalBatch.objects.get(records=1), actor=county.user(CENTRE), reason=WHY)
    assert as_it_is() == before


def test_what_repeated_a_withdrawn_one_is_judged_anew(county, hotline):
    # given an event of March wrongly brought in, and its repeats of before and after, 50 days apart
    told_rightly(hotline)
    take(county, hotline, record(1, 受理时间="2026-03-31 09:00"))
    days = ("2026-03-06 09:00", "2026-03-08 09:00", "2026-04-25 09:00")
    later = [one.signal for one in take(county, hotline, *(record(2 + n, 受理时间=day) for n, day in enumerate(days)))]
    assert list(Signal.objects.events().values_list("external_id", flat=True)) == ["W1"]
    # when it is withdrawn, then the first of each 30 days heads the others
    signals_withdraw(SignalBatch.objects.order_by("pk").first(), actor=county.user(CENTRE), reason=WHY)
    heads = dict(Signal.objects.values_list("pk", "duplicate_of"))
    assert heads == {later[0].pk: None, later[1].pk: later[0].pk, later[2].pk: None}


def test_what_a_source_sends_on_a_day_is_one_and_a_request_is_one(county, hotline):
    intake = User.objects.system("intake")
    for number in range(3):
        records_receive([record(number)], actor=intake, source=hotline)
    assert SignalBatch.objects.values_list("records", "brought_by").get() == (3, intake.pk)
    given = {"channel": "opinion", "text": LEAKS, "received_at": "2026-05-01 08:00", "type": "neighbours"}
    areas = [county.area(name).code for name in ("grid", "community")]
    for _again in range(2):
        records_receive([given | {"area": code} for code in areas], actor=county.user(CENTRE))
    own = SignalBatch.objects.filter(source=None)
    assert list(own.values_list("records", "area")) == [(2, county.area("community").pk)] * 2
    # after a withdrawal what it sends that day is another
    signals_withdraw(SignalBatch.objects.get(source=hotline), actor=county.user(Role.ADMINISTRATOR), reason=WHY)
    records_receive([record(1)], actor=intake, source=hotline)
    assert SignalBatch.objects.filter(source=hotline).count() == 2


def test_a_warning_says_which_of_its_events_were_withdrawn(county, hotline):
    (one,) = take(county, told_rightly(hotline), record(1))
    day = one.signal.event_date
    watch = WarningWatch.objects.create(code="w", name="临江区", area=county.area("district"))
    warning = EarlyWarning.objects.create(
        watch=watch, method="scan", stream="hotline", type=county.type(), area=county.area("community"),
        places=[county.area("community").code], first_day=day, last_day=day, observed=5, expected=1.0,
        recurrence_days=200, level="yellow", last_seen=day,
    )  # fmt: skip
    WarningEvent.objects.create(warning=warning, signal=one.signal)
    admin = county.user(Role.ADMINISTRATOR)
    assert "撤回" not in events_told(warning, admin)[0].channel
    signals_withdraw(SignalBatch.objects.get(), actor=admin, reason=WHY)
    (row,) = events_told(warning, admin)
    assert "撤回" in row.channel and row.url == ""
