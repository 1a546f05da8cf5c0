"""Every entry into an estate's money by every role, through the API and the admin; what others find."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cases.tests.api import client_of
from governance.events import registered
from governance.models import Role
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from property.costs.disclosures import disclosures_plan
from property.costs.tests.estate import ROLES
from property.models import (
    Charge,
    CostLine,
    CostPart,
    CostPeriod,
    Disclosure,
    EstateBooks,
    FundEntry,
    IncomeEntry,
    MaintenanceFund,
    Payment,
)

READERS = {"property_manager", "owners_member", "community_staff", "party_secretary", "administrator", "organiser"}
COLLECTS = {"property_manager", "community_staff", "administrator"}
KEEPS = COLLECTS | {"owners_member"}
ANSWERS = {"owners_member", "party_secretary", "community_staff", "administrator"}
RUNS = {"community_staff", "administrator"}
# Who may do what, by hand.
MAY = {
    EstateBooks: {
        "pay": COLLECTS, "refund": COLLECTS, "reverse_payment": COLLECTS, "earn": KEEPS, "spend": KEEPS,
        "reverse_income": KEEPS, "open_period": KEEPS, "open_fund": RUNS, "entrust": RUNS, "close": RUNS,
        "reopen": RUNS,
    },
    MaintenanceFund: {"deposit": ANSWERS, "propose_use": ANSWERS, "use": ANSWERS, "reverse_entry": ANSWERS},
    CostPeriod: {
        "add_line": KEEPS, "drop_line": KEEPS, "set_terms": KEEPS, "publish": ANSWERS, "collect": COLLECTS,
        "settle": COLLECTS, "disclose": ANSWERS, "correct": ANSWERS, "discard": KEEPS,
        "record_subsidy": COLLECTS, "reverse_subsidy": COLLECTS,
    },
    Disclosure: {"publish": ANSWERS},
}  # fmt: skip
CASES = [(model, name) for model, steps in MAY.items() for name in steps]
ADDRESS = {EstateBooks: "estate-books", MaintenanceFund: "maintenance-funds", CostPeriod: "cost-periods",
           Disclosure: "disclosures"}  # fmt: skip


def today(days=0) -> str:
    return str(timezone.localdate() + timedelta(days=days))


def due(estate) -> Disclosure:
    """A disclosure of the public income that waits."""
    estate.earn(booked_on=timezone.localdate() - timedelta(days=100))
    disclosures_plan(timezone.localdate())
    return Disclosure.objects.first()


def closed(estate) -> EstateBooks:
    return act(estate.books, "close", actor=estate.user("administrator"), reason="停用")


def ready(estate, model, name):
    """An object on which the step is possible, and what it asks for."""
    entry = {"amount": "10.00", "booked_on": today(), "purpose": "试"}
    payment = {"dwelling": "GY-1-1-101", "amount": "10.00", "method": "cash", "paid_on": today()}
    books = {
        "pay": lambda: payment | {"owed": "0"},
        "refund": lambda: estate.pay(0, "50.00") and payment | {"owed": "-50.00", "reason": "多交"},
        "reverse_payment": lambda: {"payment": estate.pay().receipt, "reason": "记错"},
        "earn": lambda: entry | {"kind": "parking"},
        "spend": lambda: estate.earn() and entry | {"kind": "parking"},
        "reverse_income": lambda: {"entry": estate.earn().ordinal, "reason": "记错"},
        "open_period": lambda: {"title": "新一期", "first": "2026-01-01", "last": "2026-03-31"},
        "open_fund": lambda: {"bank": "云川银行", "amount": "5.00", "booked_on": today()},
        "entrust": lambda: {"company": "other_company", "reason": "更换"},
        "close": lambda: {"reason": "拆迁"},
        "reopen": lambda: closed(estate) and {"reason": "恢复"},
    }  # fmt: skip
    if model is EstateBooks:
        given = books[name]()
        return EstateBooks.objects.get(), given
    if model is Disclosure:
        return due(estate), {}
    if model is MaintenanceFund:
        return ready_fund(estate, name, entry)
    return ready_period(estate, name)


def ready_fund(estate, name, entry):
    fund = estate.fund()
    given = {
        "deposit": lambda: entry | {"kind": "interest"},
        "propose_use": lambda: {"resolution": str(estate.resolution().pk), "amount": "10.00", "purpose": "屋面"},
        "use": lambda: entry | {"use": str(estate.use(fund).pk)},
        "reverse_entry": lambda: {"entry": 1, "reason": "记错"},
    }[name]()
    return fund, given


def ready_period(estate, name):
    estate.earn()
    if name in ("collect", "settle", "disclose", "correct", "record_subsidy", "reverse_subsidy"):
        period = estate.publish(estate.draft("8.00"))
    else:
        period = estate.draft("8.00")
    if name in ("settle", "disclose", "record_subsidy", "reverse_subsidy"):
        period = estate.collect(period, due_in=-1)
    if name in ("record_subsidy", "reverse_subsidy"):
        period = act(period, "settle", actor=estate.manager, subsidy_received=Decimal("1.00"))
    if name == "reverse_subsidy":
        told = {"direction": "claimed", "amount": Decimal("0.50"), "booked_on": timezone.localdate()}
        period = act(period, "record_subsidy", actor=estate.manager, **told)
    if name == "disclose":
        period = act(period, "settle", actor=estate.manager, subsidy_received=Decimal("2.00"))
    line = str(period.lines.first().pk)
    given = {
        "add_line": {"kind": "other", "title": "杂项", "amount": "1.00"},
        "drop_line": {"line": line},
        "set_terms": {"basis": "area", "household_weight": "1", "subsidy_fixed": "3.00"},
        "publish": {}, "collect": {"due_on": today(30)}, "settle": {"subsidy_received": "2.00"}, "disclose": {},
        "correct": {"line": line, "amount": "9.00", "reason": "发票"}, "discard": {"reason": "拟错"},
        "record_subsidy": {"direction": "claimed", "amount": "0.50", "booked_on": today()},
        "reverse_subsidy": {"line": str(getattr(period.subsidy_lines.first(), "pk", "")), "reason": "记错"},
    }[name]  # fmt: skip
    return period, given


def test_steps_are_complete_and_the_table_has_them_all():
    for model, steps in MAY.items():
        assert_steps_are_complete(model)
        assert set(steps) == set(steps_of(model))
        assert {step.event for step in steps_of(model).values()} <= set(registered())


@pytest.mark.parametrize(("model", "name"), CASES, ids=[f"{model.__name__}-{name}" for model, name in CASES])
def test_each_step_by_each_role_through_both_doors(estate, model, name):
    obj, given = ready(estate, model, name)
    api = f"/api/v1/{ADDRESS[model]}/{obj.pk}/transitions/{name}/"
    page = f"/admin/property/{model.__name__.lower()}/{obj.pk}/transition/{name}/"
    may, before = MAY[model][name], snapshot(obj)
    # those who may not are refused: 403 where they see it, else 404
    refused = [(estate.user(role), 403 if role in READERS else 404) for role in ROLES if role not in may]
    refused.append((estate.outsider(sorted(may)[0]), 404))
    public = model is CostPeriod and obj.state != "draft"
    refused.append((estate.place.owners[0], 403 if public else 404))
    for user, expected in refused:
        answer = client_of(user).post(api, given)
        assert answer.status_code == expected, (user, answer.content)
    for user, _expected in refused[:2]:
        client = Client()
        client.force_login(user)
        assert client.post(page, given).status_code in (403, 404), user
    assert snapshot(obj) == before
    # each who may does it through the API
    for role in sorted(may):
        with transaction.atomic():
            answer = client_of(estate.user(role)).post(api, given)
            assert answer.status_code == 200, (role, answer.content)
            assert answer.json()["version"] == before["version"] + 1
            transaction.set_rollback(True)
    # and somebody of them in the admin
    client = Client()
    client.force_login(estate.user(sorted(may)[0]))
    assert client.get(page).status_code == 200
    answer = client.post(page, given)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert snapshot(obj)["version"] == before["version"] + 1


def test_lists_agree_with_single_rows(estate):
    period = estate.collecting("8.00")
    estate.draft("8.00", name="草稿")
    estate.pay(0)
    estate.fund()
    people = [*estate.place.city.people.values(), *[owner for owner in estate.place.owners if owner]]
    for model in (EstateBooks, MaintenanceFund, FundEntry, CostPeriod, CostLine, CostPart, Charge, Payment,
                  IncomeEntry):  # fmt: skip
        assert model.objects.exists(), model
        assert_relation_forms_agree(model.objects, people)
    assert Charge.objects.visible_to(estate.place.owners[0]).count() == 1
    assert CostPeriod.objects.visible_to(estate.place.owners[0]).get() == period


def test_a_company_sees_only_the_books_it_keeps(estate):
    estate.collecting("8.00")
    manager, staff = estate.manager, estate.user(Role.COMMUNITY_STAFF)
    other = estate.place.city.unit("other_company")
    act(estate.books, "entrust", actor=staff, company=other, reason="更换物业")
    client = client_of(manager)
    for path in ("estate-books", "cost-periods", "payments", "public-income"):
        assert client.get(f"/api/v1/{path}/").json()["results"] == []


@pytest.mark.parametrize("role", ["property_manager", "owners_member", "steward"])
def test_who_reads_which_list(estate, role):
    estate.collecting("8.00", due_in=-1)
    estate.pay(0, "0.10")
    estate.fund()
    client, pages = client_of(estate.user(role)), Client()
    pages.force_login(estate.user(role))
    open_to = {
        "estate-books": READERS, "cost-periods": READERS, "public-income": READERS, "maintenance-funds": READERS,
        "fund-entries": READERS, "disclosures": READERS, "payments": COLLECTS, "charges": COLLECTS,
        f"estate-books/{estate.books.pk}/arrears": COLLECTS,
    }  # fmt: skip
    for path, readers in open_to.items():
        assert client.get(f"/api/v1/{path}/").status_code == (200 if role in readers else 403), path
    books = f"estatebooks/{estate.books.pk}"
    for path, readers in {
        "estatebooks/": READERS, f"{books}/change/": READERS, "costperiod/": READERS, "incomeentry/": READERS,
        "maintenancefund/": READERS, "disclosure/": READERS, "payment/": COLLECTS, "charge/": COLLECTS,
        f"{books}/arrears/": COLLECTS,
        f"{books}/dwelling/{estate.dwellings[0].pk}/": COLLECTS,
        f"payment/{Payment.objects.get().pk}/receipt/": COLLECTS,
        f"costperiod/{CostPeriod.objects.get().pk}/change/": READERS,
    }.items():  # fmt: skip
        assert (pages.get(f"/admin/property/{path}").status_code == 200) == (role in readers), path
    # and who may not know what households owe reads no address on the page of the books
    page = pages.get(f"/admin/property/{books}/change/").content.decode()
    assert ("101室" in page or "Room 101" in page) == (role in COLLECTS)


def test_books_are_opened_by_the_community_only(estate, city):
    place = estate.place.estate.__class__.objects.create(code="XB", name="新苑", area=city.area("community"))
    body = {"estate": "XB", "company": "company"}
    for role in (one for one in ROLES if one not in RUNS):
        answer = client_of(estate.user(role)).post("/api/v1/estate-books/", body)
        assert answer.status_code == 403 and not EstateBooks.objects.filter(estate=place).exists(), role
    assert client_of(estate.user("community_staff")).post("/api/v1/estate-books/", body).status_code == 201
    assert EstateBooks.objects.get(estate=place).company.code == "company"
    assert client_of(estate.user("community_staff")).post("/api/v1/estate-books/", body).status_code == 409
    outside = client_of(estate.outsider("community_staff")).post("/api/v1/estate-books/", body)
    assert outside.status_code == 400


def test_lists_need_as_many_statements_for_many_rows(estate, django_assert_max_num_queries):
    for number in range(6):
        estate.collecting("8.00", name=f"第{number}期", due_in=-1)
        estate.pay(number)
    client, pages = client_of(estate.manager), Client()
    pages.force_login(estate.manager)
    for path in ("estate-books", "cost-periods", "payments", "charges", "public-income"):
        with django_assert_max_num_queries(9):
            client.get(f"/api/v1/{path}/")
    for path in ("estatebooks/", "costperiod/", "payment/", "charge/", "incomeentry/"):
        with django_assert_max_num_queries(12):
            pages.get(f"/admin/property/{path}")
    with django_assert_max_num_queries(24):
        pages.get(f"/admin/property/estatebooks/{estate.books.pk}/change/")
