"""A party's own page in the browser, opened by the QR code's link on a phone of 390 px: from the digits to leaving."""

import re

from playwright.sync_api import expect

from governance.tests.journeys.test_mediation import COMMUNITY, DISPUTES, day, mediating
from governance.tests.journeys.visitor import PHONE, fits

DIGITS = "8801"  # of the applicant's phone
MOBILE = {"is_mobile": True, "has_touch": True}


def link_of(desk, dispute: dict, party: int) -> str:
    """Make the link of a party at the mediator's desk; returns the address that its code holds."""
    page = desk.page
    page.goto(f"/admin/mediation/dispute/{dispute['id']}/party/{party}/link/")
    page.fill("form.jc-form [name=days]", "30")
    page.click("form.jc-form button[type=submit]")
    expect(page.locator("#link svg")).to_be_visible()
    desk.shot("party_link")
    return re.search(r"/r/p/[A-Za-z0-9_-]{43}/", page.locator("#link .md-address a").get_attribute("href"))[0]


def opened(visit, address: str, number: str):
    """Open the link on a party's phone: wrong digits tell nothing, the right ones the page."""
    visitor = visit(PHONE, **MOBILE)
    page = visitor.page
    page.goto(address)
    expect(page.locator("main")).not_to_contain_text(number)
    fits(page)
    visitor.shot("party_digits")
    for digits in ("1234", DIGITS):
        page.fill("[name=digits]", digits)
        page.click("form.card button.main")
        if digits != DIGITS:
            expect(page.locator(".error").first).to_be_visible()
            expect(page.locator("main")).not_to_contain_text(number)
    expect(page.locator("#progress")).to_contain_text(number)
    return visitor


def asked(mediator) -> dict:
    """Register a dispute and ask the parties whether they want to be mediated; returns it with its parties."""
    parties = [
        {"side": "applicant", "name": "顾望舒", "phone": f"+9990000{DIGITS}"},
        {"side": "respondent", "name": "齐听涛", "phone": "+99900008802"},
    ]
    given = {"area": COMMUNITY, "type": "neighbours", "source": "application", "title": "楼道堆放杂物",
             "facts": "楼道里堆放杂物，两家争执。", "parties": parties}  # fmt: skip
    pk = mediator.api("POST", DISPUTES, data=given)["id"]
    mediator.api("POST", f"{DISPUTES}{pk}/transitions/submit_for_consent/", data={})
    return mediator.api("GET", f"{DISPUTES}{pk}/")


def test_a_party_reads_agrees_takes_a_paper_and_withdraws_by_the_link(visit, staff):
    # given a dispute about which the parties are asked, the applicant's link, and an offer of counselling
    desk = staff("mediator.liudi")
    dispute = asked(desk)
    applicant = next(row["id"] for row in dispute["parties"] if row["side"] == "applicant")
    address = link_of(desk, dispute, applicant)
    offer = desk.api("POST", "mediation/counselling/", data={"dispute": dispute["id"], "party": applicant})
    # when they open it and agree
    visitor = opened(visit, address, dispute["number"])
    page = visitor.page
    fits(page)
    visitor.shot("party_asked")
    expect(page.locator("main")).not_to_contain_text("齐听涛")
    page.click("#answer form[action$='/say/agree/'] button")
    expect(page.locator("#answer strong")).to_be_visible()
    # and take the notice of their rights
    with page.expect_download() as taken:
        page.click("#papers a[href$='/papers/notice/']")
    assert taken.value.suggested_filename == f"{dispute['number']}-权利义务告知书.docx"
    # and want the counselling that was offered to them
    page.click("#counselling form[action$='/say/accept_counselling/'] button")
    expect(page.locator("#counselling form[action$='/say/accept_counselling/']")).to_have_count(0)
    assert desk.api("GET", f"mediation/counselling/{offer['id']}/")["state"] == "consented"
    fits(page)
    visitor.shot("party_agreed")
    # then they may stop at any time: the mediation ends, and the page says where else they may go
    page.click("#answer details summary")
    # (the page has closed by itself: nothing is done before they enter the digits and press once more)
    visitor.context.clear_cookies(name="jiceng_session")
    page.click("#answer form[action$='/say/withdraw/'] button")
    expect(page.locator("#closed")).to_contain_text("刚才的内容没有提交")
    fits(page)
    visitor.shot("party_closed")
    page.fill("[name=digits]", DIGITS)
    page.click("form.card button.main")
    expect(page.locator("#carried")).to_contain_text("尚未提交")
    fits(page)
    visitor.shot("party_carried")
    assert desk.api("GET", f"{DISPUTES}{dispute['id']}/")["state"] == "awaiting_consent"
    page.click("#carried button")
    expect(page.locator("#progress")).to_contain_text("仲裁")
    expect(page.locator("#answer form")).to_have_count(0)
    expect(page.locator("#answer [role=status]")).to_contain_text("已收到")
    fits(page)
    visitor.shot("party_withdrawn")
    assert desk.api("GET", f"{DISPUTES}{dispute['id']}/")["state"] == "declined"
    # and close it in this browser
    page.click("form[action$='/leave/'] button")
    expect(page.locator("[name=digits]")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(dispute["number"])


def test_a_party_tells_by_the_link_how_the_agreement_is_kept(visit, staff):
    # given an oral agreement in effect
    desk = staff("mediator.liudi")
    dispute = mediating(desk, title="楼道堆放杂物", facts="楼道里堆放杂物，两家争执。")
    parties = {row["side"]: row["id"] for row in dispute["parties"]}
    owed = [{"debtor": parties["respondent"], "what": "清空楼道", "due_on": day(10)}]
    terms = {"dispute": dispute["id"], "form": "oral", "subject": "楼道堆放杂物", "clauses": ["十日内清空楼道。"],
             "obligations": owed}  # fmt: skip
    agreement = desk.api("POST", "mediation/agreements/", data=terms)["id"]
    desk.api("POST", f"mediation/agreements/{agreement}/transitions/record_oral/", data={})
    # when the applicant opens their page
    visitor = opened(visit, link_of(desk, dispute, parties["applicant"]), dispute["number"])
    page = visitor.page
    expect(page.locator("#agreement")).to_contain_text("清空楼道")
    expect(page.locator("#answer form")).to_have_count(0)
    fits(page)
    visitor.shot("party_agreement")
    # and answers how it goes
    page.locator("#reply [name=performed]").select_option("partly")
    page.locator("#reply [name=satisfaction]").select_option("4")
    page.click("#reply button.main")
    # then they read that it was received, and may put it right on the same day
    expect(page.locator(".notice.bad")).to_have_count(0)
    expect(page.locator("#reply [role=status]")).to_contain_text("4/5")
    page.click("#reply summary")
    page.locator("#reply [name=performed]").select_option("no")
    page.click("#reply button.main")
    expect(page.locator(".notice.bad")).to_have_count(0)
    expect(page.locator("#reply [role=status]")).to_contain_text("未履行")
    fits(page)
    visitor.shot("party_receipt")
    # and the mediator reads both on the page of the dispute
    desk.page.goto(f"/admin/mediation/dispute/{dispute['id']}/change/")
    expect(desk.page.locator("#replies tr")).to_have_count(2)
