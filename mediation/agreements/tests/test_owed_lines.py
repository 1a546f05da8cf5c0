"""Obligations typed on a phone: days and sums as people write them; what cannot be read is named by its cell."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from cases.tests.api import client_of
from mediation.agreements.owed_lines import owed_of
from mediation.agreements.tests.deals import parties
from mediation.models import Agreement

pytestmark = pytest.mark.django_db
TEXT = {"subject": "漏水", "clauses": "修好漏水。\n赔偿三千元。", "form": "written"}


@pytest.fixture
def both(county):
    return parties(county.mediating())


@pytest.mark.parametrize("day", ["2026-12-05", "2026-12-5", "2026/12/5", "2026/12/05", "2026.12.5", "2026年12月5日",
                                 "2026年12月05号", "2026 年 12 月 5 日", "2026－12－5", "２０２６-12-5"])  # fmt: skip
def test_a_day_as_people_write_it(both, day):
    assert owed_of(f"2 | 付清 | {day}", 1, both).due_on == date(2026, 12, 5)


@pytest.mark.parametrize(
    "text", ["2600", "2600元", "2,600元", "2，600", "￥2600", "¥2600.00", "人民币2600元整", "2 600 元"]
)
def test_a_sum_as_people_write_it(both, text):
    owed = owed_of(f"2｜付清｜2026-12-5｜{text}｜1", 1, both)
    assert (owed.amount, owed.debtor, owed.creditor) == (Decimal(2600), both[1], both[0])


def test_a_party_by_the_full_name_too(both):
    owed = owed_of("马国梁 | 付清 | 2026-12-5 | 2600元 | 何秀英", 1, both)
    assert (owed.debtor, owed.creditor) == (both[1], both[0])
    owed = owed_of("2 | 修好水管 | 2026年12月8日 | ", 1, both)
    assert (owed.amount, owed.creditor) == (None, None)


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("3 | 付清 | 2026-12-5", "义务人"), ("0 | 付清 | 2026-12-5", "义务人"), ("马某 | 付清 | 2026-12-5", "义务人"),
        (" | 付清 | 2026-12-5", "义务人"), ("2 |  | 2026-12-5", "履行内容"),
        ("2 | 付清 | 12月8日", "期限"), ("2 | 付清 | 2026-13-5", "期限"), ("2 | 付清 | 2026-2-30", "期限"),
        ("2 | 付清 | ", "期限"), ("2 | 付清 | 0000-1-1", "期限"), ("2 | 付清 | 月底", "期限"),
        ("2 | 付清 | 2026-12-5 | 两千六", "金额"), ("2 | 付清 | 2026-12-5 | 2.6万元", "金额"),
        ("2 | 付清 | 2026-12-5 | NaN", "金额"), ("2 | 付清 | 2026-12-5 | -5", "金额"),
        ("2 | 付清 | 2026-12-5 | 1e3", "金额"), ("2 | 付清 | 2026-12-5 | 300 | 7", "权利人"),
        ("2 付清 2026-12-5", "第 4 行"), ("2 | 付清", "第 4 行"), ("2 | 付清 | 2026-12-5 | 3 | 1 | 再", "第 4 行"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_line_and_cell(both, line, cell):
    with pytest.raises(ValidationError) as refusal:
        owed_of(line, 4, both)
    told = refusal.value.messages[0]
    assert told.startswith("第 4 行") and cell in told


def test_one_of_two_of_the_same_name_is_chosen_by_number(both):
    both[0].name = both[1].name
    with pytest.raises(ValidationError):
        owed_of(f"{both[1].name} | 付清 | 2026-12-5", 1, both)
    assert owed_of("2 | 付清 | 2026-12-5", 1, both).debtor == both[1]


def test_at_the_desk_it_is_drafted_as_typed_or_says_which_cell(county):
    dispute = county.mediating()
    client, address = client_of(county.mediator), f"/admin/mediation/agreement/draft/{dispute.pk}/"
    wrong = TEXT | {"obligations": "2 | 修好 | 2026-7-1\n2 | 赔偿 | 7月1日 | 3000元 | 1"}
    answer = client.post(address, wrong, format="multipart")
    assert answer.status_code == 400 and "第 2 行，期限：“7月1日”" in answer.content.decode()
    assert not Agreement.objects.exists()
    right = wrong | {"obligations": "2 | 修好 | 2026-7-1\n马国梁 | 赔偿 | 2026年7月1日 | 3,000元 | 1"}
    assert client.post(address, right, format="multipart").status_code == 302
    rows = Agreement.objects.get().obligations.order_by("id").values_list("due_on", "amount")
    assert list(rows) == [(date(2026, 7, 1), None), (date(2026, 7, 1), Decimal(3000))]
