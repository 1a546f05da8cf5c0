"""Every step by every role, through service, admin and API; who reads what; lists that cost the same for any rows."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.models import Role
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.timers import fire_due
from governance.workflow import act, steps_of
from mediation.agreements.tests import deals
from mediation.confirmation.tests.test_confirmation import applied, in_state
from mediation.models import AccessKind, Agreement, DisputeAccess, JudicialConfirmation, Obligation
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "grid_worker", "community_staff",
    "resident", "village_mediator", "colleague", "outside_village_mediator", "township_mediator",
    "outside_township_mediator", "county_centre", "joint_department", "judges_clerk", "respected_helper", "counsellor",
    "neighbour", "other_neighbour",
]  # fmt: skip
NOBODY, MINE, COMMITTEE = set(), {"village_mediator"}, {"village_mediator", "colleague"}
CLERK, PARTY = {"judges_clerk"}, {"neighbour"}
WHY = {"reason": "当事人另有意见"}
TEXT = {"subject": "漏水", "clauses": "修好漏水。\n赔偿三千元。", "obligations": "2 | 赔偿 | 2026-07-01 | 3000 | 1"}
NUMBER = {"number": "（2026）云9902民特12号"}
AGREEMENT = {
    "amend": (COMMITTEE, "draft", TEXT), "sign_party": (COMMITTEE | PARTY, "draft", {"how": "signature"}),
    "all_signed": (NOBODY, "draft", {}), "sign_mediator": (MINE, "signed_by_parties", {}),
    "void_mediator": (NOBODY, "signed_by_mediator", WHY),
    "seal": (COMMITTEE, "signed_by_mediator", {}), "record_oral": (MINE, "oral", {}),
    "discard": (COMMITTEE, "draft", WHY), "lapse": (NOBODY, "draft", {}),
    "replace": (NOBODY, "effective", {}), "correct_day": (COMMITTEE, "sealed_late", WHY | {"on": "2026-06-02"}),
    "correct_signature": (COMMITTEE, "sealed_late", WHY | {"on": "2026-06-03"}),
}  # fmt: skip
OBLIGATION = {
    "perform_whole": (COMMITTEE, "due", {}), "perform_part": (COMMITTEE, "due", {"paid": "1000"}),
    "lapse": (NOBODY, "due", {}), "urge": (COMMITTEE, "overdue", {}), "tell_of_litigation": (COMMITTEE, "urged", {}),
    "correct": (COMMITTEE, "urged", WHY), "replace": (NOBODY, "due", {}),
    # the service of "correct" picks one of these; no door has them
    "correct_to_part": (COMMITTEE, "urged", WHY), "correct_to_overdue": (COMMITTEE, "urged", WHY),
    "correct_to_urged": (COMMITTEE, "urged", WHY), "correct_to_told_of_litigation": (COMMITTEE, "urged", WHY),
}  # fmt: skip
CONFIRMATION = {
    "judge": (COMMITTEE, "eligible", {"concerns_identity": "no"}), "not_wanted": (COMMITTEE, "eligible", {}),
    "wanted": (COMMITTEE, "not_wanted", {}),
    "consent": (COMMITTEE | PARTY, "eligible", {"answer": "agreed", "how": "recorded"}),
    "apply": (COMMITTEE, "wished", {"court": "court", "basis": "mediation"}),
    "correct": (COMMITTEE, "jointly_applied", WHY | {"court": "court", "basis": "domicile"}),
    "remind": (NOBODY, "eligible", {}),
    "replace": (NOBODY, "eligible", {}),
    "receive": (CLERK, "jointly_applied", {}), "admit": (CLERK, "received", NUMBER),
    "extend": (CLERK, "admitted", WHY), "confirm": (CLERK, "admitted", NUMBER),
    "not_admit": (CLERK, "received", WHY | {"ground": "355_3"}),
    "reject": (CLERK, "admitted", WHY | {"ground": "358_5"}), "withdraw": (COMMITTEE | CLERK, "admitted", WHY),
    "hand_back": (CLERK, "received", WHY), "again": (COMMITTEE, "handed_back", {}),
    "note_enforcement": (COMMITTEE | CLERK, "valid", {}),
    "back_to_applied": (CLERK, "received", WHY), "back_to_received": (CLERK, "admitted", WHY),
    "back_to_admitted": (CLERK, "valid", WHY),
}  # fmt: skip
TABLES = {
    "agreements": (Agreement, AGREEMENT), "obligations": (Obligation, OBLIGATION),
    "confirmations": (JudicialConfirmation, CONFIRMATION),
}  # fmt: skip
BY_PARTY = {"sign_party": {"how": "electronic"}, "consent": {"answer": "agreed", "how": "account"}}


class undone:
    """What is done within is taken back at the end."""

    def __enter__(self):
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *error):
        transaction.set_rollback(True)
        return self.block.__exit__(*error)


def made(county, clock, model, state):
    """Return a fresh object in ``state``."""
    if state == "sealed_late":
        signed = deals.signed(county, deals.drafted(county))
        clock.move_to(NOW + timedelta(days=6))
        return act(signed, "seal", actor=county.mediator)
    if model is Agreement:
        return deals.drafted(county, form="oral") if state == "oral" else deals.in_state(county, state)
    if model is JudicialConfirmation:
        row = in_state(county, {"wished": "eligible", "handed_back": "received"}.get(state, state))
        if state == "handed_back":
            return act(row, "hand_back", actor=county.people["judges_clerk"], **WHY)
        for party in deals.parties(row.dispute) if state == "wished" else []:
            row = act(row, "consent", actor=county.mediator, party=party, answer="agreed")
        return row
    row = deals.owed_money(deals.effective(county))
    if state in ("overdue", "urged"):
        clock.move_to(NOW + timedelta(days=29))
        fire_due()
        row = Obligation.objects.with_rows().get(pk=row.pk)
    if state == "urged":
        row = act(row, "urge", actor=county.mediator)
    return row


def press(user, obj, address, name, given, door):
    """Carry a step out through a door; return the answer."""
    if door == "api":
        return client_of(user).post(f"/api/v1/mediation/{address}/{obj.pk}/transitions/{name}/", given)
    page = f"/admin/mediation/{obj._meta.model_name}/{obj.pk}/transition/{name}/"
    return client_of(user).post(page, given, format="multipart")


def test_the_tables_name_every_step_and_the_steps_are_complete():
    for model, table in TABLES.values():
        assert set(steps_of(model)) == set(table), model
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


@pytest.mark.parametrize("address", list(TABLES))
def test_each_step_by_each_role(county, clock, address):
    """Each step is tried by every role, by the service and through both doors."""
    model, table = TABLES[address]
    for state in dict.fromkeys(state for _may, state, _given in table.values()):
        with undone():
            clock.move_to(NOW)
            obj = made(county, clock, model, state)
            for name, (may, begins, given) in table.items():
                if begins == state:
                    with undone():
                        _tried(county, obj, address, name, (may, given))


def _tried(county, obj, address, name, rule):
    may, given = rule
    if name in BY_PARTY:
        given = given | {"party": str(deals.parties(obj.dispute)[1].pk)}
    if name == "correct_signature":
        given = given | {"signature": str(obj.signatures.get(of="mediator").pk)}
    before = snapshot(obj)
    denied = [who for who in ROLES if who not in may]
    raw = {"party": deals.parties(obj.dispute)[1]} if name in BY_PARTY else {}
    for who in denied:
        with pytest.raises(NotPermitted), transaction.atomic():
            act(obj, name, actor=county.people[who], **_arguments(county, obj, name, raw))
        assert snapshot(obj) == before, (name, who)
    for who, door in product(denied, ("api", "admin")):
        answer = press(county.people[who], obj, address, name, given, door)
        assert answer.status_code in ((403, 404) if door == "api" else (302, 403, 404)), (name, door, who)
    assert snapshot(obj) == before, name
    for who in sorted(may - PARTY):
        for door in ("api", "admin"):
            with undone():
                answer = press(county.people[who], obj, address, name, given, door)
                if steps_of(type(obj))[name].quiet:
                    assert answer.status_code in ((403,) if door == "api" else (302, 403, 404))
                    assert snapshot(obj) == before
                    continue
                told = (name, who, door, answer.content.decode()[-1500:])
                assert answer.status_code == (200 if door == "api" else 302), told
                assert type(obj).objects.get(pk=obj.pk).version > obj.version
    if may & PARTY:
        with undone():
            own = deals.parties(obj.dispute)[0]
            act(obj, name, actor=county.people["neighbour"], party=own, **BY_PARTY[name])
            assert type(obj).objects.get(pk=obj.pk).version > obj.version


def _arguments(county, obj, name, raw):
    """What the service takes, for those it refuses all the same."""
    terms = {"amend": {"terms": None}, "apply": {"court": county.unit("court"), "basis": "mediation"},
             "admit": NUMBER, "confirm": NUMBER, "reject": WHY | {"ground": "358_5"},
             "not_admit": WHY | {"ground": "355_3"}, "perform_part": {"paid": 1000},
             "judge": {"concerns_identity": None, "concerns_title": None}}  # fmt: skip
    if name == "correct_day":
        return WHY | {"on": NOW.date()}
    if name == "correct_signature":
        return WHY | {"on": NOW.date(), "signature": obj.signatures.first()}
    if name == "amend":
        return {"terms": deals.terms(obj.dispute)}
    if name == "correct" and isinstance(obj, JudicialConfirmation):
        return WHY | terms["apply"]
    asked = name.startswith("back") or name in ("discard", "correct", "extend", "withdraw", "hand_back")
    answer = {"answer": "agreed"} if name == "consent" else {}
    return raw | terms.get(name, {}) | answer | (WHY if asked else {})


READS = {
    "agreement": {"village_mediator", "colleague"}, "obligation": {"village_mediator", "colleague"},
    "judicialconfirmation": {"village_mediator", "colleague", "judges_clerk"},
}  # fmt: skip


def test_who_reads_and_that_it_is_written_down(county):
    # given a general dispute of the village committee, agreed and before the court
    row = applied(county)
    rows = {"agreement": row.agreement, "obligation": deals.owed_money(row.agreement), "judicialconfirmation": row}
    addresses = {"agreement": "agreements", "obligation": "obligations", "judicialconfirmation": "confirmations"}
    for name, obj in rows.items():
        for who in ROLES:
            before = DisputeAccess.objects.count()
            client = client_of(county.people[who])
            api = client.get(f"/api/v1/mediation/{addresses[name]}/{obj.pk}/").status_code
            page = client.get(f"/admin/mediation/{name}/{obj.pk}/change/").status_code

            # then those of the table read it, and both readings left a row; nobody else gets it, by no door
            reads = who in READS[name]
            assert (api == 200) == reads and (page == 200) == reads, (name, who, api, page)
            assert DisputeAccess.objects.count() - before == (2 if reads else 0), (name, who)
    assert DisputeAccess.objects.filter(role=Role.JUDGES_CLERK).exists()


def test_the_clerk_reads_neither_words_nor_wishes(county):
    row = applied(county)
    client = client_of(county.people["judges_clerk"])
    told = client.get(f"/api/v1/mediation/confirmations/{row.pk}/").json()
    assert told["reasons"] == [] and told["wishes"] == []
    page = client.get(f"/admin/mediation/judicialconfirmation/{row.pk}/change/").content.decode()
    assert "何" not in page and "漏水" not in page


def test_lists_hold_no_words_and_no_names(county):
    row = applied(county)
    client = client_of(county.mediator)
    for address in ("agreements", "obligations", "confirmations"):
        text = client.get(f"/api/v1/mediation/{address}/").content.decode()
        assert "漏水" not in text and "何" not in text and str(row.dispute_id) in text
    for name in ("agreement", "obligation", "judicialconfirmation"):
        text = client.get(f"/admin/mediation/{name}/").content.decode()
        assert "漏水" not in text and "何秀英" not in text


def test_lists_agree_with_single_objects(county):
    applied(county)
    deals.drafted(county)
    for model, _table in TABLES.values():
        assert_relation_forms_agree(model.objects, list(county.people.values()))


def test_an_agreement_by_rest_from_draft_to_effect(county):
    # given a dispute in mediation
    dispute, client = county.mediating(), client_of(county.mediator)
    applicant, respondent = deals.parties(dispute)
    body = {
        "dispute": dispute.pk, "subject": "楼上漏水", "clauses": ["修好漏水。"],
        "obligations": [{"debtor": respondent.pk, "creditor": applicant.pk, "what": "赔偿", "amount": "3000.00",
                         "due_on": "2026-07-01"}],
    }  # fmt: skip

    # when it is drafted, signed and sealed
    made = client.post("/api/v1/mediation/agreements/", body)
    assert made.status_code == 201, made.content
    address = f"/api/v1/mediation/agreements/{made.json()['id']}"
    for name, given in [("sign_party", {"party": str(applicant.pk), "how": "fingerprint"}),
                        ("sign_party", {"party": str(respondent.pk), "how": "signature"}), ("sign_mediator", {}),
                        ("seal", {})]:  # fmt: skip
        answer = client.post(f"{address}/transitions/{name}/", given)
        assert answer.status_code == 200, (name, answer.content)

    # then it is in effect and its papers can be taken
    assert answer.json()["state"] == "effective" and answer.json()["effective_on"] == "2026-06-02"
    paper = client.post(f"{address}/paper/", {"paper": "agreement"})
    assert paper.status_code == 200 and paper.content[:2] == b"PK"
    assert client.post(f"{address}/paper/", {"paper": "file"}).content[:2] == b"PK"
    assert client.post(f"{address}/paper/", {"paper": "caucus"}).status_code == 400
    assert DisputeAccess.objects.filter(kind=AccessKind.EXPORTED).count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"dispute": 10**30}, {"dispute": 987654}, {"subject": "甲\0"}, {"clauses": []}, {"clauses": "甲"},
        {"made_on": "9999-12-31"}, {"obligations": [{"debtor": 1}]}, {"form": "x"},
        {"obligations": [{"debtor": 987654, "what": "甲", "due_on": "2026-07-01"}]},
    ],
)  # fmt: skip
def test_bad_bodies_are_answered_with_400(county, change):
    dispute = county.mediating()
    body = {"dispute": dispute.pk, "subject": "楼上漏水", "clauses": ["修好漏水。"]} | change
    answer = client_of(county.mediator).post("/api/v1/mediation/agreements/", body)
    assert answer.status_code == 400 and not Agreement.objects.exists(), answer.content


def test_the_page_that_drafts(county):
    dispute = county.mediating()
    address = f"/admin/mediation/agreement/draft/{dispute.pk}/"
    client = client_of(county.mediator)
    assert client.get(address).status_code == 200
    chosen = client.post("/admin/mediation/agreement/add/", {"dispute": dispute.pk}, format="multipart")
    assert chosen.status_code == 302 and chosen["Location"] == address
    foreign = client_of(county.people["outside_village_mediator"])
    refused = foreign.post("/admin/mediation/agreement/add/", {"dispute": dispute.pk}, format="multipart")
    assert refused.status_code == 400 and dispute.number not in refused.content.decode()
    wrong = client.post(address, TEXT | {"form": "written", "obligations": "9 | 赔偿 | x"}, format="multipart")
    assert wrong.status_code == 400 and not Agreement.objects.exists()
    for who in ("outside_village_mediator", "township_mediator", "judges_clerk", "grid_worker"):
        assert client_of(county.people[who]).post(address, TEXT, format="multipart").status_code in (302, 403, 404)
    assert not Agreement.objects.exists()
    done = client.post(address, TEXT | {"form": "written"}, format="multipart")
    assert done.status_code == 302 and Agreement.objects.get().obligations.get().amount == 3000
    page = client.get(f"/admin/mediation/agreement/{Agreement.objects.get().pk}/change/").content.decode()
    assert "赔偿三千元" in page and "何秀英" not in page


def test_lists_and_pages_cost_the_same_for_any_number_of_rows(county):
    row = applied(county)
    deals.drafted(county)
    client, clerk = client_of(county.mediator), client_of(county.people["judges_clerk"])
    lists = [(client, f"/api/v1/mediation/{address}/") for address in TABLES]
    lists += [(client, f"/admin/mediation/{model._meta.model_name}/") for model, _table in TABLES.values()]
    lists += [(clerk, "/api/v1/mediation/confirmations/"), (client, "/admin/"), (clerk, "/admin/")]
    counts = []
    for turn in range(2):
        counts.append({})
        for user, address in lists:
            if turn == 0:
                user.get(address)  # what is remembered from now on
            with CaptureQueriesContext(connection) as found:
                assert user.get(address).status_code == 200, address
            counts[-1][address, user is clerk] = len(found)
        if turn == 0:
            applied(county)
            deals.drafted(county)
    assert counts[0] == counts[1], (row, counts)
