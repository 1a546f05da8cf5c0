"""Mediation in the browser: a hazard on the phone to the agreement, a follow-up visit, three tracks under one lead."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from governance.clock import SHANGHAI
from governance.tests.journeys.visitor import PHONE, fits, photo

COMMUNITY = "990102001002"
# In 柳堤第一网格, where grid.04 works (fixtures/0100_areas.json).
HERE = {"latitude": 28.2062, "longitude": 112.9036, "accuracy": 12}
WORDS = "楼上漏水泡坏天花板，两家在楼道里吵起来，说好几回了"
DISPUTES = "mediation/disputes/"


@pytest.fixture
def phone(staff):
    """Open the phone of somebody who works here."""

    def open_phone(username: str):
        return staff(username, PHONE, is_mobile=True, has_touch=True, geolocation=HERE, permissions=["geolocation"])

    return open_phone


def day(ahead: int) -> str:
    return f"{datetime.now(SHANGHAI) + timedelta(days=ahead):%Y-%m-%d}"


def fill(page, form: str, fields: dict) -> None:
    """Fill a form: selects by value, several values tick their boxes, the rest is typed."""
    for name, value in fields.items():
        control = page.locator(f"{form} [name={name}]")
        if isinstance(value, list):
            for one in value:
                page.locator(f"{form} [name={name}][value='{one}']").check()
        elif control.evaluate("it => it.tagName") == "SELECT":
            control.select_option(value, force=True)
        else:
            control.fill(value)


def send(page, **fields) -> None:
    """Fill the form of a page of the admin and send it; what comes next is the page that it leads to."""
    fill(page, "form.jc-form", fields)
    page.click("form.jc-form button[type=submit]")
    expect(page.locator("form.jc-form")).to_have_count(0)


def press(page, step: str, **fields) -> None:
    """Press a step on a page of the admin."""
    page.locator(f"[data-transition={step}]").first.click()
    send(page, **fields)


def act(page, step: str, **fields) -> None:
    """Press a step on a page of the phone."""
    page.click(f"[data-step={step}]")
    fill(page, "form.card", fields)
    page.click("form.card button[type=submit]")
    expect(page.locator("form.card")).to_have_count(0)


def number_in(page, kind: str) -> str:
    """Return the number in the address of a page of the admin."""
    expect(page).to_have_url(re.compile(rf"/{kind}/\d+/change/"))
    return re.search(rf"/{kind}/(\d+)/", page.url).group(1)


def mediating(mediator, **given) -> dict:
    """Register a dispute through the API and bring it into mediation; returns it with its parties."""
    parties = [
        {"side": "applicant", "name": "顾望舒", "phone": "+99900008801"},
        {"side": "respondent", "name": "齐听涛", "phone": "+99900008802"},
    ]
    told = {"area": COMMUNITY, "type": "neighbours", "source": "application", "parties": parties} | given
    pk = mediator.api("POST", DISPUTES, data=told)["id"]
    mediator.api("POST", f"{DISPUTES}{pk}/transitions/submit_for_consent/", data={})
    for party in mediator.api("GET", f"{DISPUTES}{pk}/")["parties"]:
        answer = {"party": party["id"], "what": "mediation", "answer": "agreed", "how": "written"}
        mediator.api("POST", f"{DISPUTES}{pk}/consents/", data=answer)
    for step in ("accept", "begin"):
        mediator.api("POST", f"{DISPUTES}{pk}/transitions/{step}/", data={})
    return mediator.api("GET", f"{DISPUTES}{pk}/")


def reported(worker) -> str:
    """Report a hazard on the phone with the position and a photo; returns its number in addresses."""
    page = worker.page
    page.goto("/m/")
    page.click("a.button[href='/m/hazards/new/']")
    page.fill("[name=words]", WORDS)
    page.set_input_files("#id_photos", [photo()])
    expect(page.locator("[data-previews] img")).to_have_count(1)
    page.click("[data-locate]")
    expect(page.locator("[data-point-text]")).to_contain_text("柳堤第一网格")
    fits(page)
    worker.shot("mediation_hazard_new")
    page.click("form.card button[type=submit]")
    expect(page).to_have_url(re.compile(r"/m/hazards/$"))
    mine = page.locator("a.task", has_text=WORDS[:10]).first
    expect(mine).to_contain_text("已上报")
    fits(page)
    return re.search(r"/m/hazards/(\d+)/", mine.get_attribute("href")).group(1)


def converted(hand, hazard: str) -> str:
    """Assess a hazard on the phone and make a dispute of it; returns the dispute's number in addresses."""
    page = hand.page
    page.goto("/m/")
    page.locator(f"a.task[href='/m/hazards/{hazard}/']").click()
    expect(page).to_have_url(re.compile(f"/m/hazards/{hazard}/$"))
    fits(page)
    act(page, "assess", type="neighbours", people="2", finding="已上门，属实，双方愿意坐下来谈")
    hand.shot("mediation_hazard")
    act(page, "convert", type="neighbours", title="楼上漏水泡坏天花板", claim="修好漏水并赔偿", amount="3000")
    fits(page)
    page.click("a[data-dispute]")
    expect(page.locator("h1")).to_have_text("楼上漏水泡坏天花板")
    fits(page)
    return re.search(r"/m/disputes/(\d+)/", page.url).group(1)


def accepted(hand) -> None:
    """On the phone's page of a dispute: ask the parties, write down that both agreed, accept it and begin."""
    page = hand.page
    page.reload()
    act(page, "submit_for_consent")
    page.click("a[href$='/answers/']")
    for box in page.locator("[name=parties]").all():
        box.check()
    fill(page, "form.card", {"what": "mediation", "answer": "agreed", "how": "written"})
    fits(page)
    hand.shot("mediation_consent")
    page.click("form.card button[type=submit]")
    expect(page.locator("[data-party] .badge", has_text="同意")).to_have_count(2)
    act(page, "accept")
    act(page, "begin")
    expect(page.locator(".card.now")).to_contain_text("调解中")
    fits(page)
    hand.shot("mediation_dispute_phone")


def named(desk, dispute: str) -> None:
    """Enter both parties on the page of a dispute; it shows them masked."""
    for side, name, phone in (("applicant", "何满枝", "+99900008811"), ("respondent", "郑怀远", "+99900008812")):
        desk.goto(f"/admin/mediation/dispute/{dispute}/change/")
        desk.click("#doings a[href$='/do/party/']")
        send(desk, side=side, name=name, phone=phone)
    expect(desk.locator("#parties tr")).to_have_count(2)
    expect(desk.locator("#jc-page")).not_to_contain_text("何满枝")


def agreed(desk, dispute: str) -> None:
    """Draft an agreement from the page of its dispute; both parties sign, the mediator signs, the committee seals."""
    desk.goto(f"/admin/mediation/dispute/{dispute}/change/")
    desk.click("#doings a[href*='/agreement/draft/']")
    send(
        desk, subject="楼上卫生间漏水，泡坏楼下天花板。", clauses="郑怀远十日内修好漏水。\n郑怀远赔偿三千元。",
        obligations=f"2 | 修好漏水 | {day(10)} | | 1\n2 | 赔偿 | {day(20)} | 3000 | 1",
    )  # fmt: skip
    number_in(desk, "agreement")
    expect(desk.locator("#obligations tr")).to_have_count(2)
    for how in ("signature", "fingerprint"):
        desk.click("[data-transition=sign_party]")
        party = desk.locator("form.jc-form [name=party] option").last.get_attribute("value")
        send(desk, party=party, how=how)
    for step in ("sign_mediator", "seal"):
        press(desk, step)
    expect(desk.locator(".jc-case-head")).to_contain_text("协议已生效")


def test_a_hazard_reported_on_the_phone_becomes_an_agreement(phone, staff):
    # given a grid worker who hears neighbours quarrel and reports it
    worker = phone("grid.04")
    hazard = reported(worker)
    # when the mediator goes and looks, and makes a dispute of it, names the parties at the desk, and asks them
    hand, desk = phone("mediator.liudi"), staff("mediator.liudi")
    dispute = converted(hand, hazard)
    named(desk.page, dispute)
    accepted(hand)
    # and they agree
    agreed(desk.page, dispute)
    desk.shot("mediation_agreement")
    assert desk.api("GET", f"{DISPUTES}{dispute}/")["state"] == "agreed"
    # then the last day is shown on which both may ask the court to confirm it
    desk.page.click(".jc-facts a[href*='/judicialconfirmation/']")
    number = number_in(desk.page, "judicialconfirmation")
    row = desk.api("GET", f"mediation/confirmations/{number}/")
    assert row["state"] == "eligible" and row["last_day"] >= day(30)
    expect(desk.page.locator(".jc-facts dd", has_text=row["last_day"])).to_be_visible()
    desk.shot("mediation_confirmation")
    # and the grid worker reads the outcome, and nothing of the dispute
    page = worker.page
    page.goto(f"/m/hazards/{hazard}/")
    expect(page.locator(".card.now")).to_contain_text("已转为纠纷")
    expect(page.locator("[data-dispute]")).to_have_count(0)
    assert page.goto(f"/m/disputes/{dispute}/").status == 404


def test_a_follow_up_visit_is_logged_on_the_phone(phone, staff):
    # given an agreement of nine days ago whose first visit is due
    mediator = staff("mediator.liudi")
    visits = mediator.api("GET", "mediation/visits/")["results"]
    due = next(row for row in visits if row["kind"] == "week" and row["state"] == "due")
    visit = due["id"]
    # when the mediator opens it from the list on the phone and logs it with a few presses
    hand = phone("mediator.liudi")
    page = hand.page
    page.goto("/m/")
    page.click("a.button[href='/m/visits/']")
    expect(page).to_have_url(re.compile("/m/visits/$"))
    fits(page)
    hand.shot("mediation_visits")
    page.click(f"#visit-{visit} a")
    expect(page.locator("form.card[data-once]")).to_contain_text(last_day_of(mediator, due["agreement"]))
    for name, value in (
        ("performed", "partly"), ("relapse", "no"), ("confirmation_wanted", "yes"), ("satisfaction", "4"),
        ("way", "home"),
    ):  # fmt: skip
        page.locator(f"form.card label:has([name={name}][value='{value}'])").click()
    fits(page)
    hand.shot("mediation_visit")
    page.click("form.card button.main")
    # then the page leads to where each party's wish is recorded, for both apply together
    expect(page.locator("#wishes a")).to_be_visible()
    fits(page)
    hand.shot("mediation_visit_wishes")
    # and the visit waits no more, stands where a slip can be put right, and what was found is kept
    page.click("a.button[href='/m/visits/']")
    expect(page).to_have_url(re.compile(r"/m/visits/$"))
    expect(page.locator(f"#visit-{visit}")).to_have_count(1)
    expect(page.locator(f"h2:text-is('近期已登记') ~ #visit-{visit}")).to_contain_text("已回访")
    fits(page)
    told = mediator.api("GET", f"mediation/visits/{visit}/")
    found = (told["state"], told["performed"], told["relapse"], told["confirmation_wanted"], told["satisfaction"])
    assert found == ("done", "partly", False, True, 4) and told["visited_on"] == day(0)


def last_day_of(mediator, agreement: int) -> str:
    """Return until when both may ask the court to confirm an agreement."""
    rows = mediator.api("GET", "mediation/confirmations/")["results"]
    return next(row["last_day"] for row in rows if row["agreement"] == agreement)


def test_three_tracks_work_together_under_one_lead(staff):
    # given a complex dispute that the township's centre mediates
    centre = staff("township.lanqiao")
    dispute = mediating(
        centre, tier="complex", type="houses_homesteads", title="翻建院墙越界", people=4,
        facts="一方翻建院墙，另一方认为越过界址三十厘米。",
    )  # fmt: skip
    number, address = dispute["number"], f"/admin/mediation/dispute/{dispute['id']}/change/"
    # when it invites an organ for each of the three tracks
    desk = centre.page
    tracks = {}
    for kind, organ, basis in (
        ("people", "medcom-liudi", "《人民调解法》"), ("administrative", "housing", "《土地管理法》第十四条"),
        ("judicial", "court-linjiang", "《民事诉讼法》第一百二十五条"),
    ):  # fmt: skip
        desk.goto(address)
        desk.click("#doings a[href*='/track/add/']")
        expect(desk.locator("form.jc-form [name=dispute]")).to_have_value(number)
        send(desk, kind=kind, organ=organ, briefing="请核对宅基地四至并说明翻建手续。", legal_basis=basis)
        tracks[kind] = number_in(desk, "track")
    # and each organ takes part, works and hands in its result; the first on the list leads
    result = "经核对，登记四至以老墙外沿为界，新墙越界二十六厘米。"
    for kind, username in (
        ("people", "mediator.liudi"), ("administrative", "joint.housing"), ("judicial", "clerk.linjiang"),
    ):  # fmt: skip
        organ = staff(username)
        page = organ.page
        page.locator(f"#my-work a[href='/admin/mediation/track/{tracks[kind]}/change/']").first.click()
        press(page, "accept")
        press(page, "begin")
        organ.shot(f"mediation_track_{kind}")
        press(page, "hand_in", result=result, document="核对说明")
        expect(page.locator(".jc-case-head")).to_contain_text("已提交结果")
        # the organ is told what it needs; the dispute itself it does not read
        if kind != "people":
            assert page.goto(address).status in (403, 404)
    # then the centre reads all three on the page of the dispute, led by the first
    desk.goto(address)
    expect(desk.locator("#tracks tr")).to_have_count(3)
    expect(desk.locator("#tracks tr", has_text="已提交结果")).to_have_count(3)
    expect(desk.locator("#tracks tr", has_text="牵头")).to_have_count(1)
    # and plans a sitting with both parties
    desk.click("#doings a[href*='/sitting/add/']")
    send(
        desk, kind="on_site", starts_at=f"{day(1)}T15:00", ends_at=f"{day(1)}T16:30", place="澜桥街道调解中心二楼",
    )  # fmt: skip
    number_in(desk, "sitting")
    expect(desk.locator("#jc-page")).to_contain_text("澜桥街道调解中心二楼")
    centre.shot("mediation_sitting")
    desk.goto("/admin/")
    expect(desk.locator("#my-work")).to_contain_text(number)
    desk.goto(address)
    centre.shot("mediation_dispute")
