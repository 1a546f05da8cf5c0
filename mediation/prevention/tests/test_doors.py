"""The doors of prevention: every step by every role through admin, API and phone; signals by key and by file."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from cases.tests.pages import photo
from cases.tests.patrols import a_beat, a_round
from governance.events import registered
from governance.models import Attachment, Event, Role
from governance.scoping import forget_grants
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from mediation.models import Dispute, Hazard, Signal, SignalKey
from mediation.prevention.keys import signal_key_issue, signal_key_revoke
from mediation.prevention.tests.test_signals import LEAKS, record
from mediation.prevention.tests.village import KEEPERS, STEPS, WORDS, hazard, in_state, posted

pytestmark = pytest.mark.django_db
API = "/api/v1/mediation"


def client(county, key: str):
    forget_grants(county.people[key])
    return client_of(county.people[key])


def test_the_steps_are_complete():
    assert_steps_are_complete(Hazard)
    assert {one.event for one in steps_of(Hazard).values()} <= set(registered())
    assert {name for name, one in steps_of(Hazard).items() if not one.quiet} == set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_every_step_by_every_role_through_admin_api_and_phone(county, name):
    for door in ("admin", "api", "phone"):
        for key in sorted(county.people):
            found = in_state(county, STEPS[name])
            before = snapshot(found), Dispute.objects.count(), Event.objects.count()
            if door == "api":
                answer = client(county, key).post(f"{API}/hazards/{found.pk}/transitions/{name}/", posted(name),
                                                  format="json")  # fmt: skip
            else:
                page = f"/m/hazards/{found.pk}/{name}/" if door == "phone" else (
                    f"/admin/mediation/hazard/{found.pk}/transition/{name}/"
                )  # fmt: skip
                answer = client(county, key).post(page, posted(name), format="multipart")
            after = snapshot(found), Dispute.objects.count(), Event.objects.count()
            if key in KEEPERS:
                assert answer.status_code == (200 if door == "api" else 302), (door, key, answer.content[:400])
                assert after[0] != before[0] and after[2] > before[2]
            else:
                assert answer.status_code in (302, 401, 403, 404), (door, key)
                assert after == before, (door, key)


def test_relations_agree_in_lists_and_objects(county):
    hazard(county)
    hazard(county, violence=True)
    assert_relation_forms_agree(Hazard.objects.with_rows(), list(county.people.values()))


def test_a_hazard_is_reported_from_the_phone(county):
    worker = client(county, "grid_worker")
    page = worker.get("/m/hazards/new/").content.decode()
    assert 'name="words"' in page and 'name="photos"' in page and "data-speak" in page
    assert "/m/hazards/new/" in worker.get("/m/").content.decode()
    # when words, a position and a photo are sent, twice because the network was slow
    form = {"words": WORDS, "longitude": "112.905", "latitude": "28.205", "once": str(uuid.uuid4()), "urgent": "on",
            "parties": "何家与马家"}  # fmt: skip
    for _time in range(2):
        answer = worker.post("/m/hazards/new/", form | {"photos": photo()}, format="multipart")
        assert answer.status_code == 302 and answer["Location"] == "/m/hazards/#stored"
    found = Hazard.objects.get()
    assert (found.area, found.urgency, found.parties) == (county.area("grid"), "urgent", "何家与马家")
    attached = Attachment.objects.get(subject_id=found.pk, subject_type="mediation.hazard")
    # then who reported it reads the own words and the outcome, and no more
    act(found, "assess", actor=county.mediator, type=county.type(), finding="已上门，情况属实")
    told = worker.get(f"/m/hazards/{found.pk}/").content.decode()
    assert WORDS in told and "已研判" in told and "情况属实" not in told and "transition" not in told
    assert "data-step" not in told and county.mediator.name not in told
    # and the mediator reads all of it, with the photo
    told = client(county, "village_mediator").get(f"/m/hazards/{found.pk}/").content.decode()
    assert "情况属实" in told and 'data-step="convert"' in told
    assert client(county, "village_mediator").get(f"/files/{attached.pk}/").status_code == 200
    assert client(county, "community_staff").get(f"/files/{attached.pk}/").status_code == 404
    assert client(county, "community_staff").get(f"/m/hazards/{found.pk}/").status_code == 404
    assert client(county, "handler").post("/m/hazards/new/", form, format="multipart").status_code == 403


def test_a_converted_hazard_leads_who_carries_the_dispute_on_to_it_and_nobody_else(county):
    found = in_state(county, "converted")
    number, page = found.dispute.number, f"/m/hazards/{found.pk}/"
    link = f'href="/m/disputes/{found.dispute_id}/"'
    told = client(county, "village_mediator").get(page).content.decode()
    assert link in told and number in told
    told = client(county, "village_mediator").get(f"/admin/mediation/hazard/{found.pk}/change/").content.decode()
    assert f'href="/admin/mediation/dispute/{found.dispute_id}/change/"' in told
    told = client(county, "grid_worker").get(page).content.decode()
    assert "已转为纠纷" in told and link not in told and number not in told


@pytest.mark.parametrize(("state", "main"), [("reported", "assess"), ("assessed", "convert"), ("watched", "look")])
def test_the_main_button_of_the_phone_is_what_comes_next(county, state, main):
    page = client(county, "village_mediator").get(f"/m/hazards/{in_state(county, state).pk}/").content.decode()
    looks = {name: look for look, name in re.findall(r'class="button main ?(\w*)" data-step="(\w+)"', page)}
    assert [name for name, look in looks.items() if not look] == [main] and looks.get("watch", "quiet") == "quiet"


def test_without_a_position_the_own_grid_is_taken_and_nothing_is_lost(county):
    worker = client(county, "grid_worker")
    assert 'value="990102001001001" selected' in worker.get("/m/hazards/new/").content.decode()
    wrong = worker.post("/m/hazards/new/", {"words": "", "once": str(uuid.uuid4())}, format="multipart")
    assert wrong.status_code == 400 and not Hazard.objects.exists()
    far = {"words": WORDS, "longitude": "100", "latitude": "20", "once": str(uuid.uuid4())}
    assert worker.post("/m/hazards/new/", far, format="multipart").status_code == 400
    form = {"words": WORDS, "area": "990102001001001", "once": str(uuid.uuid4())}
    assert worker.post("/m/hazards/new/", form, format="multipart").status_code == 302
    assert Hazard.objects.get().area == county.area("grid")


def test_a_hazard_is_reported_on_a_round(county):
    patrol = a_round(a_beat(county.city))
    worker = client(county, "grid_worker")
    act(patrol, "start", actor=county.user(Role.GRID_WORKER))
    assert f"/m/hazards/new/{patrol.pk}/" in worker.get(f"/m/patrols/{patrol.pk}/").content.decode()
    answer = worker.post(
        f"/m/hazards/new/{patrol.pk}/", {"words": WORDS, "once": str(uuid.uuid4())}, format="multipart"
    )
    assert answer["Location"] == f"/m/patrols/{patrol.pk}/#stored"
    assert (Hazard.objects.get().patrol, Hazard.objects.get().source) == (patrol, "patrol")
    assert client(county, "outside_grid_worker").get(f"/m/hazards/new/{patrol.pk}/").status_code == 404


def test_the_api_reports_lists_and_masks(county):
    body = {"words": WORDS, "longitude": 112.905, "latitude": 28.205, "parties": "何家与马家"}
    made = client(county, "grid_worker").post(f"{API}/hazards/", body, format="json")
    assert made.status_code == 201 and set(made.json()) == {
        "id", "number", "words", "parties", "area", "area_name", "place", "reported_at", "state", "state_label",
        "version", "transitions",
    }  # fmt: skip
    pk = made.json()["id"]
    # the grid worker follows it under mine, and opens nothing else
    mine = client(county, "grid_worker").get(f"{API}/hazards/mine/").json()["results"]
    assert [row["id"] for row in mine] == [pk] and "type" not in mine[0]
    assert client(county, "grid_worker").get(f"{API}/hazards/").status_code == 403
    row = client(county, "village_mediator").get(f"{API}/hazards/{pk}/").json()
    assert row["parties"] == "何家与马家" and row["transitions"] == ["assess", "reword", "move"]
    # the township's list is masked
    assert client(county, "township_mediator").get(f"{API}/hazards/{pk}/").status_code == 404
    listed = client(county, "township_mediator").get(f"{API}/hazards/listed/")
    assert [one["number"] for one in listed.json()["results"]] == [row["number"]]
    assert "何家" not in listed.content.decode() and "宅基地边界" not in listed.content.decode()
    # who only counts, counts
    for key in ("administrator", "operations_centre", "county_centre"):
        assert client(county, key).get(f"{API}/hazards/{pk}/").status_code in (403, 404)
        own, within = ("990102", "990102001") if key == "county_centre" else (county.area("city").code, "990102")
        figures = client(county, key).get(f"{API}/hazards/figures/", {"area": own}).json()
        assert client(county, key).get(f"{API}/hazards/figures/", {"area": within}).status_code == 403
        # of a quarter that is not over they are told nothing
        assert (figures["states"], figures["until"]) == ([], "2026-03-31")
    assert client(county, "grid_worker").get(f"{API}/hazards/figures/", {"area": "990102"}).status_code == 403
    assert client(county, "outside_county_centre").get(f"{API}/hazards/figures/?area=990102").status_code == 403
    for wrong in ({"words": ""}, {"words": "x", "longitude": 1e300}, {"words": "a\0b", "area": "990102001001001"},
                  {"words": "x", "area": "99"}, {"words": "x", "patrol": 999}, {"words": "x", "people": 10**12},
                  {"words": "x", "area": "990102001001001", "seen_at": "9999-12-31T23:59:59Z"}):  # fmt: skip
        answer = client(county, "village_mediator").post(f"{API}/hazards/", wrong, format="json")
        assert answer.status_code == 400, (wrong, answer.content)
    assert Hazard.objects.count() == 1


def test_the_admin_shows_keeps_and_exports_no_words(county):
    found = in_state(county, "watched", parties="何家与马家")
    desk = client(county, "village_mediator")
    told = desk.get(f"/admin/mediation/hazard/{found.pk}/change/").content.decode()
    assert WORDS in told and "何家与马家" in told and "持续关注" in told
    assert desk.get("/admin/mediation/hazard/").status_code == 200
    for key in ("grid_worker", "administrator", "county_centre", "community_staff", "joint_department", "judges_clerk"):
        assert client(county, key).get(f"/admin/mediation/hazard/{found.pk}/change/").status_code in (302, 403), key
    form = {"words": "来电反映邻居争吵", "area": "990102001001", "source": "hotline", "urgency": "normal"}
    assert desk.get("/admin/mediation/hazard/add/").status_code == 200
    assert desk.post("/admin/mediation/hazard/add/", form, format="multipart").status_code == 302
    assert Hazard.objects.latest("id").source == "hotline"
    assert desk.post("/admin/mediation/hazard/add/", form | {"words": ""}, format="multipart").status_code == 400
    assert client(county, "county_centre").get("/admin/mediation/hazard/add/").status_code == 403
    exported = desk.post("/admin/mediation/hazard/export/", {"format": "csv"}, format="multipart")
    told = (b"".join(exported) if exported.streaming else exported.content).decode("utf-8", "replace")
    assert exported.status_code == 200 and found.number in told
    assert "何家" not in told and "宅基地边界" not in told and "情况" not in told


def test_lists_cost_the_same_whatever_their_length(county):
    def cost(address: str) -> int:
        desk = client(county, "village_mediator")
        desk.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(address).status_code == 200
        return len(asked)

    addresses = ("/admin/mediation/hazard/", f"{API}/hazards/", f"{API}/hazards/listed/", "/m/hazards/", "/m/")
    hazard(county)
    few = [cost(address) for address in addresses]
    for _number in range(8):
        in_state(county, "watched")
        hazard(county)
    assert [cost(address) for address in addresses] == few


def test_a_source_sends_with_its_key(county, hotline):
    administrator = county.user(Role.ADMINISTRATOR)
    key, secret = signal_key_issue(hotline, actor=administrator)
    sender, address = client_of(), f"{API}/signal-intake/hotline/"
    header = {"HTTP_AUTHORIZATION": f"Signals {secret}"}
    body = {"records": [record(1), record(2), record(1), record(3, 所属社区="无此地")]}
    answer = sender.post(address, body, format="json", **header)
    assert answer.status_code == 202
    told = answer.json()["results"]
    assert [one["status"] for one in told] == ["new", "duplicate", "repeated", "rejected"]
    assert told[1]["duplicate_of"] == told[0]["signal"] and told[3]["errors"][0]["field"] == "area"
    assert Signal.objects.count() == 2
    # what is no list of objects, or another's address, or a key that was revoked, brings in nothing
    for wrong in ({}, {"records": []}, {"records": ["x"]}, {"records": [record(n) for n in range(501)]}):
        assert sender.post(address, wrong, format="json", **header).status_code == 400
    assert sender.post(f"{API}/signal-intake/other/", body, format="json", **header).status_code == 403
    assert sender.post(address, body, format="json").status_code == 401
    signal_key_revoke(key, actor=administrator)
    assert sender.post(address, body, format="json", **header).status_code == 401
    assert Signal.objects.count() == 2 and SignalKey.objects.count() == 1


def test_staff_bring_in_and_read_signals_by_the_api(county, hotline):
    ours = {"received_at": "2026-05-01 08:00", "channel": "petition", "area": "990102001001", "text": LEAKS,
            "complainant": "139"}  # fmt: skip
    for key in sorted(county.people):
        answer = client(county, key).post(f"{API}/signals/", {"records": [ours]}, format="json")
        may = key in ("administrator", "operations_centre", "county_centre")
        outside = key in ("outside_administrator", "outside_operations_centre", "outside_county_centre")
        assert answer.status_code == (201 if may or outside else 403), (key, answer.content)
        if outside:
            assert answer.json()["results"][0]["status"] == "rejected"
    assert (Signal.objects.count(), Signal.objects.events().count()) == (3, 1)
    answer = client(county, "county_centre").post(
        f"{API}/signals/", {"source": "hotline", "records": [record(7)]}, format="json"
    )
    assert answer.json()["results"][0]["status"] == "new"
    assert client(county, "grid_worker").get(f"{API}/signals/").status_code == 403
    assert len(client(county, "village_mediator").get(f"{API}/signals/", {"counted": True}).json()["results"]) == 2
    head = Signal.objects.events().order_by("id").first()
    mediator = client(county, "village_mediator")
    for key in ("county_centre", "grid_worker", "outside_village_mediator"):
        refused = client(county, key).post(f"{API}/signals/{head.pk}/report/", {}, format="json")
        assert refused.status_code in (403, 404) and not Hazard.objects.exists()
    made = mediator.post(f"{API}/signals/{head.pk}/report/", {}, format="json")
    assert made.status_code == 201 and made.json()["source"] == "petition"
    assert mediator.post(f"{API}/signals/{head.pk}/report/", {}, format="json").status_code == 409
    typed = mediator.post(f"{API}/signals/{head.pk}/type/", {"type": None}, format="json")
    assert typed.status_code == 200 and typed.json()["type"] is None
    sources = client(county, "county_centre").get(f"{API}/signal-sources/").json()["results"]
    assert [one["code"] for one in sources] == ["hotline"]


def test_the_editor_of_a_saved_mapping(county, hotline):
    boss = client(county, "administrator")
    page = boss.get(f"/admin/mediation/signalsource/{hotline.pk}/change/").content.decode()
    assert "/api/v1/mediation/signal-intake/hotline/" in page
    # when a sample is tried that was copied out of a spreadsheet
    mapping = f"/admin/mediation/signalsource/{hotline.pk}/mapping/"
    form = {
        "path_text": "诉求内容", "path_received_at": "受理时间", "path_complainant": "来电号码",
        "path_area": "所属社区",
        "path_type": "诉求类别", "values_type": "邻里矛盾 = neighbours\n* =", "path_external_id": "工单编号",
        "sample": "工单编号\t诉求内容\t受理时间\t来电号码\t所属社区\t诉求类别\n"
                  f"W1\t{LEAKS}\t2026-05-01\t139\t990102001001\t邻里矛盾",
    }  # fmt: skip
    tried = boss.post(mapping, form | {"try": "1"}, format="multipart").content.decode()
    assert "会作为信号导入" in tried and "只保存散列值" in tried and "邻里纠纷" in tried
    assert (
        "无法导入"
        in boss.post(mapping, form | {"try": "1", "path_received_at": "没有这列"}, format="multipart").content.decode()
    )
    # then it is saved with the source
    assert boss.post(mapping, form | {"save": "1"}, format="multipart").status_code == 302
    hotline.refresh_from_db()
    assert hotline.mapping["fields"]["type"] == {"path": "诉求类别", "values": {"邻里矛盾": "neighbours", "*": ""}}
    for key in ("county_centre", "operations_centre", "village_mediator"):
        assert client(county, key).post(mapping, form | {"save": "1"}, format="multipart").status_code == 403


def test_the_admin_of_signals(county):
    signal = Signal.objects.create(channel="hotline", area=county.area("community"), event_date="2026-05-01",
                                   received_at="2026-05-01T08:00+08:00", text=LEAKS)  # fmt: skip
    desk = client(county, "village_mediator")
    assert LEAKS in desk.get(f"/admin/mediation/signal/{signal.pk}/change/").content.decode()
    assert desk.get("/admin/mediation/signal/").status_code == 200
    kept = f"/admin/mediation/signal/{signal.pk}/type/"
    assert desk.post(kept, {"type": "neighbours"}, format="multipart").status_code == 302
    report = f"/admin/mediation/signal/{signal.pk}/report/"
    assert desk.get(report).status_code == 200
    form = {"area": "990102001001", "words": LEAKS}
    before = Hazard.objects.count()
    assert client(county, "county_centre").post(report, form, format="multipart").status_code in (400, 403)
    assert Hazard.objects.count() == before
    sent = desk.post(report, form, format="multipart")
    signal.refresh_from_db()
    assert sent["Location"] == f"/admin/mediation/hazard/{signal.hazard_id}/change/"
    assert (signal.type.code, signal.hazard.type.code) == ("neighbours", "neighbours")
    assert client(county, "grid_worker").get("/admin/mediation/signal/").status_code in (302, 403)


def test_who_may_not_read_the_hazard_comes_back_to_the_signal(county):
    # given the township's mediator, who reads hazards that are grave, and a signal that is not
    signal = Signal.objects.create(channel="hotline", area=county.area("community"), event_date="2026-05-01",
                                   received_at="2026-05-01T08:00+08:00", text=LEAKS)  # fmt: skip
    address = f"/admin/mediation/signal/{signal.pk}"
    form = {"area": "990102001001", "words": LEAKS}

    # when they report it, then they are led to a page that opens
    township = client(county, "township_mediator")
    sent = township.post(f"{address}/report/", form, format="multipart")
    assert sent.status_code == 302 and Hazard.objects.get().reporter == county.people["township_mediator"]
    assert sent["Location"] == f"{address}/change/" and township.get(sent["Location"]).status_code == 200
