"""Every step by every role through admin and API; what is beside the steps; reading is recorded; the phone."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.testing import snapshot
from governance.workflow import steps_of
from mediation.disputes.dispute_workflow import DECLINABLE, REOPENABLE, TERMINABLE, end_back_name, take_back_name
from mediation.disputes.pages.phone import AT_THE_DESK
from mediation.disputes.police import police_report
from mediation.models import Consent, Dispute, DisputeAccess, DisputeState, Party, PoliceReport, Recusal, RoutesTold

pytestmark = pytest.mark.django_db
S = DisputeState
ROLES = ["village_mediator", "colleague", "outside_village_mediator", "township_mediator", "outside_township_mediator",
         "county_centre", "outside_county_centre", "counsellor", "police_department", "grid_worker", "joint_department",
         "judges_clerk", "administrator", "operations_centre", "community_staff", "respected_helper",
         "neighbour"]  # fmt: skip
ALLOWED = {"village_mediator", "colleague"}
WHY = {"reason": "情况有变"}
UNTIL = "2026-07-20"
# From which state, with what form.
STEPS = {
    "amend": (S.REGISTERED, {"title": "改", "people": "3", "urgency": "urgent", "type": "neighbours"}),
    "assign": (S.REGISTERED, {"mediator": "colleague"}),
    "mark_violence": (S.REGISTERED, WHY | {"violence": "on"}), "submit_for_consent": (S.REGISTERED, {}),
    "accept": (S.AWAITING_CONSENT, {}), "begin": (S.ACCEPTED, {}), "extend": (S.MEDIATING, {"until": UNTIL}),
    "terminate": (S.MEDIATING, {"ground": "no_agreement", "how": "oral"}),
    "decline": (S.REGISTERED, WHY | {"ground": "no_dispute"}), "refer": (S.REGISTERED, WHY | {"where": "court"}),
    "tell_rights": (S.AWAITING_CONSENT, {"how": "written", "on": "2026-06-01"}),
    "close": (S.TERMINATED, {}), "archive": (S.CLOSED, {}), "reopen": (S.TERMINATED, WHY),
}  # fmt: skip
# From this state reopened, and back.
STEPS |= {take_back_name(state): (state, WHY) for state in REOPENABLE}
# From this state ended, and back.
STEPS |= {end_back_name(state): (state, WHY) for state in (*TERMINABLE, *DECLINABLE)}


def sent(client, url, body):
    """Send what a browser's form sends."""
    return client.post(url, body, format="multipart")


def test_the_table_names_every_step_but_the_quiet_ones():
    assert set(steps_of(Dispute)) == set(STEPS) | {"agree", "change_tier"}


def ready(county, name, state) -> Dispute:
    """A dispute in which the step is possible, apart from who does it."""
    dispute = county.in_state(state)
    if name.startswith("take_back"):
        dispute = county.step(dispute, "reopen")
    if name.startswith("end_back"):
        dispute = county.step(dispute, "terminate" if state in TERMINABLE else "decline")
    if name == "accept":
        county.all_agree(dispute)
    if name == "extend":
        county.all_agree(dispute, what="extension", until=date.fromisoformat(UNTIL))
    return dispute


@pytest.mark.parametrize("door", ["admin", "api"])
@pytest.mark.parametrize("name", STEPS)
def test_every_step_by_every_role_through_admin_and_api(county, name, door):
    state, given = STEPS[name]
    if door == "api" and name == "mark_violence":
        given = given | {"violence": True}
    dispute = ready(county, name, state)
    before = snapshot(dispute)

    def pressed(key):
        client = client_of(county.user(key))
        if door == "api":
            return client.post(f"/api/v1/mediation/disputes/{dispute.pk}/transitions/{name}/", given, format="json")
        return client.post(f"/admin/mediation/dispute/{dispute.pk}/transition/{name}/", given, format="multipart")

    for key in ROLES:
        if key not in ALLOWED:
            answer = pressed(key)
            assert answer.status_code in (302, 403, 404), (key, answer.status_code)
            assert snapshot(dispute) == before, key
    answer = pressed("colleague")
    assert answer.status_code == (200 if door == "api" else 302), answer.content[:500]
    assert Dispute.objects.get(pk=dispute.pk).version == dispute.version + 1
    assert "漏水" not in answer.content.decode()


def test_the_quiet_step_has_no_button(county):
    dispute = county.mediating()
    client = client_of(county.mediator)
    assert client.post(f"/api/v1/mediation/disputes/{dispute.pk}/transitions/agree/", {}).status_code == 403
    assert client.post(f"/admin/mediation/dispute/{dispute.pk}/transition/agree/", {}).status_code == 404
    assert Dispute.objects.get().state == S.MEDIATING


def test_registering_through_the_doors(county):
    body = {
        "area": county.area("grid").code, "source": "application", "title": "拖欠工钱", "facts": "包工头拖欠民工工资",
        "parties": [{"side": "applicant", "name": "何秀英", "phone": "13900003001"}], "amount": "8000.00",
    }  # fmt: skip
    for key in ROLES:
        if key in ALLOWED | {"township_mediator", "county_centre"}:
            continue
        assert client_of(county.user(key)).post("/api/v1/mediation/disputes/", body, format="json").status_code == 403
        outside = key.startswith("outside_")
        allowed = (400,) if outside else (302, 403)  # the form, of their own area only
        assert sent(client_of(county.user(key)), "/admin/mediation/dispute/add/", {}).status_code in allowed, key
    assert not Dispute.objects.exists()
    answer = client_of(county.mediator).post("/api/v1/mediation/disputes/", body, format="json")
    assert answer.status_code == 201 and answer.json()["type"] == "migrant_wages", answer.content
    assert answer.json()["between"] == "何**" and "工钱" not in answer.content.decode()
    for wrong in ({"area": "999999"}, {"title": "a\0"}, {"amount": "-1"}, {"amount": "1e40"}, {"people": 0},
                  {"occurred_at": "9999-12-31T23:59:59Z"}, {"occurred_at": "0001-01-01T00:00:00Z"},
                  {"parties": [{"side": "applicant", "name": "甲", "identity": "1"}]}, {"tier": "complex"},
                  {"type": "no-such"}, {"parties": "x"}):  # fmt: skip
        answer = client_of(county.mediator).post("/api/v1/mediation/disputes/", body | wrong, format="json")
        assert answer.status_code == 400, (wrong, answer.status_code)
    assert Dispute.objects.count() == 1 and Party.objects.count() == 1
    form = {"title": "邻居狗叫", "facts": "狗整夜叫", "source": "application", "area": county.area("community").code,
            "applicant": "张三", "respondent": "李四", "respondent_phone": "13900003009", "people": "2",
            "urgency": "normal", "tier": "general"}  # fmt: skip
    # without a type the three likeliest by the words are proposed, and a person chooses
    answer = sent(client_of(county.mediator), "/admin/mediation/dispute/add/", form)
    assert answer.status_code == 400 and Dispute.objects.count() == 1
    proposed = re.findall(r'name="likeliest" value="(\w+)"', answer.content.decode())
    assert len(proposed) == 3 and proposed[0] == "neighbours"
    wrong = sent(client_of(county.mediator), "/admin/mediation/dispute/add/", form | {"likeliest": "medical"})
    assert wrong.status_code == 400 and Dispute.objects.count() == 1
    form |= {"likeliest": "neighbours"}
    answer = sent(client_of(county.mediator), "/admin/mediation/dispute/add/", form)
    made = Dispute.objects.first()
    assert answer.status_code == 302 and made.parties.count() == 2 and made.type.code == "neighbours"
    answer = sent(client_of(county.mediator), "/admin/mediation/dispute/add/", form | {"respondent_phone": "1"})
    assert answer.status_code == 400 and Dispute.objects.count() == 2
    answer = sent(client_of(county.user("outside_village_mediator")), "/admin/mediation/dispute/add/", form)
    assert answer.status_code == 400 and Dispute.objects.count() == 2
    guessed = client_of(county.mediator).post("/api/v1/mediation/types/guess/", {"text": "楼上漏水"}, format="json")
    assert [len(guessed.json()), guessed.json()[0]["code"]] == [3, "neighbours"]
    assert client_of(county.user("neighbour")).post("/api/v1/mediation/types/guess/", {"text": "x"}).status_code == 403


def test_reading_one_is_recorded_and_lists_hold_no_words(county):
    dispute = county.mediating()
    client = client_of(county.mediator)
    for url in ("/admin/mediation/dispute/", "/api/v1/mediation/disputes/", "/m/disputes/", "/m/"):
        told = client.get(url).content.decode()
        assert dispute.number in told and "漏水" not in told and "何秀英" not in told, url
    assert not DisputeAccess.objects.exists()
    for url in (f"/admin/mediation/dispute/{dispute.pk}/change/", f"/api/v1/mediation/disputes/{dispute.pk}/",
                f"/m/disputes/{dispute.pk}/"):  # fmt: skip
        count = DisputeAccess.objects.count()
        told = client.get(url).content.decode()
        assert "漏水" in told and "何**" in told and "何秀英" not in told and "13900003001" not in told, url
        assert DisputeAccess.objects.count() == count + 1, url
        for key in set(ROLES) - ALLOWED:
            answer = client_of(county.user(key)).get(url)
            assert answer.status_code in (302, 403, 404), (url, key)
        assert DisputeAccess.objects.count() == count + 1, url
    row = DisputeAccess.objects.first()
    assert (row.person, row.role, row.kind) == (county.mediator, "village_mediator", "read")


def test_an_export_is_recorded_and_holds_no_names(county):
    dispute = county.mediating()
    answer = sent(client_of(county.mediator), "/admin/mediation/dispute/export/", {"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    told = str([[cell.value for cell in row] for row in sheet.rows])
    assert dispute.number in told
    for word in ("漏水", "何秀英", "马国梁", "1390000"):
        assert word not in told
    assert DisputeAccess.objects.get().kind == "exported"


def test_the_masked_list(county):
    dispute = county.mediating()
    elsewhere = county.dispute(actor=county.outsider("village_mediator"), area=county.area("other_community"))
    for url in ("/admin/mediation/dispute/masked/", "/api/v1/mediation/disputes/masked/"):
        told = client_of(county.user("township_mediator")).get(url).content.decode()
        assert dispute.number in told and elsewhere.number not in told
        for word in ("漏水", "何秀英", "马国梁", "何**", "1390000", county.mediator.username):
            assert word not in told, (url, word)
        for key in ("village_mediator", "county_centre", "grid_worker", "administrator", "neighbour"):
            answer = client_of(county.user(key)).get(url)
            assert answer.status_code in (302, 403) or dispute.number not in answer.content.decode(), (url, key)
    # the button is for those who have such a list; who registers what they do not read is led to a list of their own
    button, form = 'href="/admin/mediation/dispute/masked/"', {
        "title": "邻居狗叫", "facts": "狗整夜叫", "source": "application", "area": county.area("community").code,
        "applicant": "张三", "people": "2", "urgency": "normal", "tier": "general", "type": "neighbours",
    }  # fmt: skip
    for key, has in (("township_mediator", True), ("county_centre", False), ("administrator", False)):
        client = client_of(county.user(key))
        assert (button in client.get("/admin/mediation/dispute/").content.decode()) == has, key
        if key != "administrator":
            led = sent(client, "/admin/mediation/dispute/add/", form)
            assert led.status_code == 302 and client.get(led["Location"]).status_code == 200, (key, led["Location"])
    assert (
        client_of(county.user("township_mediator")).get(f"/admin/mediation/dispute/{dispute.pk}/change/").status_code
        == 404
    )


def test_what_is_beside_the_steps_through_the_api(county):
    dispute, other = county.mediating(), county.dispute()
    base = f"/api/v1/mediation/disputes/{dispute.pk}"
    party = dispute.parties.first()
    calls = {
        "parties": {"side": "third", "name": "王五"},
        "consents": {"party": party.pk, "what": "mediator", "answer": "refused", "how": "phone"},
        "recusals": {"party": party.pk, "ground": "interest", "words": "有利害关系"},
        "police-reports": {"ground": "escalation", "words": "扬言动手", "unit": "police"},
        f"parties/{party.pk}/unmask": {"reason": "送达"},
    }  # fmt: skip
    for path, body in calls.items():
        before = snapshot(dispute)
        for key in set(ROLES) - ALLOWED:
            answer = client_of(county.user(key)).post(f"{base}/{path}/", body, format="json")
            assert answer.status_code in (403, 404), (path, key)
        assert snapshot(dispute) == before
        answer = client_of(county.mediator).post(f"{base}/{path}/", body, format="json")
        assert answer.status_code in (200, 201), (path, answer.content)
    assert answer.json()["name"] == "何秀英" and answer.json()["phone"] == "13900003001"
    client = client_of(county.mediator)
    for path, body in {
        "consents": {"party": other.parties.first().pk, "what": "mediator", "answer": "agreed", "how": "phone"},
        "recusals": {"party": 2**62, "ground": "interest"}, "police-reports": {"ground": "x"},
        f"parties/{party.pk}/unmask": {"reason": ""}, "routes": {"how": "link"},
    }.items():  # fmt: skip
        assert client.post(f"{base}/{path}/", body, format="json").status_code == 400, path
    assert client.post(f"{base}/parties/{other.parties.first().pk}/unmask/", {"reason": "x"}).status_code == 404
    assert client.post(f"{base}/routes/", {"how": "oral"}).status_code == 409
    # the recusal is decided by a colleague, not by the mediator
    row = Recusal.objects.get()
    address = f"/api/v1/mediation/recusals/{row.pk}/transitions/uphold/"
    assert client.post(address, {"mediator": "colleague"}, format="json").status_code == 403
    answer = client_of(county.user("colleague")).post(address, {"mediator": "colleague"}, format="json")
    assert answer.status_code == 200 and answer.json()["state"] == "upheld"
    # who was recused records nothing any more; the colleague does
    withdrawn = {"party": party.pk, "what": "mediation", "answer": "withdrawn", "how": "oral"}
    assert client.post(f"{base}/consents/", withdrawn, format="json").status_code == 404
    client = client_of(county.user("colleague"))
    assert client.post(f"{base}/consents/", withdrawn, format="json").status_code == 201
    assert Dispute.objects.get(pk=dispute.pk).state == S.TERMINATED
    answer = client.post(f"{base}/routes/", {"how": "oral"}, format="json")
    assert answer.status_code == 200 and len(answer.json()) == RoutesTold.objects.count() == 3


def test_a_party_is_corrected_through_the_api(county):
    # given a dispute with a party whose identity nobody wrote down
    dispute, other = county.mediating(), county.dispute()
    party = dispute.parties.last()
    address, client = f"/api/v1/mediation/disputes/{dispute.pk}/parties/{{}}/", client_of(county.mediator)
    # when others try, nothing is changed
    before = snapshot(dispute)
    for key in set(ROLES) - ALLOWED:
        answer = client_of(county.user(key)).patch(address.format(party.pk), {"phone": "13900003007"}, format="json")
        assert answer.status_code in (403, 404), key
    assert snapshot(dispute) == before
    # when whoever works on it does, only what is given is
    given = {"phone": "13900003007", "identity": "990102197001011238"}
    answer = client.patch(address.format(party.pk), given, format="json")
    assert answer.status_code == 200 and answer.json()["id"] == party.pk
    name = party.name
    party.refresh_from_db()
    assert (party.name, party.phone, party.identity) == (name, *given.values()) and name not in str(answer.json())
    for wrong in ({"identity": "1"}, {"side": "judge"}, {"name": ""}):
        assert client.patch(address.format(party.pk), wrong, format="json").status_code == 400, wrong
    assert client.patch(address.format(other.parties.first().pk), given, format="json").status_code == 404
    # and the whole dispute tells its tiers
    told = client.get(f"/api/v1/mediation/disputes/{dispute.pk}/").json()
    assert [row["tier"] for row in told["tiers"]] == ["general"] and told["replies"] == []


def test_what_is_beside_the_steps_in_the_admin(county):
    dispute = county.mediating()
    base = f"/admin/mediation/dispute/{dispute.pk}"
    party = dispute.parties.first()
    forms = {
        "do/party/": {"side": "third", "kind": "person", "name": "王五"},
        "do/consent/": {"parties": [party.pk], "what": "mediator", "answer": "agreed", "how": "oral"},
        "do/recusal/": {"party": party.pk, "ground": "interest"},
        "do/police/": {"ground": "crime"},
        f"party/{party.pk}/": {"side": "applicant", "kind": "person", "phone": "13900003007"},
        f"party/{party.pk}/unmask/": {"reason": "送达文书"},
    }  # fmt: skip
    client = client_of(county.mediator)
    for path, body in forms.items():
        for key in ("outside_village_mediator", "township_mediator", "grid_worker", "administrator", "neighbour"):
            before = snapshot(dispute)
            for answer in (client_of(county.user(key)).get(f"{base}/{path}"),
                           sent(client_of(county.user(key)), f"{base}/{path}", body)):  # fmt: skip
                assert answer.status_code in (302, 403, 404), (path, key)
            assert snapshot(dispute) == before, (path, key)
        assert client.get(f"{base}/{path}").status_code == 200, path
        assert sent(client, f"{base}/{path}", body).status_code in (200, 302), path
    party.refresh_from_db()
    assert (party.phone, party.name, party.identity) == ("13900003007", "何秀英", "990102197001011238")
    shown = sent(client, f"{base}/party/{party.pk}/unmask/", {"reason": "送达文书"}).content.decode()
    assert "何秀英" in shown and "13900003007" in shown
    assert "何秀英" not in client.get(f"{base}/change/").content.decode()
    assert Consent.objects.filter(what="mediator").count() == PoliceReport.objects.count() == 1
    row = Recusal.objects.get()
    page = f"/admin/mediation/recusal/{row.pk}/"
    assert client.get(f"{page}change/").status_code == 200
    assert client_of(county.user("township_mediator")).get(f"{page}change/").status_code in (302, 404)
    assert sent(client, f"{page}transition/reject/", WHY).status_code == 403
    assert sent(client_of(county.user("colleague")), f"{page}transition/reject/", WHY).status_code == 302
    assert client.get("/admin/").status_code == 200 and client.get("/admin/mediation/recusal/").status_code == 200


def test_the_phone_of_a_grid_worker_who_mediates_on_site(county):
    dispute = county.step(county.dispute(), "assign", mediator=county.user("grid_worker"))
    client = client_of(county.user("grid_worker"))
    base = f"/m/disputes/{dispute.pk}/"
    assert dispute.number in client.get("/m/").content.decode()
    assert sent(client, f"{base}steps/submit_for_consent/", {}).status_code == 302
    parties = [party.pk for party in dispute.parties.all()]
    given = {"parties": parties, "what": "mediation", "answer": "agreed", "how": "oral"}
    assert client.get(f"{base}answers/").status_code == 200
    assert sent(client, f"{base}answers/", given | {"answer": "withdrawn"}).status_code == 400
    assert sent(client, f"{base}answers/", given).status_code == 302
    for name in ("accept", "begin"):
        assert sent(client, f"{base}steps/{name}/", {}).status_code == 302, name
    shown = sent(client, f"{base}parties/{parties[0]}/", {"reason": "上门联系"})
    assert "13900003001" in shown.content.decode() and DisputeAccess.objects.filter(kind="unmasked").count() == 1
    page = client.get(base).content.decode()
    assert re.findall(r'data-step="(\w+)"', page) == ["mark_violence", "tell_rights", "extend", "terminate"]
    assert client.get(f"{base}steps/terminate/").status_code == 200
    assert sent(client, f"{base}steps/terminate/", {"ground": "absent", "how": "oral"}).status_code == 302
    assert Dispute.objects.get().state == S.TERMINATED
    assert client.get("/m/disputes/new/").status_code == 403
    for key in ("outside_village_mediator", "township_mediator", "community_staff"):
        for path in ("", "answers/", f"parties/{parties[0]}/", "steps/close/"):
            assert client_of(county.user(key)).get(f"{base}{path}").status_code == 404
    form = {"title": "狗叫", "facts": "邻居的狗整夜叫", "source": "application", "people": "2", "urgency": "normal",
            "area": county.area("grid").code, "applicant": "张三", "tier": "general"}  # fmt: skip
    village = client_of(county.mediator)
    assert village.get("/m/disputes/new/").status_code == 200
    assert sent(village, "/m/disputes/new/", form | {"title": ""}).status_code == 400
    proposed = re.findall(r'name="likeliest" value="(\w+)"', sent(village, "/m/disputes/new/", form).content.decode())
    assert len(proposed) == 3 and Dispute.objects.count() == 1
    assert sent(village, "/m/disputes/new/", form | {"likeliest": proposed[1]}).status_code == 302
    assert Dispute.objects.first().type.code == proposed[1]
    other = form | {"title": "乱收费", "type": "property_management"}
    assert sent(village, "/m/disputes/new/", other).status_code == 302
    assert Dispute.objects.count() == 3


def test_steps_of_the_desk_are_not_on_the_phone(county):
    """They show the words of a dispute, and reading those is written down where they are shown."""
    dispute = county.mediating()
    client, read = client_of(county.mediator), DisputeAccess.objects.count()
    for name in AT_THE_DESK:
        for answer in (client.get(f"/m/disputes/{dispute.pk}/steps/{name}/"),
                       sent(client, f"/m/disputes/{dispute.pk}/steps/{name}/", {})):  # fmt: skip
            assert answer.status_code == 404, name
    assert DisputeAccess.objects.count() == read


def test_the_phone_page_of_a_running_mediation(county):
    # given a mediation that goes on
    dispute, client = county.mediating(), client_of(county.mediator)
    base = f"/m/disputes/{dispute.pk}/"
    page = client.get(base).content.decode()
    # then to end it is not the main button; to write down what parties say is
    looks = {address: look for look, address in re.findall(r'class="button main ?(\w*)"[^>]*href="([^"]+)"', page)}
    assert looks[f"{base}steps/terminate/"] == "turn" and looks[f"{base}answers/"] == ""
    # and a party who came is added on the spot, by who works on it
    assert f"{base}parties/new/" in page
    given = {"side": "third", "kind": "person", "name": "王五", "phone": "13900003008"}
    for key in ("outside_village_mediator", "township_mediator", "neighbour"):
        answer = sent(client_of(county.user(key)), f"{base}parties/new/", given)
        assert answer.status_code in (302, 403, 404) and dispute.parties.count() == 2, key
    assert sent(client, f"{base}parties/new/", given | {"phone": "1"}).status_code == 400
    assert sent(client, f"{base}parties/new/", given).status_code == 302
    assert dispute.parties.get(side="third").phone == "13900003008"
    # before it begins the next step leads on, and is the main one
    page = client.get(f"/m/disputes/{county.accepted().pk}/").content.decode()
    looks = {address: look for look, address in re.findall(r'class="button main ?(\w*)"[^>]*href="([^"]+)"', page)}
    assert [look for address, look in looks.items() if address.endswith("steps/begin/")] == [""]
    assert [look for address, look in looks.items() if address.endswith("answers/")] == ["quiet"]


def test_lists_cost_the_same_however_many(county):
    client = client_of(county.mediator)
    spent = {}
    for _round in range(2):
        for _number in range(2):
            county.dispute()
        for url in ("/admin/mediation/dispute/", "/api/v1/mediation/disputes/", "/m/disputes/"):
            client.get(url)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(url)
            spent.setdefault(url, []).append(len(queries))
    assert all(first == second for first, second in spent.values()), spent


def test_one_dispute_costs_the_same_however_much_was_said(county):
    dispute, spent = county.mediating(), []
    client = client_of(county.mediator)
    url = f"/api/v1/mediation/disputes/{dispute.pk}/"
    for number in range(3):
        for party in dispute.parties.all():
            county.consent(party, what="mediator", about=county.mediator)
        police_report(dispute, actor=county.mediator, ground="escalation", unit=county.unit("police"))
        with CaptureQueriesContext(connection) as queries:
            told = client.get(url).json()
        spent.append(len(queries))
        assert len(told["police_reports"]) == number + 1 and told["police_reports"][0]["unit"] == "police"
        assert county.mediator.username in {one["about"] for one in told["consents"]}
    assert spent[1] == spent[2], spent


def test_who_represents_a_party_is_masked_until_it_is_unmasked(county):
    dispute = county.mediating()
    party = dispute.parties.first()
    client, page = client_of(county.mediator), f"/admin/mediation/dispute/{dispute.pk}/party/{party.pk}/"
    form = {"side": "applicant", "kind": "person"}
    assert 'name="no_agent"' not in client.get(page).content.decode()
    assert sent(client, page, form | {"agent": "秦明月"}).status_code == 302
    # when it is corrected again, the name stands there masked and is kept where nothing is filled in
    told = client.get(page).content.decode()
    assert "秦明月" not in told and "秦**" in told and 'name="no_agent"' in told
    assert sent(client, page, form | {"phone": "13900003008"}).status_code == 302
    party.refresh_from_db()
    assert (party.agent, party.phone) == ("秦明月", "13900003008")
    # it is told in the clear for a reason
    shown = client.post(f"/api/v1/mediation/disputes/{dispute.pk}/parties/{party.pk}/unmask/", {"reason": "送达"})
    assert shown.json()["agent"] == "秦明月"
    assert "秦明月" in sent(client, f"{page}unmask/", {"reason": "送达"}).content.decode()
    assert DisputeAccess.objects.filter(kind="unmasked", what__contains="agent").count() == 2
    # and nobody represents them any more
    assert sent(client, page, form | {"no_agent": "on"}).status_code == 302
    party.refresh_from_db()
    assert party.agent == ""
