"""Every step by every role, through admin and API; lists that cost the same for any number of rows."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.models import Event
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from partners.models import Offer, OfferPlace, OfferSlot, Partner, PartnerAgreement, Qualification
from partners.recruiting.qualifications import qualification_submit
from partners.recruiting.slots import place_take
from partners.recruiting.tests.desk import PDF

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "partner_manager", "resident",
]  # fmt: skip
OUTSIDE = [role for role in ROLES if role != "supervisor"]
RUNNING, OWN, NOBODY = {"community_staff", "partner_manager"}, {"own"}, set()
WHY = {"reason": "另有安排"}
PARTNER = {
    "approve": (RUNNING, "applied", {}), "decline": (RUNNING, "applied", WHY), "withdraw": (OWN, "applied", {}),
    "activate": (RUNNING, "approved", {}), "suspend": (RUNNING, "active", WHY), "resume": (RUNNING, "suspended", {}),
    "add_person": (RUNNING, "active", {"person": "r-clerk"}),
    "drop_person": (RUNNING, "active", WHY | {"person": "r-banker"}),
    "leave": (OWN, "active", {}), "end": (RUNNING, "suspended", WHY),
}  # fmt: skip
PAPER = {
    "verify": (RUNNING, "submitted", {}), "refuse": (RUNNING, "submitted", WHY), "withdraw": (OWN, "submitted", {}),
    "revoke": (RUNNING, "verified", WHY), "remind": (NOBODY, "verified", {}), "expire": (NOBODY, "verified", {}),
}  # fmt: skip
AGREEMENT = {
    "sign": (OWN, "open", {}), "countersign": (RUNNING, "open", {}), "conclude": (NOBODY, "open", {}),
    "void": (RUNNING, "open", WHY), "remind": (NOBODY, "signed", {}), "finish": (NOBODY, "signed", {}),
}  # fmt: skip
OFFER = {
    "publish": (RUNNING, "proposed", {}), "decline": (RUNNING, "proposed", WHY), "end": (OWN, "open", {}),
    "take_down": (RUNNING, "open", WHY), "change": (RUNNING, "open", {}), "revise": (OWN, "open", {}),
}  # fmt: skip
SLOT = {"cancel": (RUNNING | OWN, "planned", WHY)}
PLACE = {"cancel": ({"guest"}, "taken", {}), "again": ({"guest"}, "cancelled", {}), "drop": (NOBODY, "taken", {})}
TABLES = {
    "partners": (Partner, PARTNER), "partners/qualifications": (Qualification, PAPER),
    "partners/agreements": (PartnerAgreement, AGREEMENT), "partners/offers": (Offer, OFFER),
    "partners/dates": (OfferSlot, SLOT), "partners/places": (OfferPlace, PLACE),
}  # fmt: skip
# Carried out by the doors' own pages, not as a transition.
QUIET = {"change", "revise", "again"}


class undone:
    """What is done within is taken back at the end."""

    def __enter__(self):
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *error):
        transaction.set_rollback(True)
        return self.block.__exit__(*error)


def made(desk, model, state: str):
    """Return a fresh object in ``state``, of a bank for which the banker acts; a place is the student's."""
    if model is Partner:
        if state == "approved":
            partner = desk.approved("banker")
            desk.sign(partner, "banker")
            return partner
        partner = desk.in_state(state, "banker")
        if state == "active":
            partner = desk.step(partner, "add_person", person=desk.people["gymnast"])
        return partner
    partner = desk.active("banker")
    if model is Qualification:
        row = qualification_submit(partner, actor=desk.user("banker"), kind=desk.licence, number="1", documents=[PDF])
        return row if state == "submitted" else desk.step(row, "verify")
    if model is PartnerAgreement:
        return desk.agreement(partner) if state == "open" else partner.agreements.get()
    if model is Offer:
        return desk.offer(partner, by="banker" if state == "proposed" else "partner_manager")
    slot = desk.slot(desk.offer(partner))
    if model is OfferSlot:
        return slot
    place = place_take(slot, actor=desk.user("student"))
    return place if state == "taken" else desk.step(place, "cancel", by="student")


def test_the_tables_name_every_step_and_the_steps_are_complete():
    for model, table in TABLES.values():
        assert set(steps_of(model)) == set(table), model
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


def press(user, obj, address: str, name: str, given: dict, door: str):
    """Carry a step out through a door; return the answer."""
    if door == "api":
        return client_of(user).post(f"/api/v1/{address}/{obj.pk}/transitions/{name}/", given)
    page = f"/admin/partners/{obj._meta.model_name}/{obj.pk}/transition/{name}/"
    return client_of(user).post(page, given, format="multipart")


@pytest.mark.parametrize("address", list(TABLES))
def test_each_step_by_each_role(desk, address):
    """Each step is tried by every role, here and elsewhere, by the service; through the doors by some in turn."""
    turn = count()
    model, table = TABLES[address]
    for state in dict.fromkeys(state for _may, state, _given in table.values()):
        with undone():
            obj = made(desk, model, state)
            for name, (may, begins, given) in table.items():
                if begins == state:
                    with undone():
                        _tried(desk, obj, address, name, (may, given), turn)


def _people(desk) -> dict:
    people = {role: desk.user(role) for role in ROLES}
    return people | {"own": desk.user("banker"), "guest": desk.user("student")}


def _tried(desk, obj, address, name, rule, turn) -> None:
    (may, given), step = rule, steps_of(type(obj))[name]
    people = _people(desk)
    assert {key for key, user in people.items() if grant_for(step.allow, obj, user)} == may, name
    strangers = [desk.user(f"outside_{role}") for role in OUTSIDE] + [desk.user("stranger")]
    assert not [user for user in strangers if grant_for(step.allow, obj, user)], name
    before = snapshot(obj)
    denied = [*(user for key, user in people.items() if key not in may), *strangers]
    for user in denied:
        with pytest.raises(NotPermitted), transaction.atomic():
            act(obj, name, actor=user, **({} if name not in ("add_person", "drop_person") else {"person": user}))
    for door in ("api", "admin"):
        user = denied[next(turn) % len(denied)]
        answer = press(user, obj, address, name, given, door)
        assert answer.status_code in ((403, 404) if door == "api" else (302, 403, 404)), (name, door, user)
        assert snapshot(obj) == before, (name, door, user)
    if name in QUIET:
        return
    for key in sorted(may):
        for door in ("api", "admin") if key in ROLES else ("api",):
            with undone():
                answer = press(_people(desk)[key], obj, address, name, given, door)
                expected = 200 if door == "api" else 302
                assert answer.status_code == expected, (name, key, door, answer.content[-1500:])
                assert type(obj).objects.get(pk=obj.pk).version > obj.version


def _furnish(desk, number: int = 0) -> Partner:
    """Add a partner with rows in every list."""
    desk.people["banker"].name = f"行员{number}"
    partner = desk.active("banker", area=desk.area) if number == 0 else Partner.objects.get(name="云川农商银行")
    offer = desk.offer(partner, title=f"讲座{number}", capacity=5)
    slot = desk.slot(offer, days=3 + number)
    for name in ("student", "stranger"):
        place_take(slot, actor=desk.user(name))
    row = qualification_submit(
        partner, actor=desk.user("banker"), kind=desk.licence, number=f"N{number}", documents=[PDF]
    )
    desk.step(row, "verify")
    if number:
        waiting = desk.apply(f"guest{number}" if f"guest{number}" in desk.people else "gymnast", name=f"健身{number}")
        desk.step(waiting, "decline", reason="材料不全")
        desk.step(desk.agreement(partner), "void", reason="重做")
    return partner


def test_lists_agree_with_single_objects(desk):
    _furnish(desk)
    desk.in_state("approved", "lawyer")
    desk.in_state("left", "student")
    people = [*desk.city.people.values(), *desk.people.values()]
    for model, _table in TABLES.values():
        assert_relation_forms_agree(model.objects, people)


def test_lists_and_pages_cost_the_same_for_any_number_of_rows(desk):
    staff, own, guest = (client_of(desk.user(name)) for name in ("partner_manager", "banker", "student"))
    partner = _furnish(desk)
    lists = [(staff, f"/api/v1/{address}/") for address in TABLES]
    lists += [(staff, f"/admin/partners/{model._meta.model_name}/") for model, _table in TABLES.values()]
    code = desk.area.code
    lists += [
        (staff, f"/admin/partners/partner/{partner.pk}/change/"), (staff, "/admin/partners/offer/directory/"),
        (staff, "/admin/partners/recruitment/"), (own, f"/r/partners/mine/{partner.pk}/"), (guest, "/r/partners/"),
        (guest, f"/r/partners/{code}/"), (guest, f"/r/partners/{code}/directory/"),
        (guest, f"/r/partners/{code}/directory/?view=month"), (guest, f"/api/v1/partners/directory/{code}/"),
        (guest, f"/api/v1/partners/recruitment/{code}/"), (own, "/api/v1/partners/offers/"),
    ]  # fmt: skip
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
            _furnish(desk, 1)
            _furnish(desk, 2)
    assert counts[0] == counts[1]
    assert max(counts[1].values()) <= 30, counts[1]


def test_who_reads_papers_and_files(desk):
    # given a verified licence with its document, of an active lawyer
    partner = desk.active("lawyer")
    row = Qualification.objects.get(partner=partner)
    file = client_of(desk.user("partner_manager")).get(f"/api/v1/partners/qualifications/{row.pk}/").json()["files"][0]
    allowed = {"partner_manager", "community_staff", "administrator", "operations_centre", "lawyer"}
    for name in [*ROLES, "lawyer", "student", "outside_partner_manager"]:
        client = client_of(desk.user(name))
        expected = 200 if name in allowed else 404
        assert client.get(file).status_code == expected, name
        assert client.get(f"/api/v1/partners/qualifications/{row.pk}/").status_code == expected, name
    # and residents learn no contact from what is public
    told = client_of(desk.user("student")).get(f"/api/v1/partners/recruitment/{desk.area.code}/").json()
    assert [set(one) & {"contact_phone", "credit_code", "number"} for one in told["partners"]] == [set()]


def test_history_holds_no_names_or_phones(desk):
    partner = desk.active("banker", contact_name="邵经理", contact_phone="13900000001")
    desk.offer(partner)
    for payload in Event.objects.values_list("payload", flat=True):
        assert "邵经理" not in str(payload) and "13900000001" not in str(payload) and "农商" not in str(payload)


@pytest.mark.parametrize(("address", "body"), [
    ("partners", {"area": "990102001001", "kind": "volunteer", "about": "a\0b"}),
    ("partners", {"area": "0\0", "kind": "volunteer"}),
    ("partners", {"area": "990102001001", "kind": "x"}),
    ("partners/offers", {"partner": 10**30, "kind": "service", "title": "x"}),
    ("partners/offers", {"partner": 0, "kind": "service", "title": "x", "valid_to": "9999-12-31"}),
    ("partners/offers", {"partner": 0, "kind": "service", "title": "x", "weekdays": [9]}),
    ("partners/dates", {"offer": 0, "starts_at": "9999-12-31T23:59:59-12:00", "ends_at": "9999-12-31T23:59:59Z"}),
    ("partners/dates", {"offer": 0, "starts_at": "0001-01-01T00:00:00+12:00", "ends_at": "2026-01-01T00:00:00Z"}),
    ("partners/dates", {"offer": 0, "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z",
                        "capacity": 10**12}),
    ("partners/places", {"slot": "a"}),
])  # fmt: skip
def test_bad_bodies_are_answered_with_400(desk, address, body):
    client, partner = client_of(desk.user("partner_manager")), desk.active("banker")
    ids = {"partner": partner.pk, "offer": desk.offer(partner).pk}
    given = {name: ids[name] if name in ids and value == 0 else value for name, value in body.items()}
    answer = client.post(f"/api/v1/{address}/", given)
    assert answer.status_code == 400, answer.content


def test_residents_pages_from_application_to_a_place(desk):
    banker, staff, guest = (client_of(desk.user(name)) for name in ("banker", "partner_manager", "student"))
    code = desk.area.code
    assert "社区合伙人协议" in guest.get(f"/r/partners/{code}/").content.decode()
    wrong = banker.post(
        f"/r/partners/{code}/apply/", {"kind": "resource", "name": "银行", "credit_code": "1"}, format="multipart"
    )
    assert wrong.status_code == 400 and not Partner.objects.exists()
    given = {"kind": "resource", "name": "银行", "credit_code": "91350100M000100Y43"}
    done = banker.post(f"/r/partners/{code}/apply/", given, format="multipart")
    partner = Partner.objects.get()
    assert done.status_code == 302 and partner.applicant == desk.people["banker"]
    # when it is approved, signed on both sides and active
    staff.post(f"/admin/partners/partner/{partner.pk}/transition/approve/", {}, format="multipart")
    row = partner.agreements.get()
    assert "我已阅读并签署" in banker.get(f"/r/partners/mine/{partner.pk}/").content.decode()
    banker.post(f"/r/partners/mine/agreement/{row.pk}/sign/")
    staff.post(f"/admin/partners/partneragreement/{row.pk}/transition/countersign/", {}, format="multipart")
    staff.post(f"/admin/partners/partner/{partner.pk}/transition/activate/", {}, format="multipart")
    word = banker.post(f"/r/partners/agreements/{row.pk}/agreement.docx")
    assert word.status_code == 200 and word.content[:2] == b"PK"
    # then the banker offers a talk, the community puts it on view, a student takes a place and gives it back
    offer = {"kind": "service", "title": "金融讲座", "access": "open", "capacity": "1"}
    assert banker.post(f"/r/partners/mine/{partner.pk}/offer/", offer, format="multipart").status_code == 302
    talk = Offer.objects.get()
    day = timezone.localdate() + timedelta(days=2)
    dates = {"day": str(day), "starts": "10:00", "ends": "11:00"}
    assert banker.post(f"/r/partners/offers/{talk.pk}/dates/", dates, format="multipart").status_code == 302
    slot = OfferSlot.objects.get()
    assert guest.post(f"/r/partners/{code}/dates/{slot.pk}/").status_code == 404
    staff.post(f"/admin/partners/offer/{talk.pk}/transition/publish/", {}, format="multipart")
    assert "金融讲座" in guest.get(f"/r/partners/{code}/directory/").content.decode()
    assert guest.post(f"/r/partners/{code}/dates/{slot.pk}/").status_code == 302
    assert client_of(desk.user("stranger")).post(f"/r/partners/{code}/dates/{slot.pk}/").status_code == 409
    place = OfferPlace.objects.get()
    assert client_of(desk.user("stranger")).post(f"/r/partners/places/{place.pk}/").status_code == 404
    assert guest.post(f"/r/partners/places/{place.pk}/").status_code == 302
    slot.refresh_from_db()
    assert slot.taken == 0
    # and a change by the partner is read again
    assert (
        banker.post(f"/r/partners/offers/{talk.pk}/", offer | {"title": "新讲座"}, format="multipart").status_code
        == 302
    )
    assert Offer.objects.get().state == "proposed"
    # nobody else acts on the bank's page
    for client in (guest, client_of(desk.user("lawyer"))):
        assert client.get(f"/r/partners/mine/{partner.pk}/").status_code == 404
        assert client.post(f"/r/partners/mine/partner/{partner.pk}/leave/").status_code == 404
    assert banker.post(f"/r/partners/mine/partner/{partner.pk}/leave/").status_code == 302


def test_pages_of_the_admin_write_offers_dates_and_agreements(desk):
    staff, other = client_of(desk.user("partner_manager")), client_of(desk.user("operations_centre"))
    partner = desk.active("banker")
    page = f"/admin/partners/partner/{partner.pk}"
    offer = {
        "kind": "venue",
        "title": "会议室",
        "access": "request",
        "weekdays": ["1", "3"],
        "starts": "15:00",
        "ends": "17:00",
    }
    for address in (f"{page}/offer/", f"{page}/agreement/"):
        assert staff.get(address).status_code == 200
        assert other.post(address, offer, format="multipart").status_code == 403
    assert staff.post(f"{page}/offer/", offer, format="multipart").status_code == 302
    made = Offer.objects.get()
    assert (made.state, made.weekdays) == ("open", [1, 3])
    edit = f"/admin/partners/offer/{made.pk}/edit/"
    assert "会议室" in staff.get(edit).content.decode()
    assert staff.post(edit, offer | {"title": "大会议室"}, format="multipart").status_code == 302
    day = timezone.localdate() + timedelta(days=2)
    dates = {"day": str(day), "starts": "10:00", "ends": "11:00", "repeat": "3"}
    assert staff.post(f"/admin/partners/offer/{made.pk}/dates/", dates, format="multipart").status_code == 302
    assert OfferSlot.objects.count() == 3
    assert (
        staff.post(
            f"/admin/partners/offer/{made.pk}/dates/", dates | {"day": "9999-12-31"}, format="multipart"
        ).status_code
        == 400
    )
    agreement = {"terms": desk.terms.code, "valid_from": str(timezone.localdate())}
    assert staff.post(f"{page}/agreement/", agreement, format="multipart").status_code == 302
    for view in ("list", "week", "month"):
        shown = staff.get(f"/admin/partners/offer/directory/?view={view}&day={day}&q=会议&kind=venue").content.decode()
        assert "大会议室" in shown
    assert "大会议室" not in staff.get("/admin/partners/offer/directory/?kind=money").content.decode()
    for name in ("qualificationkind", "profession", "agreementterms", "recruitment", "offerslot", "partneragreement"):
        assert staff.get(f"/admin/partners/{name}/").status_code == 200
    assert staff.get("/admin/partners/offer/directory/?day=0000-99-99&view=x&q=%00").status_code == 200
