"""Spreadsheets: cost lines, agreed shares, public income, payments from a bank's list; errors at their lines."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.exchange.engine import RowsRefused, check, run
from governance.exchange.files import Source
from governance.exchange.importers import importer_named, importers_for
from governance.models import Event, User
from property.costs.tests.estate import locks_of
from property.models import AgreedShare, CostLine, IncomeEntry, Payment

BANK = ["小区", "缴费日期", "金额（元）", "转账流水号", "房屋"]


def sheet(header, *rows) -> Source:
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return Source("bank.xlsx", file.getvalue())


def imported(key, source, actor):
    return run(importer_named(key)(), source, actor=actor)


def errors_of(key, source, actor) -> list[tuple[int, str]]:
    with pytest.raises(RowsRefused) as refused:
        imported(key, source, actor)
    return [(error.line, error.column) for error in refused.value.report.errors]


def test_a_banks_list_becomes_payments_and_may_overlap_the_one_before(estate):
    estate.collecting("800.00")
    first = sheet(
        BANK,
        ["GY", "2026-01-05", "50.00", "T001", "GY-1-1-101"],
        ["GY", "2026/1/6", "¥1,000.50", "T002", "桂园 2栋 102"],
        ["GY", "2026-01-06", 20, "T003", "转账附言 GY-1-1-103 第三季度"],
    )
    assert check(importer_named("property.payments")(), first, actor=estate.manager).adds == 3
    assert not Payment.objects.exists()
    imported("property.payments", first, estate.manager)
    rows = Payment.objects.order_by("id").values_list("number", "dwelling__code", "amount", "method")
    assert [(number, code, str(amount), method) for number, code, amount, method in rows] == [
        (1, "GY-1-1-101", "50.00", "bank"), (2, "GY-2-1-102", "1000.50", "bank"), (3, "GY-1-1-103", "20.00", "bank"),
    ]  # fmt: skip
    assert estate.account(2).owed == 30
    # when the next list overlaps it
    second = sheet(BANK, ["GY", "2026-01-06", 20, "T003", "GY-1-1-103"], ["GY", "2026-01-07", 30, "T004", "GY-1-1-103"])
    report = imported("property.payments", second, estate.manager)
    assert (report.adds, report.same, Payment.objects.count()) == (1, 1, 4)
    assert Event.objects.filter(name="books.payment_recorded").count() == 4


def test_an_account_is_a_word_of_its_own_and_else_that_of_the_day_of_the_transfer(estate):
    # given a flat sold on 1 November
    estate.collecting("800.00")
    estate.sold(0, User.objects.create(username="buyer", name="买方"), date(2026, 11, 1))
    rows = [
        ["GY", "2026-10-20", "1.00", "T1", "GY-1-1-101"],
        ["GY", "2026-11-20", "2.00", "T2", "GY-1-1-101/1季度物业费"],
        ["GY", "2026-11-20", "4.00", "T3", "GY-1-1-101/1-3月"],
        ["GY", "2026-11-20", "8.00", "T4", "物业费，GY-1-1-101/1 补交"],
        ["GY", "2026-11-20", "16.00", "T5", "桂园 2栋 102"],
    ]
    with CaptureQueriesContext(connection) as asked:
        imported("property.payments", sheet(BANK, *rows), estate.manager)
    paid = {row.reference: row.account.code for row in Payment.objects.select_related("account__dwelling")}
    assert paid == {"T1": "GY-1-1-101/1", "T2": "GY-1-1-101/2", "T3": "GY-1-1-101/2", "T4": "GY-1-1-101/1",
                    "T5": "GY-2-1-102/1"}  # fmt: skip
    # and every dwelling was locked before the books were
    first = locks_of(asked)[0]
    locked = re.search(r" IN \(([^)]*)\)", first)[1].split(", ")
    assert "estatebooks" not in first
    assert set(locked) == {str(key) for key in Payment.objects.values_list("dwelling", flat=True)}


def test_a_bad_line_names_its_column_and_nothing_of_the_list_is_stored(estate):
    estate.pay(0, "5.00", reference="T100")
    source = sheet(
        BANK,
        ["GY", "2026-01-05", "50.00", "T001", "GY-1-1-101"],
        ["XX", "2026-01-05", "50.00", "T002", "GY-1-1-101"],
        ["GY", "yesterday", "50.00", "T003", "GY-1-1-101"],
        ["GY", "2099-01-05", "50.00", "T004", "GY-1-1-101"],
        ["GY", "2026-01-05", "50.001", "T005", "GY-1-1-101"],
        ["GY", "2026-01-05", "-1", "T006", "GY-1-1-101"],
        ["GY", "2026-01-05", "50.00", "T007", "GY-9-1-101"],
        ["GY", "2026-01-05", "50.00", "T008", "GY-1-1-101 GY-1-1-102"],
        ["GY", "2026-01-05", "6.00", "T100", "GY-1-1-101"],
        ["GY", "2026-01-05", "50.00", "", "GY-1-1-101"],
        ["GY", "2026-01-05", "50.00", "T001", "GY-1-1-102"],
    )
    assert errors_of("property.payments", source, estate.manager) == [
        (3, "estate"), (4, "paid_on"), (5, "paid_on"), (6, "amount"), (7, "amount"), (8, "dwelling"), (9, "dwelling"),
        (10, "reference"), (11, "reference"), (12, "reference"),
    ]  # fmt: skip
    assert Payment.objects.count() == 1


def test_cost_lines_come_into_a_draft_only(estate):
    estate.draft("1.00", name="草稿")
    estate.publish(estate.draft("1.00", name="已公示"))
    header = ["小区", "费用期", "类型", "标题", "金额（元）", "收款方"]
    good = sheet(
        header, ["GY", "草稿", "保洁", "七月保洁", "1200", "洁美公司"], ["GY", "草稿", "security", "夜班", "0.01", ""]
    )
    before = CostLine.objects.count()
    imported("property.costlines", good, estate.manager)
    assert CostLine.objects.count() == before + 2
    bad = sheet(header, ["GY", "已公示", "保洁", "甲", "1", ""], ["GY", "没有", "保洁", "乙", "1", ""],
                ["GY", "草稿", "喂猫", "丙", "1", ""])  # fmt: skip
    assert errors_of("property.costlines", bad, estate.manager) == [(2, "period"), (3, "period"), (4, "kind")]
    assert CostLine.objects.count() == before + 2


def test_agreed_shares_are_brought_in_and_changed(estate):
    period = estate.draft("60.00", name="草稿")
    header = ["小区", "费用期", "房屋", "约定份额"]
    rows = [["GY", "草稿", "GY-1-1-101", "2"], ["GY", "草稿", "GY-1-1-102", "1.5"]]
    imported("property.agreedshares", sheet(header, *rows), estate.manager)
    report = imported(
        "property.agreedshares", sheet(header, rows[0], ["GY", "草稿", "GY-1-1-102", "1"]), estate.manager
    )
    assert (report.same, report.changes) == (1, 1)
    period.refresh_from_db()
    assert period.basis == "agreed" and AgreedShare.objects.count() == 2
    published = estate.publish(period)
    assert [str(amount) for amount in published.charges.values_list("amount", flat=True)] == ["20.00", "10.00"]
    bad = sheet(header, ["GY", "草稿", "GY-1-1-101", "2"])
    assert errors_of("property.agreedshares", bad, estate.manager) == [(2, "period")]


def test_public_income_is_brought_in_by_who_keeps_it(estate):
    header = ["小区", "日期", "记录类别", "收益种类", "金额（元）", "用途"]
    header[1] = "booked_on"
    rows = [
        ["GY", "2026-01-05", "收入", "公共车位停车", "300", "一月停车"],
        ["GY", "2026-01-06", "合理成本", "parking", "40", "划线"],
    ]
    imported("property.income", sheet(header, *rows), estate.owners_member)
    assert [str(row.balance) for row in IncomeEntry.objects.order_by("id")] == ["300.00", "260.00"]
    bad = sheet(
        header,
        ["GY", "2026-01-05", "冲正", "parking", "1", "甲"],
        ["GY", "2026-01-07", "合理成本", "parking", "261", "乙"],
    )
    assert [line for line, _column in errors_of("property.income", bad, estate.manager)] == [2, 3]
    assert IncomeEntry.objects.count() == 2


def test_who_may_use_which_import(estate):
    offered = {
        role: {cls.key for cls in importers_for(estate.user(role)) if cls.key.startswith("property.")} & {
            "property.payments", "property.costlines", "property.agreedshares", "property.income",
            "property.disclosurerule",
        }
        for role in ("property_manager", "owners_member", "party_secretary", "organiser", "administrator")
    }  # fmt: skip
    of_keepers = {"property.costlines", "property.agreedshares", "property.income"}
    assert offered["property_manager"] == of_keepers | {"property.payments"}
    assert offered["owners_member"] == of_keepers
    assert offered["party_secretary"] == offered["organiser"] == set()
    assert "property.disclosurerule" in offered["administrator"]
