"""A file is one batch, whatever its size; its source is chosen by code or by name, and said where it is needed."""

import pytest

from cases.tests.api import client_of
from governance.exchange import engine
from governance.exchange.runs import carry_out, import_now
from governance.exchange.tests.material import text
from governance.models import Appointment, User
from mediation.models import SignalBatch, SignalSource
from mediation.prevention.drafts import Reader
from mediation.prevention.taking import Taking
from mediation.prevention.tests.test_signals import LEAKS
from mediation.prevention.tests.test_signals_csv import ADMIN, API, HEADER, PLACE, ROWS, upload
from mediation.prevention.tests.village import HOTLINE

pytestmark = pytest.mark.django_db
CENTRE = "operations_centre"


@pytest.fixture
def hotline(county) -> SignalSource:
    Appointment.objects.filter(user=county.user(CENTRE)).update(area=county.area("district"))
    return SignalSource.objects.create(code="hotline", name="网上留言板", channel="hotline",
                                       area=county.area("district"), mapping=HOTLINE)  # fmt: skip


def many(count: int) -> list[list[str]]:
    return [[f"W{n}", "2026-05-01 09:30", f"1390000{n:04}", PLACE, "邻里矛盾", f"{LEAKS}{n}", ""] for n in range(count)]


def test_a_file_stored_in_parts_is_one_batch_and_one_withdrawal(county, hotline, monkeypatch):
    # given that only two rows are stored at once
    monkeypatch.setattr(engine, "PART", 2)
    centre = county.user(CENTRE)
    # when a file of five comes in, twice brought in the same day
    for file in (many(5), [[f"X{row[0]}", *row[1:5], f"{row[5]}！", ""] for row in many(3)]):
        import_now(actor=centre, key="mediation.signals", sources=[text([HEADER, *file], "a.csv", "utf-8")],
                   options={"source": "hotline"})  # fmt: skip
    # then each file is one batch, with all it brought
    first, second = SignalBatch.objects.order_by("pk")
    assert (first.records, first.signals.count()) == (5, 5) and (second.records, second.signals.count()) == (3, 3)
    answer = client_of(centre).post(
        f"/api/v1/mediation/signal-batches/{first.pk}/withdraw/", {"reason": "错"}, format="json"
    )
    assert answer.status_code == 200 and answer.json()["withdrawn"] == 5


def test_the_area_of_a_batch_holds_what_later_parts_bring(county, monkeypatch):
    # given a file without a source, by our own columns, of two communities, stored row by row
    monkeypatch.setattr(engine, "PART", 1)
    areas = [county.area("community"), county.area("other_community")]
    head = ["received_at", "channel", "area", "text"]
    rows = [["2026-05-01 09:30", "hotline", area.code, f"{LEAKS}{area.code}"] for area in areas]
    import_now(actor=county.user(CENTRE), key="mediation.signals", sources=[text([head, *rows], "a.csv", "utf-8")])
    batch = SignalBatch.objects.get()
    assert batch.records == 2 and all(area.path.startswith(batch.area.path) for area in areas)


def test_what_a_source_sends_on_a_day_stays_one_batch(county, hotline):
    system = User.objects.system("signals")
    for number in (1, 2):
        taking = Taking(system, hotline)
        draft = Reader(hotline).read(dict(zip(HEADER, many(3)[number], strict=True)), "")
        taking.foresee([draft])
        taking.store([taking.judge(draft)])
    assert SignalBatch.objects.get().records == 2


def test_the_source_is_chosen_from_those_in_use_and_may_be_named(county, hotline):
    SignalSource.objects.create(code="old", name="旧热线", channel="hotline", area=county.area("district"),
                                mapping=HOTLINE, is_active=False)  # fmt: skip
    SignalSource.objects.create(code="far", name="外区热线", channel="hotline", area=county.area("other_district"),
                                mapping=HOTLINE)  # fmt: skip
    centre = client_of(county.user(CENTRE))
    # when the form is opened
    page = centre.get(f"{ADMIN}add/?importer=mediation.signals").content.decode()
    # then it offers the sources in use of the own area, by name and code
    assert '<option value="hotline">网上留言板 (hotline)</option>' in page
    assert "旧热线" not in page and "外区热线" not in page
    # and by REST the name does as well as the code
    body = {"importer": "mediation.signals", "source": "网上留言板", "file": upload(ROWS, "gbk")}
    told = centre.post(API, body, format="multipart")
    assert told.status_code == 201 and told.json()["adds"] == 3
    centre.post(f"{API}{told.json()['id']}/confirm/")
    assert carry_out(told.json()["id"]).state == "done"
    assert SignalBatch.objects.get().source == hotline


@pytest.mark.parametrize("source", ["外区热线", "far", "旧热线", "没有的"])
def test_no_other_source_and_the_refusal_tells_which_there_are(county, hotline, source):
    SignalSource.objects.create(code="old", name="旧热线", channel="hotline", area=county.area("district"),
                                mapping=HOTLINE, is_active=False)  # fmt: skip
    SignalSource.objects.create(code="far", name="外区热线", channel="hotline", area=county.area("other_district"),
                                mapping=HOTLINE)  # fmt: skip
    body = {"importer": "mediation.signals", "source": source, "file": upload(ROWS, "gbk")}
    answer = client_of(county.user(CENTRE)).post(API, body, format="multipart")
    (error,) = answer.json()["errors"]
    assert answer.status_code == 400 and (error["attr"], error["code"]) == ("source", "does_not_exist")
    assert "网上留言板 (hotline)" in error["detail"] and "外区热线 (far)" not in error["detail"]


def test_two_sources_of_one_name_are_told_apart_by_code(county, hotline):
    SignalSource.objects.create(code="second", name="网上留言板", channel="petition", area=county.area("district"),
                                mapping=HOTLINE)  # fmt: skip
    body = {"importer": "mediation.signals", "source": "网上留言板", "file": upload(ROWS, "gbk")}
    (error,) = client_of(county.user(CENTRE)).post(API, body, format="multipart").json()["errors"]
    assert error["code"] == "ambiguous" and "(hotline)" in error["detail"] and "(second)" in error["detail"]


def test_a_file_of_other_columns_without_a_source_is_told_to_choose_one(county, hotline):
    body = {"importer": "mediation.signals", "file": upload(ROWS, "gbk")}
    (error,) = client_of(county.user(CENTRE)).post(API, body, format="multipart").json()["errors"]
    assert (error["attr"], error["code"]) == ("file", "unreadable_file")
    assert "工单编号" in error["detail"] and "请选择它的来源" in error["detail"]


def test_a_batch_leads_to_what_it_brought(county, hotline):
    # given two files, and the page of the first batch
    centre = county.user(CENTRE)
    for name in "XY":
        file = [[f"{name}{row[0]}", *row[1:5], f"{row[5]}{name}", ""] for row in many(2)]
        import_now(actor=centre, key="mediation.signals", sources=[text([HEADER, *file], "a.csv", "utf-8")],
                   options={"source": "hotline"})  # fmt: skip
    client, batch = client_of(centre), SignalBatch.objects.earliest("pk")
    page = client.get(f"/admin/mediation/signalbatch/{batch.pk}/change/").content.decode()
    link = f"/admin/mediation/signal/?batch={batch.pk}"
    # then its link shows its own records
    assert f'href="{link}"' in page
    answer = client.get(link)
    assert answer.status_code == 200
    assert set(answer.context["cl"].queryset) == set(batch.signals.all()) and batch.signals.count() == 2
