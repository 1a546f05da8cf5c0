"""Sessions, invitations, topics and items through the admin, the API and the phone: every step by every role."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.events import registered
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import steps_of
from property.assembly.tests.assemblies import BEGINS, House
from property.models import AgendaItem, Assembly, AssemblySession, FollowUpItem, Invitation

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "party_secretary", "organiser", "property_manager", "owners_member", "steward", "resident",
]  # fmt: skip
RUNNING = {"organiser", "party_secretary", "community_staff"}
COMPANY, UNITS, NOBODY = {"property_manager"}, {"property_manager", "owners_member"}, set()
LATER = BEGINS + timedelta(days=14)
SPAN = {"starts_at": f"{LATER:%Y-%m-%dT%H:%M}", "minutes": "60", "venue": "hall", "place": ""}
WHY = {"reason": "另有安排"}
# model: step -> (who may, state it starts from, what is given). Worked out by hand from the workflow's rules.
SESSION = {
    "plan": (RUNNING, "draft", SPAN), "replan": (NOBODY, "draft", {}),
    "collect": (RUNNING, "draft", {}),
    "add_item": (RUNNING, "draft", {"title": "灯"}),
    "invite": (RUNNING, "draft", {"guest": "刘工", "role": "guest"}), "notice": (RUNNING, "collecting", {}),
    "open": (RUNNING, "noticed", {}), "close": (RUNNING, "in_session", {}),
    "write": (RUNNING, "minuting", {"text": "纪要"}), "approve": (UNITS | {"party_secretary"}, "minuting", {}),
    "object": (UNITS | {"party_secretary"}, "minuting", WHY), "confirm": (NOBODY, "minuting", {}),
    "publish": (RUNNING, "confirmed", {}), "archive": (RUNNING, "published", {}), "postpone": (RUNNING, "draft", WHY),
    "reschedule": (RUNNING, "postponed", SPAN), "fall_short": (RUNNING, "noticed", WHY),
    "cancel": (RUNNING, "draft", WHY),
}  # fmt: skip
SEAT = {
    "come": (RUNNING | COMPANY, "invited", {}), "decline": (RUNNING | COMPANY, "invited", WHY),
    "sign_in": (RUNNING, "invited", {}), "leave": (RUNNING, "attended", {}),
    "undo": (RUNNING, "attended", WHY), "miss": (NOBODY, "invited", {}), "ask_again": (NOBODY, "coming", {}),
    "withdraw": (RUNNING, "invited", WHY),
}  # fmt: skip
TOPIC = {
    "accept": (RUNNING, "proposed", {}), "reject": (RUNNING, "proposed", WHY), "withdraw": (NOBODY, "proposed", {}),
    "place": (RUNNING, "placed", {"position": 1}), "take_off": (RUNNING, "placed", WHY),
    "discuss": (RUNNING, "accepted", {"discussion": "说"}), "decide": (RUNNING, "accepted", {"outcome": "同意"}),
    "note": (RUNNING, "accepted", {}), "defer": (RUNNING, "accepted", WHY),
    "make_need": (RUNNING, "decided", {"title": "老年食堂"}),
    "follow_up_with": (RUNNING, "decided", {"title": "划线", "owner_unit": "company", "due_on": "2026-07-01"}),
}  # fmt: skip
ITEM = {
    "accept": (COMPANY, "assigned", {}), "start": (COMPANY, "accepted", {}),
    "submit": (COMPANY, "in_progress", {"result": "已划"}), "close": (RUNNING, "awaiting", {}),
    "return": (RUNNING, "awaiting", WHY), "escalate": (RUNNING, "assigned", WHY),
    "assign": (RUNNING, "assigned", {"owner_unit": "owners", "due_on": "2026-07-01"}),
    "open_case": (RUNNING, "assigned", {}), "make_need": (RUNNING, "assigned", {"title": "老年食堂"}),
    "need_failed": (NOBODY, "in_progress", WHY), "give_back": (NOBODY, "in_progress", {}),
}  # fmt: skip
TABLES = {"assembly-sessions": SESSION, "assembly-invitations": SEAT, "agenda-items": TOPIC, "follow-up-items": ITEM}
MODELS = {"assembly-sessions": AssemblySession, "assembly-invitations": Invitation, "agenda-items": AgendaItem,
          "follow-up-items": FollowUpItem}  # fmt: skip


def test_the_tables_name_every_step_and_the_steps_are_complete():
    for address, table in TABLES.items():
        model = MODELS[address]
        # what ties or proposes a resolution is tried with the agenda, the code to sign in by with the evening
        assert set(steps_of(model)) - {"tie", "propose", "scan"} == set(table)
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


def made(house: House, address: str, state: str):
    """Return a fresh object of the door in ``state``."""
    if address == "assembly-sessions":
        session = house.in_state(state)
        if state == "minuting":
            session = house.step(session, "write", text="第一稿")
        return session
    if address == "assembly-invitations":
        row = Invitation.objects.get(session=house.in_state("noticed"), title="company")
        if state == "attended":
            return house.step(row, "sign_in", at=BEGINS)
        return house.step(row, "come") if state == "coming" else row
    if address == "agenda-items":
        return a_topic(house, state)
    return an_item(house, state)


def a_topic(house: House, state: str) -> AgendaItem:
    if state == "proposed":
        return house.topic()
    if state == "placed":
        return house.on_agenda(house.session())
    topic = house.in_state("in_session").agenda.get()
    return house.step(topic, "decide", outcome="同意", at=BEGINS) if state == "decided" else topic


def an_item(house: House, state: str) -> FollowUpItem:
    item, manager = house.follow_up(), house.user("property_manager")
    for name, reached in (("accept", "accepted"), ("start", "in_progress"), ("submit", "awaiting")):
        if item.state == state:
            break
        item = house.step(item, name, by=manager, **({"result": "已办"} if name == "submit" else {}))
        assert item.state == reached
    return item


def at_the_hour(name: str):
    """The evening itself, for steps that need it; some days before for the others."""
    evening = ("open", "close", "decide", "note", "defer", "discuss", "sign_in", "leave", "undo", "fall_short")
    return time_machine.travel(BEGINS if name in evening else BEGINS - timedelta(days=5), tick=False)


def press(user, obj, address: str, name: str, given: dict, door: str):
    """Carry a step out through a door; return the answer."""
    if door == "api":
        return client_of(user).post(f"/api/v1/{address}/{obj.pk}/transitions/{name}/", given)
    page = f"/admin/property/{obj._meta.model_name}/{obj.pk}/transition/{name}/"
    return client_of(user).post(page, given, format="multipart")


@pytest.mark.parametrize("address", list(TABLES))
def test_each_step_by_each_role(house, address):
    """By its rule each step is tried with every role, here and of elsewhere; through the doors with some in turn, so
    that every role stands before each of them."""
    turn = iter(range(10_000))
    for state in dict.fromkeys(state for _may, state, _given in TABLES[address].values()):
        with undone():
            obj = made(house, address, state)
            for name, (may, begins, given) in TABLES[address].items():
                if begins == state:
                    with undone(), at_the_hour(name):
                        _tried(house, obj, address, name, may, given, turn)


@contextmanager
def undone():
    """What is done within is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _tried(house, obj, address, name, may, given, turn) -> None:
    step = steps_of(type(obj))[name]
    insiders = {role: house.user(role) for role in ROLES}
    by_rule = {role for role, user in insiders.items() if grant_for(step.allow, obj, user)}
    assert by_rule == may, name
    outsiders = [house.city.outsider(role) for role in ROLES]
    assert not [user for user in outsiders if grant_for(step.allow, obj, user)], name
    if (address, name) == ("assembly-sessions", "open"):
        house.sign_in(obj, "party", "owners", "first")
    before = snapshot(obj)
    denied = [*(user for role, user in insiders.items() if role not in may), *outsiders]
    for door in ("api", "admin"):
        user = denied[next(turn) % len(denied)]
        answer = press(user, obj, address, name, given, door)
        assert answer.status_code in (302, 403, 404) and snapshot(obj) == before, (name, door, user)
        if door == "api":
            assert answer.status_code != 302
    for door, role in zip(("api", "admin"), sorted(may), strict=False):
        with undone():
            answer = press(house.user(role), obj, address, name, given, door)
            assert answer.status_code == (200 if door == "api" else 302), (name, role, door, answer.content[-3000:])
            assert type(obj).objects.get(pk=obj.pk).state in (step.target or obj.state, "confirmed")


def test_lists_agree_with_single_objects(house):
    house.in_state("noticed")
    house.topic()
    house.follow_up()
    people = [*house.city.people.values(), *[one for one in house.place.owners if one]]
    for model in (Assembly, AssemblySession, Invitation, AgendaItem, FollowUpItem):
        assert_relation_forms_agree(model.objects, people)


def test_lists_cost_the_same_for_any_number_of_rows(house):
    client = client_of(house.organiser)
    addresses = ["/api/v1/assemblies/", *(f"/api/v1/{address}/" for address in MODELS)]
    addresses += [f"/admin/property/{model._meta.model_name}/" for model in (Assembly, *MODELS.values())]
    house.follow_up()
    house.topic()
    counts = []
    for turn in range(2):
        for address in addresses:
            client.get(address)  # what is remembered from now on
        counts.append([])
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as found:
                assert client.get(address).status_code == 200, address
            counts[-1].append(len(found))
        for number in range(3):
            session = house.session(BEGINS + timedelta(days=number * 28 + 14 + 7 * turn))
            house.on_agenda(session)
            house.step(session, "invite", guest=f"客{number}", role="guest")
            house.topic(by=house.place.owners[number])
            topic = FollowUpItem.objects.first().agenda_item
            house.step(topic, "follow_up_with", title=f"事{number}", owner_unit=house.city.company,
                       due_on=date(2026, 7, 1))  # fmt: skip
    assert dict(zip(addresses, counts[0], strict=True)) == dict(zip(addresses, counts[1], strict=True))
    assert max(counts[1]) <= 15


def test_the_page_of_a_session_costs_the_same_for_any_agenda(house):
    session = house.in_state("in_session")
    client, page = client_of(house.organiser), f"/admin/property/assemblysession/{session.pk}/change/"
    counts = []
    for turn in range(2):
        client.get(page)
        with CaptureQueriesContext(connection) as found:
            assert client.get(page).status_code == 200
        counts.append(len(found))
        for number in range(3):
            house.on_agenda(session, f"议题{turn}{number}")
    assert counts[0] == counts[1]
