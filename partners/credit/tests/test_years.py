"""The year of a file: when it begins, that it is computed whole, and that there is time to appeal once it is ready."""

from datetime import date, datetime, time

import pytest
import time_machine
from django.test import Client

from cases.tests.api import client_of
from governance.clock import SHANGHAI
from governance.errors import Conflict
from governance.models import Notice
from governance.workflow import act
from partners.credit import facts
from partners.credit.appeals import line_appeal
from partners.credit.computing import profile_compute
from partners.credit.facts import Fact
from partners.credit.nightly import files_compute
from partners.models import AgreementTerms, CreditList, CreditNote, CreditProfile, Recruitment

pytestmark = pytest.mark.django_db


def at(*day: int) -> datetime:
    return datetime.combine(date(*day), time(9), SHANGHAI)


def test_no_file_is_made_of_a_year_before_the_partner_was_one(files):
    """Partners of the house are partners since January 2026."""
    for who in ("lawyer", "manager"):
        with pytest.raises(Conflict) as refusal:
            profile_compute(files.partner(), 2025, actor=files.user(who))
        assert refusal.value.code == "inactive"
    body = {"partner": files.partner().pk, "year": 2025}
    answer = client_of(files.user("lawyer")).post("/api/v1/credit/files/compute/", body, format="json")
    assert answer.status_code == 409 and not CreditProfile.objects.exists()


def test_a_line_is_appealed_within_working_days_of_the_notice_that_the_file_is_ready(files):
    # given a file that last changed in November
    with time_machine.travel(at(2026, 11, 2), tick=False):
        files.work()
        profile = files.profile()
    # when the year is over and the partner is told that the file is ready
    with time_machine.travel(at(2027, 1, 18), tick=False):
        files_compute()
    assert Notice.objects.filter(person=files.user("lawyer"), title__contains="年度信用档案").exists()
    # then there are ten working days for saying that something is missing
    with time_machine.travel(at(2027, 1, 20), tick=False):
        appeal = line_appeal(profile, "activities", actor=files.user("lawyer"), grounds="漏了一次咨询")
        act(appeal, "withdraw", actor=files.user("lawyer"))
    with time_machine.travel(at(2027, 3, 1), tick=False), pytest.raises(Conflict) as refusal:
        line_appeal(profile, "activities", actor=files.user("lawyer"), grounds="漏了一次咨询")
    assert refusal.value.code == "late"


def test_one_partner_whose_file_cannot_be_made_keeps_nobody_else_from_theirs(files, monkeypatch):
    # given facts of early January, found when the next year has begun already; and one that nobody can write down
    def found(partner, first, last):
        if first.year == 2026 and partner.pk == files.partner().pk:
            yield Fact("standing", "已被暂停", date(2026, 1, 6), ("x.y", 1), lowers=True)
        if first.year == 2026 and partner.pk == files.partner("bakery").pk:
            yield Fact("standing", "字" * 301, date(2026, 6, 1), ("x.y", 2), lowers=True)

    monkeypatch.setattr(facts, "_sources", facts._sources | {"test": ("x", found)})
    # when the night comes
    with time_machine.travel(at(2027, 1, 10), tick=False):
        done = files_compute()
    # then the fact is told and counted although it is more than a year old, and the other partner's new year has begun
    assert CreditNote.objects.get().happened_on == date(2026, 1, 6)
    made = set(CreditProfile.objects.values_list("partner__name", "year"))
    assert made == {("律师", 2026), ("律师", 2027), ("麦香面包房", 2027)} and done == 3


def test_the_partner_reads_by_api_why_an_appeal_was_declined(files):
    appeal = files.appeal()
    lawyer = client_of(files.user("lawyer"))
    assert lawyer.get("/api/v1/credit/appeals/").json()["results"][0]["answer"] is None
    act(appeal, "decline", actor=files.user("manager2"), reason="没有通话记录")
    assert lawyer.get(f"/api/v1/credit/appeals/{appeal.pk}/").json()["answer"] == "没有通话记录"
    assert client_of(files.user("baker")).get(f"/api/v1/credit/appeals/{appeal.pk}/").status_code == 404


def test_a_published_list_is_found_on_the_page_of_the_community(files):
    files.profile()
    made = files.list(title="年度优秀合伙人")
    terms = AgreementTerms.objects.create(code="t", title="协议", text="一", valid_from=date(2026, 1, 1))
    Recruitment.objects.create(area=files.house.area, terms=terms)
    page = f"/r/partners/{files.house.area.code}/"
    assert "年度优秀合伙人" not in Client().get(page).content.decode()
    act(made.candidates.get(), "choose", actor=files.user("staff"), reason="会议通过")
    act(CreditList.objects.get(), "publish", actor=files.user("staff"))
    assert f"/r/credit/lists/{made.pk}/" in Client().get(page).content.decode()
    assert "律师" in Client().get(f"/r/credit/lists/{made.pk}/").content.decode()


def test_who_is_no_partner_is_told_what_a_credit_file_is(files):
    client = Client()
    client.force_login(files.user("resident"), backend="governance.permissions.PersonBackend")
    page = client.get("/r/credit/")
    assert page.status_code == 200 and "如何成为合伙人" in page.content.decode()
