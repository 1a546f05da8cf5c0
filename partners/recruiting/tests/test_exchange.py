"""Spreadsheets of partners: lists of the installation, and offers written down by the community."""

import pytest

from governance.exchange.engine import check, run
from governance.exchange.files import Source
from governance.exchange.importers import importers, model_of
from partners.models import Offer, Profession, Recruitment
from partners.recruiting.importers import OfferImporter

pytestmark = pytest.mark.django_db


def test_offers_come_in_as_a_sheet_and_each_line_says_what_is_wrong(desk):
    partner = desk.active("banker")
    header = "partner,kind,title,extent,capacity,valid_from,valid_to\n"
    good = f"{header}{partner.pk},service,反诈宣传,每季一次,20,,\n{partner.name},money,助学金,每年2万元,,,\n"
    wrong = (
        f"{header}没有,service,讲座,,,,\n{partner.pk},gold,讲座,,,,\n{partner.pk},money,款,,,2026-02-01,2026-01-01\n"
    )
    report = check(OfferImporter(), Source("offers.csv", wrong.encode()), actor=desk.manager)
    assert report.error_count == 3 and not Offer.objects.exists()
    for _turn in range(2):  # a second time nothing is added
        run(OfferImporter(), Source("offers.csv", good.encode()), actor=desk.manager)
        assert set(Offer.objects.values_list("title", "state")) == {("反诈宣传", "open"), ("助学金", "open")}


def test_a_name_that_two_partners_have_is_asked_about(desk):
    rows = [desk.active(name, name="张伟") for name in ("student", "stranger")]
    header = "partner,kind,title\n"
    report = check(OfferImporter(), Source("o.csv", f"{header}张伟,hours,巡逻\n".encode()), actor=desk.manager)
    assert report.error_count == 1
    run(OfferImporter(), Source("o.csv", f"{header}{rows[1].pk},hours,巡逻\n".encode()), actor=desk.manager)
    assert Offer.objects.get().partner == rows[1]


def test_lists_of_the_installation_come_in_as_sheets(desk):
    sheets = {
        "partners.profession": ("code,name,licence\nnotary,公证员,lawyer-licence\n", "administrator"),
        "partners.recruitment": ("area,is_open,terms\n990102001001,no,terms-2026\n", "partner_manager"),
    }
    for cls in importers().values():
        content, by = sheets.get(model_of(cls), (None, ""))
        if content:
            run(cls(), Source("rows.csv", content.encode()), actor=desk.user(by))
    assert Profession.objects.get(code="notary").licence == desk.licence
    assert not Recruitment.objects.get().is_open
