"""Every step by every role, through admin, API and phone; lists that cost the same for any number of rows."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.exchange.engine import check, run
from governance.exchange.files import Source
from governance.models import Appointment, Event, User
from governance.photos import inspect_upload
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.tests.test_attachments import photo as picture
from governance.workflow import act, steps_of
from property.gatherings.check_in import code_of
from property.gatherings.importers import NeighbourEventImporter
from property.gatherings.skills import match_propose, skill_add
from property.gatherings.tests.festival import BEGINS, ENDS, NOW, Square
from property.gatherings.volunteers import volunteer
from property.models import (
    EventPhoto,
    NeighbourEvent,
    PhotoConsent,
    PropertyContract,
    SignUp,
    SkillCategory,
    SkillEntry,
    SkillMatch,
    Volunteering,
)
from property.tests.neighbourhood import company_serves

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "party_secretary", "organiser", "property_manager", "owners_member", "steward", "resident",
]  # fmt: skip
RUNNING, OWN, NOBODY = {"organiser", "party_secretary", "community_staff"}, {"own"}, set()
BOTH = RUNNING | OWN
LATER = f"{BEGINS + timedelta(days=14):%Y-%m-%dT%H:%M}"
WHY = {"reason": "另有安排"}
PLAN = {"kind": "cooking", "title": "包饺子", "starts_at": LATER, "minutes": "60", "place": "花园", "places": "5",
        "counts_by": "heads", "companions_most": "1", "offer_hours": "24"}  # fmt: skip
COST = {"stage": "actual", "title": "面粉", "amount": "10.00", "source": "sponsor", "source_text": "粮油店"}
EVENT = {
    "plan": (RUNNING, "draft", PLAN), "publish": (RUNNING, "draft", {}),
    "resize": (RUNNING, "published", {"places": "9"}), "close": (RUNNING, "published", {}),
    "reopen": (RUNNING, "closed", WHY | {"sign_up_until": f"{BEGINS:%Y-%m-%dT%H:%M}"}),
    "sign_up_for": (RUNNING, "published", {"guest": "张奶奶"}),
    "begin": (RUNNING, "closed", {}), "walk_in": (RUNNING, "under_way", {"guest": "奶奶"}),
    "finish": (RUNNING, "under_way", {}), "settle": (RUNNING, "held", {}),
    "settle_cancelled": (RUNNING, "cancelled", {}), "postpone": (RUNNING, "published", WHY),
    "reschedule": (RUNNING, "postponed", {"starts_at": LATER, "minutes": "60", "place": "花园"}),
    "cancel": (RUNNING, "published", WHY), "add_item": (RUNNING, "draft", {"title": "合唱", "minutes": "5"}),
    "drop_item": (RUNNING, "published", {"position": "1"}),
    "add_task": (RUNNING, "published", {"title": "布置", "wanted": "2"}),
    "add_cost": (RUNNING, "held", COST), "correct_cost": (RUNNING, "held", WHY | {"line": "1", "amount": "-1.00"}),
}  # fmt: skip
SIGN_UP = {
    "give": (NOBODY, "waiting", {}), "offer": (NOBODY, "waiting", {}),
    "lapse": (NOBODY, "offered", {}), "hold_longer": (NOBODY, "offered", {}),
    "take": (BOTH, "offered", {}), "change": (BOTH, "signed_up", {"companions": "0", "children": "0"}),
    "cancel": (BOTH, "signed_up", {}), "check_in": (RUNNING, "signed_up", {}), "undo": (RUNNING, "checked_in", WHY),
    "miss": (NOBODY, "signed_up", {}),
}  # fmt: skip
HAND = {"correct": (RUNNING, "done", WHY | {"minutes": "30"}),
        "cancel": (BOTH, "signed_up", {}), "check_in": (RUNNING, "signed_up", {}), "check_out": (RUNNING, "here", {}),
        "miss": (NOBODY, "signed_up", {})}  # fmt: skip
PHOTO = {"ask": (RUNNING, "kept", {"person": "owner1"}), "nobody": (RUNNING, "kept", {}),
         "take_down": (RUNNING, "kept", WHY)}  # fmt: skip
CONSENT = {"agree": (OWN, "asked", {}), "refuse": (OWN, "asked", {})}
ENTRY = {"withdraw": (OWN, "open", {}), "take_down": (RUNNING, "open", WHY)}
MATCH = {
    "confirm": (OWN, "proposed", {}), "refuse": (OWN, "proposed", {}), "agree": (NOBODY, "proposed", {}),
    "end": (NOBODY, "proposed", {}), "call_off": (OWN, "confirmed", {}), "report": (OWN, "confirmed", {}),
    "complete": (NOBODY, "confirmed", {}), "rate": (OWN, "done", {"stars": "5"}),
}  # fmt: skip
TABLES = {
    "neighbour-events": (NeighbourEvent, EVENT), "sign-ups": (SignUp, SIGN_UP), "volunteering": (Volunteering, HAND),
    "event-photos": (EventPhoto, PHOTO), "photo-consents": (PhotoConsent, CONSENT),
    "skill-entries": (SkillEntry, ENTRY), "skill-matches": (SkillMatch, MATCH),
}  # fmt: skip
WITHOUT_ADMIN = {"photo-consents"}
# Steps tried elsewhere: with photos, and by the doors of residents alone.
BACK = {"back_to_line", "back_to_offer", "back_to_cancelled", "back_to_lapsed"}
ELSEWHERE = BACK | {"add_photos", "again", "scan"}


# When steps are tried that belong to the event itself, or to an offer that holds for a day.
HOURS = dict.fromkeys(["begin", "walk_in", "finish", "check_in", "check_out", "undo"], BEGINS) | {"take": NOW}


def test_the_tables_name_every_step_and_the_steps_are_complete():
    for model, table in TABLES.values():
        assert set(steps_of(model)) - ELSEWHERE == set(table), model
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


def made(square: Square, address: str, state: str):
    """Return a fresh object of the door in ``state``; where it is a person's own, neighbour 0's."""
    own = square.neighbours[0]
    if address == "neighbour-events":
        return an_event(square, state)
    if address == "sign-ups":
        return a_sign_up(square, state)
    if address == "volunteering":
        event = square.open()
        square.step(event, "add_task", title="布置", wanted=2)
        row = volunteer(event.tasks.get(), actor=own)
        for name in {"here": ["check_in"], "done": ["check_in", "check_out"]}.get(state, []):
            row = square.step(row, name, at=BEGINS)
        return row
    if address in ("event-photos", "photo-consents"):
        return a_photo(square, address)
    return an_exchange(square, address, state)


def an_event(square: Square, state: str) -> NeighbourEvent:
    event = square.in_state(state)
    if state == "published":
        event = square.step(event, "add_item", title="合唱", minutes=5)
    if state == "held":
        given = {"source": "sponsor", "source_text": "粮油店", "stage": "actual", "title": "糯米", "amount": Decimal(8)}
        event = square.step(event, "add_cost", **given)
    return event


def a_sign_up(square: Square, state: str) -> SignUp:
    event = square.open(places=1)
    first = square.sign_up(event, 0)
    if state == "checked_in":
        return square.step(first, "check_in", at=BEGINS)
    if state == "signed_up":
        return first
    square.step(first, "cancel", by=square.neighbours[0])
    square.sign_up(event, 1)
    row = square.sign_up(event, 0)
    if state == "offered":
        square.step(SignUp.objects.get(event=event, person=square.neighbours[1]), "cancel")
        row.refresh_from_db()
    return row


def a_photo(square: Square, address: str):
    event = square.open()
    square.sign_up(event, 0)
    event = square.step(event, "begin", at=BEGINS)
    people = [square.neighbours[0]] if address == "photo-consents" else []
    square.step(event, "add_photos", photos=[inspect_upload(picture(), max_bytes=10**7)], people=people)
    return PhotoConsent.objects.get() if people else EventPhoto.objects.get()


def an_exchange(square: Square, address: str, state: str):
    music, (own, other) = SkillCategory.objects.get(code="music"), square.neighbours[:2]
    offer = skill_add(actor=own, side="offer", category=music, title="教二胡")
    if address == "skill-entries":
        return offer
    want = skill_add(actor=other, side="want", category=music, title="学二胡")
    match = match_propose(actor=other, offer=offer, want=want)
    if state in ("confirmed", "done"):
        match = square.step(match, "confirm", by=own)
    if state == "done":
        square.step(match, "report", by=other)
        match = square.step(match, "report", by=own)
        assert match.state == "done"
    return match


def press(user, obj, address: str, name: str, given: dict, door: str):
    """Carry a step out through a door; return the answer."""
    if door == "api":
        return client_of(user).post(f"/api/v1/{address}/{obj.pk}/transitions/{name}/", given)
    page = f"/admin/property/{obj._meta.model_name}/{obj.pk}/transition/{name}/"
    return client_of(user).post(page, given, format="multipart")


@pytest.mark.parametrize("address", list(TABLES))
def test_each_step_by_each_role(square, address):
    """By its rule each step is tried with every role, here and of elsewhere; through the doors with some in turn."""
    turn = count()
    _model, table = TABLES[address]
    for state in dict.fromkeys(state for _may, state, _given in table.values()):
        with undone():
            obj = made(square, address, state)
            for name, (may, begins, given) in table.items():
                with undone(), time_machine.travel(HOURS.get(name, BEGINS - timedelta(days=3)), tick=False):
                    if begins == state:
                        _tried(square, obj, address, name, (may, given), turn)


class undone:
    """What is done within is taken back at the end."""

    def __enter__(self):
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *error):
        transaction.set_rollback(True)
        return self.block.__exit__(*error)


def _tried(square, obj, address, name, rule, turn) -> None:
    (may, given), step = rule, steps_of(type(obj))[name]
    people = {role: square.city.user(role) for role in ROLES} | {"own": square.neighbours[0]}
    assert {key for key, user in people.items() if grant_for(step.allow, obj, user)} == may, name
    strangers = [*(square.city.outsider(role) for role in ROLES), square.neighbours[3]]
    assert not [user for user in strangers if grant_for(step.allow, obj, user)], name
    before = snapshot(obj)
    denied = [*(user for key, user in people.items() if key not in may), *strangers]
    doors = ("api",) if address in WITHOUT_ADMIN else ("api", "admin")
    for door in doors:
        user = denied[next(turn) % len(denied)]
        answer = press(user, obj, address, name, given, door)
        refused = (403, 404) if door == "api" else (302, 403, 404)
        assert answer.status_code in refused and snapshot(obj) == before, (name, door, user)
    for door, key in zip(("api", "admin"), sorted(may), strict=False):
        door = "api" if key == "own" else door
        with undone():
            answer = press(people[key], obj, address, name, given, door)
            assert answer.status_code == (200 if door == "api" else 302), (name, key, door, answer.content[-2000:])
            assert type(obj).objects.get(pk=obj.pk).version > obj.version


def _furnish(square, number: int = 0) -> NeighbourEvent:
    """Add an event with rows in every list."""
    day = timedelta(days=number)
    event = square.open(title=f"活动{number}", starts_at=BEGINS + day, ends_at=ENDS + day, places=8)
    for person in range(3):
        square.sign_up(event, person)
    square.step(event, "add_task", title="布置", wanted=3)
    volunteer(event.tasks.get(), actor=square.neighbours[4])
    event = square.step(event, "begin", at=event.starts_at)
    upload = inspect_upload(picture(), max_bytes=10**7)
    square.step(event, "add_photos", photos=[upload], people=square.neighbours[:2])
    photo = EventPhoto.objects.filter(event=event).latest("pk")
    for dwelling in square.place.dwellings[2:4]:
        act(photo, "ask", actor=square.organiser, dwelling=dwelling)
    music = SkillCategory.objects.get(code="music")
    offer = skill_add(actor=square.neighbours[0], side="offer", category=music, title=f"教二胡{number}")
    want = skill_add(actor=square.neighbours[1], side="want", category=music, title=f"学二胡{number}")
    match_propose(actor=square.neighbours[0], offer=offer, want=want)
    return event


def test_lists_agree_with_single_objects(square):
    _furnish(square)
    people = [*square.city.people.values(), *square.neighbours]
    for model, _table in TABLES.values():
        assert_relation_forms_agree(model.objects, people)


def test_lists_and_pages_cost_the_same_for_any_number_of_rows(square):
    staff, resident = client_of(square.organiser), client_of(square.neighbours[0])
    event = _furnish(square)
    lists = [(staff, f"/api/v1/{address}/") for address in TABLES]
    lists += [(staff, f"/admin/property/{model._meta.model_name}/") for model, _table in TABLES.values()
              if model is not PhotoConsent]  # fmt: skip
    lists += [(staff, f"/admin/property/neighbourevent/{event.pk}/change/"), (staff, "/m/gatherings/"),
              (staff, f"/m/gatherings/{event.pk}/"), (resident, "/r/gatherings/"), (resident, "/r/gatherings/skills/"),
              (resident, f"/r/gatherings/{event.pk}/"), (resident, "/r/gatherings/photos/"),
              (resident, "/api/v1/me/gatherings/"), (resident, "/api/v1/me/skills/"),
              (resident, "/api/v1/me/skill-matches/")]  # fmt: skip
    counts = []
    for turn in range(2):
        counts.append({})
        for client, address in lists:
            if turn == 0:
                client.get(address)  # what is remembered from now on
            with CaptureQueriesContext(connection) as found:
                assert client.get(address).status_code == 200, address
            counts[-1][address] = len(found)
        if turn == 0:
            _furnish(square, 1)
            _furnish(square, 2)
    assert counts[0] == counts[1]
    assert max(counts[1].values()) <= 30, counts[1]


def test_the_phone_runs_an_event_and_the_code_leads_residents_in(square):
    event = square.open()
    square.sign_up(event, 0)
    row = square.sign_up(event, 1)
    staff = client_of(square.organiser)
    with time_machine.travel(BEGINS, tick=False):
        assert "端午包粽子" in staff.get("/m/").content.decode()
        staff.post(f"/m/gatherings/{event.pk}/steps/begin/")
        assert str(square.neighbours[1]) in staff.get(f"/m/gatherings/{event.pk}/?q=业主2").content.decode()
        staff.post(f"/m/gatherings/people/{row.pk}/check_in/")
        assert "<svg" in staff.get(f"/m/gatherings/{event.pk}/code/").content.decode()
        assert "<svg" in staff.get(f"/admin/property/neighbourevent/{event.pk}/code/").content.decode()
        code = staff.get(f"/api/v1/neighbour-events/{event.pk}/check-in-code/").json()
        assert code["open"] and code["code"] == code_of(event, BEGINS)
        resident = client_of(square.neighbours[0])
        assert resident.post(f"/r/gatherings/check-in/{code['code']}/").status_code == 200
        assert resident.post("/api/v1/gathering-check-in/", {"code": code["code"]}).status_code == 409
        assert client_of().get(f"/r/gatherings/check-in/{code['code']}/").status_code == 200
    assert square.states(event) == ["checked_in", "checked_in"]
    # a property company runs its own events only, residents none
    for role in ("property_manager", "administrator", "grid_worker"):
        assert client_of(square.city.user(role)).get(f"/m/gatherings/{event.pk}/").status_code == 404
    company, planned = (
        square.city.user("property_manager"),
        {"unit": square.city.company, "venue": None, "place": "花园"},
    )
    with pytest.raises(NotPermitted):  # it has no contract for this estate
        square.event(actor=company, **planned)
    company_serves(square.place)
    company = square.city.user("property_manager")
    with pytest.raises(NotPermitted):  # and what is for the whole community is not its to plan
        square.event(actor=company, estate=None, **planned)
    own = square.event(actor=company, **planned)
    assert client_of(company).get(f"/m/gatherings/{own.pk}/").status_code == 200
    PropertyContract.objects.update(valid_to=NOW.date() - timedelta(days=1))
    assert client_of(company).get(f"/m/gatherings/{own.pk}/").status_code == 404


def test_a_resident_signs_up_on_the_phone_and_through_the_api(square):
    event = square.open(places=1)
    square.step(event, "add_task", title="布置", wanted=1)
    first, second = client_of(square.neighbours[0]), client_of(square.neighbours[1])
    base, task = f"/r/gatherings/{event.pk}/", event.tasks.get()
    for given, status in (({"companions": "9"}, 400), ({"companions": "x"}, 400), ({"needs": "素\0食"}, 400),
                          ({"needs": "素食"}, 302)):  # fmt: skip
        assert first.post(f"{base}sign-up/", given, format="multipart").status_code == status
    told = second.post(f"/api/v1/me/gatherings/{event.pk}/sign-up/", {"companions": 0})
    assert told.status_code == 201 and told.json()["state"] == "waiting"
    assert second.get(f"/api/v1/me/gatherings/{event.pk}/").json()["mine"]["in_line"] == 1
    mine = SignUp.objects.get(event=event, person=square.neighbours[0])
    # what somebody needs is read by the organisers and by themselves, by nobody else
    for user, seen in ((square.organiser, "素食"), (square.neighbours[0], "素食"),
                       (square.city.user("administrator"), "")):  # fmt: skip
        assert client_of(user).get(f"/api/v1/sign-ups/{mine.pk}/").json()["needs"] == seen
    assert second.get(f"/api/v1/sign-ups/{mine.pk}/").status_code == 404
    assert first.post(f"/r/gatherings/sign-ups/{mine.pk}/cancel/").status_code == 302
    # steps of a process or of another door are nobody's to press
    for name in ("again", "scan"):
        assert first.post(f"/api/v1/sign-ups/{mine.pk}/transitions/{name}/").status_code == 403
    offered = SignUp.objects.get(event=event, person=square.neighbours[1])
    assert second.post(f"/r/gatherings/sign-ups/{offered.pk}/take/").status_code == 302
    assert square.states(event) == ["cancelled", "signed_up"]
    assert first.post(f"/r/gatherings/tasks/{task.pk}/").status_code == 302
    assert second.post(f"/api/v1/me/volunteer-tasks/{task.pk}/").status_code == 409
    stranger = client_of(square.city.user("resident"))
    assert stranger.get(base).status_code == stranger.post(f"{base}sign-up/").status_code == 404
    assert stranger.get(f"/api/v1/me/gatherings/{event.pk}/").status_code == 404
    # who takes part reads the event among residents' pages, not staff's
    assert first.get(f"/api/v1/neighbour-events/{event.pk}/").status_code == 403
    assert client_of().get(base).status_code == 302


def test_an_organiser_plans_by_admin_and_api_and_imports_a_year(square):
    staff = client_of(square.organiser)
    form = PLAN | {"area": square.city.area("community").pk, "estate": "GY", "venue": "square"}
    answer = staff.post("/admin/property/neighbourevent/add/", form, format="multipart")
    assert answer.status_code == 302, answer.context_data["form"].errors
    event = NeighbourEvent.objects.get()
    assert event.booking is not None and event.unit == square.city.committee
    # who belongs to two units says in whose name
    Appointment.objects.create(user=square.organiser, unit=square.city.units["owners"], role="organiser",
                               area=square.city.area("community"), valid_from=NOW.date())  # fmt: skip
    two, named = client_of(User.objects.get(pk=square.organiser.pk)), {"venue": "", "place": "花园", "unit": "owners"}
    assert two.post("/admin/property/neighbourevent/add/", form | named, format="multipart").status_code == 302
    assert NeighbourEvent.objects.latest("id").unit == square.city.units["owners"]
    NeighbourEvent.objects.latest("id").delete()
    Appointment.objects.filter(unit=square.city.units["owners"]).delete()
    body = {"kind": "talk", "title": "养生讲座", "area": "990102001001", "unit": "committee", "places": 10,
            "starts_at": BEGINS.isoformat(), "ends_at": ENDS.isoformat(), "place": "花园"}  # fmt: skip
    assert staff.post("/api/v1/neighbour-events/", body).status_code == 201
    for wrong in ({"venue": "nowhere"}, {"unit": "company"}):  # no such venue, and somebody else's unit
        assert staff.post("/api/v1/neighbour-events/", body | wrong).status_code == 400
    outside = client_of(square.city.outsider("organiser"))
    assert outside.post("/api/v1/neighbour-events/", body).status_code == 403
    assert client_of(square.city.user("grid_worker")).post("/api/v1/neighbour-events/", body).status_code == 403
    sheet = (
        "title,kind,area,estate,starts_at,minutes,places,place\n"
        "元宵灯会,邻里节,990102001001,GY,2027-02-20 18:00,120,0,中心广场\n"
        "清明踏青,other,990102001001,,2027-04-04 09:00,90,20,东门\n"
    ).encode()
    wrong = b"title,kind,area,starts_at,places,place\n\xe7\x81\xaf,nothing,9,2027-02-20 18:00,1,x\n"
    report = check(NeighbourEventImporter(), Source("plan.csv", wrong), actor=square.organiser)
    assert report.errors and NeighbourEvent.objects.count() == 2
    for added in (2, 0):
        run(NeighbourEventImporter(), Source("plan.csv", sheet), actor=square.organiser)
        assert NeighbourEvent.objects.count() == 4, added


def test_payloads_hold_no_words_and_no_names(square):
    event = _furnish(square)
    payloads = str(list(Event.objects.values_list("payload", flat=True)))
    assert event.title not in payloads and "业主" not in payloads and "二胡" not in payloads
