"""Every step by every role, through service, admin and API; residents' pages; imports; lists at the same cost."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.errors import NotPermitted, Refused
from governance.events import registered
from governance.exchange.engine import check, run
from governance.exchange.files import Source
from governance.models import Event
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import steps_of
from partners.models import Need, NeedRaiser, NeedVisit
from partners.needs.importers import NeedImporter
from partners.needs.tests.test_visits import logged

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "party_secretary", "organiser", "property_manager", "steward", "partner_manager", "resident",
    "doctor", "raiser",
]  # fmt: skip
KEEPERS = {"partner_manager", "community_staff"}
DOING = KEEPERS | {"doctor"}
WHY = {"reason": "情况有变"}
WORDS = {"title": "长者手机课", "category": "elders", "group": "elders", "urgency": "normal"}
# By hand: who may, from which state, with what form.
STEPS = {
    "amend": (KEEPERS, "registered", WORDS), "verify": (KEEPERS, "registered", {}),
    "merge": (KEEPERS, "verified", {"into": "?"}), "open_case": (KEEPERS, "verified", {"description": "灯不亮"}),
    "transfer": (KEEPERS, "verified", {"unit": "clinic"}), "adopt": (KEEPERS, "verified", {}),
    "decline": (KEEPERS, "verified", WHY), "solve": (DOING, "transferred", {"evidence": "办好了"}),
    "call_back": (KEEPERS, "solved", {"satisfied": "yes"}), "split": (KEEPERS, "merged", WHY),
    "take_back": (KEEPERS, "adopted", WHY), "reconsider": (KEEPERS, "declined", WHY),
    "reopen": (KEEPERS, "solved", WHY),
}  # fmt: skip
# What the services take besides what ``hall.step`` gives.
SERVICE = {
    "amend": lambda hall: WORDS | {"category": hall.category(), "description": "", "people": None},
    **dict.fromkeys(("split", "take_back", "reconsider", "reopen"), lambda hall: WHY),
}  # fmt: skip
SEES = KEEPERS | {"administrator", "operations_centre", "grid_worker", "organiser", "party_secretary"}


def user_of(hall, role: str):
    return hall.neighbour(0) if role == "raiser" else hall.city.user(role)


def made(hall, state: str) -> Need:
    """Return a need of the grid, raised by neighbour 0 and registered by the manager, in a state."""
    need = hall.need(area=hall.city.area("grid"))
    NeedRaiser.objects.create(need=need, user=hall.neighbours[0])
    return hall.go(need, state)


def form_of(hall, given: dict) -> dict:
    return given | ({"into": hall.in_state("verified").number} if "into" in given else {})


def test_the_table_names_every_step_and_the_steps_are_complete(hall):
    assert set(steps_of(Need)) == set(STEPS)
    assert_steps_are_complete(Need)
    assert {step.event for step in steps_of(Need).values()} <= set(registered())


@pytest.mark.parametrize("name", STEPS)
def test_every_step_by_every_role_through_admin_and_api(hall, name):
    allowed, state, given = STEPS[name]
    step = steps_of(Need)[name]
    for door in ("admin", "api"):
        for role in ROLES:
            need, user = made(hall, state), user_of(hall, role)
            may = role in allowed and (role != "doctor" or state == "transferred")
            fresh = Need.objects.with_rows().get(pk=need.pk)
            assert (grant_for(step.allow, fresh, user) is not None) == may, (door, role)
            form, before = form_of(hall, given), snapshot(need)
            if door == "api":
                answer = client_of(user).post(f"/api/v1/needs/{need.pk}/transitions/{name}/", form, format="json")
            else:
                page = f"/admin/partners/need/{need.pk}/transition/{name}/"
                answer = client_of(user).post(page, form, format="multipart")
            if may:
                assert answer.status_code == (200 if door == "api" else 302), (role, answer.content[:300])
                assert Need.objects.get(pk=need.pk).version == need.version + 1
            else:
                assert answer.status_code in (302, 403, 404), (door, role)
                with pytest.raises(NotPermitted):
                    hall.step(need, name, by=user, **(SERVICE[name](hall) if name in SERVICE else {}))
                assert snapshot(need) == before, (door, role)


def test_every_step_from_every_other_state_is_refused_and_changes_nothing(hall):
    from_state = {name: set(steps_of(Need)[name].sources) for name in STEPS}
    staff = client_of(hall.manager)
    for state in ("registered", "verified", "merged", "transferred", "adopted", "declined", "solved", "called_back"):
        need = made(hall, state)
        before = snapshot(need)
        for name, (_allowed, _state, given) in STEPS.items():
            if state in from_state[name] and not (name == "reopen" and state == "called_back"):
                continue
            body = given | ({"into": "N000001"} if "into" in given else {})
            answer = staff.post(f"/api/v1/needs/{need.pk}/transitions/{name}/", body, format="json")
            assert answer.status_code == 409, (state, name, answer.content)
            with pytest.raises(Refused):
                given = SERVICE[name](hall) if name in SERVICE else {}
                hall.step(need, name, **given, **({"into": need} if name == "merge" else {}))
        assert snapshot(need) == before


def test_a_stale_screen_and_a_missing_reason_are_told(hall):
    staff, need = client_of(hall.manager), made(hall, "verified")
    url = f"/api/v1/needs/{need.pk}/transitions/"
    assert staff.post(f"{url}adopt/", {"version": 0}, format="json").status_code == 409
    answer = staff.post(f"{url}decline/", {}, format="json")
    assert answer.status_code == 400 and "reason" in answer.content.decode()
    for into in ("", "N9", "x", "N" + "9" * 30, need.number):
        assert staff.post(f"{url}merge/", {"into": into}, format="json").status_code == 400, into
    assert Need.objects.get(pk=need.pk).state == "verified"


def test_who_sees_needs_and_lists_agree_with_single_objects(hall):
    need = made(hall, "transferred")
    hall.need(actor=hall.city.outsider("partner_manager"), area=hall.city.area("other_community"))
    logged(hall)
    for role in ROLES:
        seen = role in SEES | {"doctor"}
        answer = client_of(user_of(hall, role)).get(f"/api/v1/needs/{need.pk}/")
        assert answer.status_code == 200 if seen else answer.status_code in (403, 404), role
        page = client_of(user_of(hall, role)).get(f"/admin/partners/need/{need.pk}/change/")
        assert page.status_code == 200 if seen else page.status_code in (302, 403, 404), role
        if role not in ("doctor", "raiser", "administrator", "operations_centre"):
            outside = client_of(hall.city.outsider(role)).get(f"/api/v1/needs/{need.pk}/")
            assert outside.status_code in (403, 404), role
    people = [*hall.city.people.values(), *hall.neighbours]
    for model in (Need, NeedVisit):
        assert_relation_forms_agree(model.objects, people)


def test_names_are_masked_in_the_api_for_who_only_looks(hall):
    need = made(hall, "registered")
    for role, name in (("partner_manager", "张奶奶"), ("administrator", "张**")):
        told = client_of(hall.city.user(role)).get(f"/api/v1/needs/{need.pk}/").json()
        assert told["raisers"][0]["name"] == name
        listed = client_of(hall.city.user(role)).get("/api/v1/needs/")
        assert "张奶奶" not in listed.content.decode()


def test_a_resident_raises_a_need_on_the_phone_and_reads_what_became_of_it(hall):
    own, other = client_of(hall.neighbour(0)), client_of(hall.neighbour(1))
    assert "needs/" in own.get("/r/mine/").content.decode()
    assert own.get("/r/needs/new/").status_code == 200
    for wrong in ({"title": ""}, {"title": "长" * 81}, {"title": "\0"}, {"title": "x", "category": "none"},
                  {"title": "x", "group": "none"}, {"title": "x", "dwelling": "GY-1-1-102"}):  # fmt: skip
        sent = {"group": "everybody"} | wrong
        assert own.post("/r/needs/new/", sent, format="multipart").status_code == 400, wrong
    assert not Need.objects.exists()
    assert own.post("/r/needs/new/", {"title": "长者食堂", "group": "elders"}, format="multipart").status_code == 302
    need = Need.objects.get()
    hall.go(need, "declined")
    page = own.get("/r/needs/").content.decode()
    assert "长者食堂" in page and "本年度没有经费" in page
    assert "长者食堂" not in other.get("/r/needs/").content.decode()
    told = own.get(f"/api/v1/me/needs/{need.pk}/").json()
    assert told["state"] == "declined" and "本年度没有经费" in told["became"]
    assert other.get(f"/api/v1/me/needs/{need.pk}/").status_code == 404
    assert client_of().get("/r/needs/").status_code == 302
    # nobody without a home here
    stranger = client_of(hall.city.user("resident"))
    assert stranger.post("/api/v1/me/needs/", {"title": "x"}, format="json").status_code == 403
    assert stranger.post("/r/needs/new/", {"title": "x", "group": "elders"}, format="multipart").status_code == 403
    assert Need.objects.count() == 1


def test_the_api_of_residents_and_staff_registers_needs(hall):
    own = client_of(hall.neighbour(0))
    made_ = own.post("/api/v1/me/needs/", {"title": "长者食堂", "anonymous": True}, format="json")
    assert made_.status_code == 201 and made_.json()["anonymous"]
    for wrong in ({"title": ""}, {"people": 10**10}, {"category": "x"}, {"dwelling": "GY-1-1-102"}, {"title": "\0"}):
        answer = own.post("/api/v1/me/needs/", {"title": "长者食堂"} | wrong, format="json")
        assert answer.status_code in (400, 403), wrong
    assert len(own.get("/api/v1/me/needs/").json()["results"]) == 1
    # nobody at work reads who it was, in no door
    need, staff = Need.objects.get(), client_of(hall.manager)
    seen = staff.get(f"/api/v1/needs/{need.pk}/").content.decode()
    seen += staff.get(f"/admin/partners/need/{need.pk}/change/").content.decode()
    assert "邻居0" not in seen and hall.neighbours[0].phone not in seen
    body = {"title": "加装电梯", "area": hall.city.area("community").code, "estate": "GY", "building": "1",
            "source": "phone", "name": "李叔", "phone": "13900009999"}  # fmt: skip
    for wrong in ({"source": "rumour"}, {"area": "000000"}, {"estate": "no"}, {"building": "9"}, {"phone": "x"},
                  {"raised_at": "9999-12-31T23:59:59Z"}, {"raised_at": "2030-01-01T00:00:00Z"}, {"title": "\0"},
                  {"description": "长" * 2001}):  # fmt: skip
        assert staff.post("/api/v1/needs/", body | wrong, format="json").status_code == 400, wrong
    assert staff.post("/api/v1/needs/", body, format="json").status_code == 201
    assert client_of(hall.city.user("administrator")).post("/api/v1/needs/", body, format="json").status_code == 403
    assert Need.objects.count() == 2


def test_the_pages_of_staff_show_board_groups_and_form(hall):
    staff = client_of(hall.manager)
    for title in ("教老人用智能手机", "长者智能手机培训"):
        hall.step(hall.need(title=title), "verify")
    board = staff.get("/admin/partners/need/board/").content.decode()
    assert "教老人用智能手机" in board
    groups = staff.get("/admin/partners/need/groups/").content.decode()
    assert "data-merge" in groups and "智能手机" in groups
    # the button merges
    first, second = Need.objects.order_by("id")
    merge = f"/admin/partners/need/{second.pk}/transition/merge/"
    assert staff.post(merge, {"into": first.number}, format="multipart").status_code == 302
    assert Need.objects.get(pk=second.pk).merged_into == first
    assert "data-merge" not in client_of(hall.city.user("administrator")).get(
        "/admin/partners/need/groups/").content.decode()  # fmt: skip
    assert staff.get("/admin/partners/need/groups/?category=none").status_code == 404
    assert staff.get("/admin/partners/need/board/?community=990102002001").status_code == 403
    form = WORDS | {"area": hall.city.area("community").code, "source": "phone", "name": "李叔"}
    assert staff.post("/admin/partners/need/add/", form | {"phone": "x"}, format="multipart").status_code == 400
    assert staff.post("/admin/partners/need/add/", form, format="multipart").status_code == 302
    assert client_of(hall.city.user("administrator")).get("/admin/partners/need/add/").status_code == 403
    told = staff.get("/api/v1/needs/groups/?community=990102001001")
    assert told.status_code == 200
    assert staff.get("/api/v1/needs/figures/?community=990102001001").json()["visits"]["visits"] == 0
    assert staff.get("/api/v1/needs/figures/?community=990102002001").status_code == 403
    assert staff.get(f"/api/v1/needs/{first.pk}/similar/").status_code == 200
    assert "needs-verify" in staff.get("/admin/").content.decode() or staff.get("/admin/").status_code == 200


def test_filters_find_what_is_asked_for(hall):
    staff, need = client_of(hall.manager), made(hall, "verified")
    for query, number in (
        ("state=verified", 1), ("state=solved", 0), ("overdue=true", 0), ("overdue=false", 1), ("category=elders", 1),
        ("area=990102001001", 1), ("source=phone&urgency=normal", 1),
    ):  # fmt: skip
        assert len(staff.get(f"/api/v1/needs/?{query}").json()["results"]) == number, query
    for query in (f"area={hall.city.area('community').pk}", "due=overdue", "state__exact=verified", "q=手机"):
        assert staff.get(f"/admin/partners/need/?{query}").status_code == 200, query
    assert staff.get(f"/admin/partners/needvisit/?area={hall.city.area('community').pk}").status_code == 200
    assert need.number in staff.get(f"/admin/partners/need/?area={hall.city.area('community').pk}").content.decode()


def test_lists_and_pages_cost_the_same_for_any_number_of_rows(hall):
    staff, own = client_of(hall.manager), client_of(hall.neighbour(0))
    need = made(hall, "verified")
    pages = [(staff, "/api/v1/needs/"), (staff, "/admin/partners/need/"), (staff, "/admin/partners/need/board/"),
             (staff, "/admin/partners/need/groups/"), (staff, f"/admin/partners/need/{need.pk}/change/"),
             (staff, "/api/v1/needs/groups/?community=990102001001"), (own, "/r/needs/"),
             (own, "/api/v1/me/needs/")]  # fmt: skip
    counts = []
    for _turn in range(2):
        for number in range(2):
            hall.step(made(hall, "verified"), "merge", into=need)
            hall.own(0, f"长者食堂{number}")
            made(hall, "solved")
        counts.append({})
        for client, address in pages:
            client.get(address)
            with CaptureQueriesContext(connection) as found:
                assert client.get(address).status_code == 200, address
            counts[-1][address] = len(found)
    detail = f"/admin/partners/need/{need.pk}/change/"
    assert counts[0] == counts[1], (counts, detail)
    assert max(counts[1].values()) <= 30, counts[1]


SHEET = (
    "title,category,area,estate,building,source,raised_at,group,people,urgency,name,phone\n"
    "教老人用手机,elders,990102001001,GY,1,问卷,2026-05-20 09:00,老年人,30,normal,张奶奶,13900001111\n"
    "装充电桩,,990102001001,,,phone,2026-05-21,,,,,\n"
)


def test_needs_collected_elsewhere_come_in_as_a_sheet_and_go_out_as_one(hall):
    staff = client_of(hall.manager)
    lines = SHEET.replace("问卷", "questionnaire").replace("老年人", "elders").splitlines()
    wrong = "\n".join([*lines, "坏,none,990102001001,,,phone,2026-05-21,,,,,", ",,9,,,x,9999-99-99,,-1,,,x"]).encode()
    report = check(NeedImporter(), Source("needs.csv", wrong), actor=hall.manager)
    assert {error.column for error in report.errors} >= {"category"} and not Need.objects.exists()
    good = "\n".join(lines).encode()
    for _again in range(2):
        run(NeedImporter(), Source("needs.csv", good), actor=hall.manager)
        assert Need.objects.count() == 2
    need = Need.objects.get(title="教老人用手机")
    assert (need.people, need.building.number, need.raisers.get().name) == (30, "1", "张奶奶")
    assert Need.objects.get(title="装充电桩").category.code == "services"
    # one bad line and nothing is stored
    mixed = wrong.replace("教老人用手机".encode(), "别的需求".encode())
    assert check(NeedImporter(), Source("needs.csv", mixed), actor=hall.manager).errors
    assert Need.objects.count() == 2
    sent = staff.post("/admin/partners/need/export/", {"format": "xlsx"})
    if sent.status_code == 200:
        rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(sent.streaming_content))).active.values)
        assert len(rows) == 3 and "张奶奶" not in str(rows)


def test_payloads_hold_no_words_and_no_names(hall):
    for state in ("merged", "declined", "called_back"):
        made(hall, state)
    logged(hall)
    payloads = str(list(Event.objects.values_list("payload", flat=True)))
    assert not any(word in payloads for word in ("手机", "张奶奶", "1390000", "经费", "开课", "食堂"))
