"""An organiser plans an event, neighbours sign up, wait, move up and check in on their phones; two exchange skills."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from governance.clock import SHANGHAI
from governance.tests.journeys.visitor import PHONE, fits

# Residents of one estate, by what they sign in with (fixtures/0490_event_neighbours.json).
# Each of them signs in once: a phone gets one code a minute.
PHONES = {"first": "+99900000494", "second": "+99900000496", "weaver": "+99900000493", "cutter": "+99900000495"}


def press(page, step: str, **fields) -> None:
    """Press a step on a page of the admin and send its form."""
    page.locator(f"[data-transition={step}]").first.click()
    for name, text in fields.items():
        control = page.locator(f"form.jc-form [name={name}]")
        if control.evaluate("it => it.tagName") == "SELECT":
            control.select_option(text, force=True)
        else:
            control.fill(text)
    page.click("form.jc-form button[type=submit]")
    expect(page.locator("form.jc-form")).to_have_count(0)  # the next press is meant for the page that comes


@pytest.fixture
def neighbour(visit, product):
    """Open the phone of a resident, signed in by code."""

    def open_phone(key: str):
        resident = visit(PHONE, is_mobile=True, has_touch=True)
        page = resident.page
        page.goto("/r/sign-in/")
        page.fill("#id_phone", PHONES[key])
        page.click("form button.main")
        page.fill("#id_code", product.newest_code())
        page.click("form button.main")
        expect(page).to_have_url(re.compile("/r/mine/"))
        return resident

    return open_phone


def checked_in_by_code(staff, second, number: str) -> None:
    """Begin the event on the organiser's phone and let a resident check in by the code it shows."""
    phone = staff("organiser.liudi", PHONE, is_mobile=True, has_touch=True)
    hand = phone.page
    hand.goto(f"/m/gatherings/{number}/")
    fits(hand)
    hand.click("[data-step=begin]")
    hand.click("form button.main")
    phone.shot("gathering_phone")
    hand.goto(f"/m/gatherings/{number}/code/")
    expect(hand.locator(".pa-qr svg")).to_be_visible()
    phone.shot("gathering_code")
    code = phone.api("GET", f"neighbour-events/{number}/check-in-code/")["code"]
    second.page.goto(f"/r/gatherings/check-in/{code}/")
    second.page.click("form button.main")
    expect(second.page.locator(".notice.good")).to_be_visible()
    hand.goto(f"/m/gatherings/{number}/")
    expect(hand.locator(".stop.reached")).to_have_count(1)


def test_an_event_from_its_plan_to_the_settlement(staff, neighbour):
    organiser = staff("organiser.liudi")
    page = organiser.page
    # given an event planned for today with one place, and published
    page.goto("/admin/property/neighbourevent/add/")
    page.select_option("[name=kind]", "cooking", force=True)
    page.fill("[name=title]", "包元宵")
    page.select_option("[name=estate]", "GZY", force=True)
    page.fill("[name=starts_at]", f"{datetime.now(SHANGHAI) + timedelta(minutes=40):%Y-%m-%dT%H:%M}")
    page.fill("[name=place]", "小区中心花园")
    page.fill("[name=places]", "1")
    organiser.shot("gathering_plan")
    page.click("form.jc-form button[type=submit]")
    expect(page.locator("#jc-page")).to_contain_text("包元宵")
    number = re.search(r"/neighbourevent/(\d+)/", page.url).group(1)
    press(page, "add_item", title="煮元宵", minutes="20")
    press(page, "publish")
    # when one neighbour signs up on the phone, and another gets onto the waiting list
    first, second = neighbour("first"), neighbour("second")
    for resident in (first, second):
        resident.page.goto("/r/gatherings/")
        fits(resident.page)
        resident.page.locator("a", has_text="包元宵").click()
        resident.page.click("form[action$='/sign-up/'] button")
    expect(second.page.locator("#mine")).to_contain_text("候补中")
    fits(second.page)
    second.shot("gathering_waiting")
    # then the second is offered the place that the first gives back, and takes it
    first.page.click("form[action$='/cancel/'] button")
    second.page.reload()
    second.page.click("form[action$='/take/'] button")
    expect(second.page.locator("#mine")).to_contain_text("已报名")
    # and checks in by the code that the organiser's phone shows
    checked_in_by_code(staff, second, number)
    # when it is over, the second says how it was, and the cost is settled
    page.reload()
    press(page, "finish")
    second.page.goto(f"/r/gatherings/{number}/")
    second.page.fill("#feedback [name=words]", "很热闹")
    second.page.click("#feedback button")
    expect(second.page.locator("#feedback")).to_have_count(0)
    press(page, "add_cost", stage="actual", title="汤圆粉", amount="56.80", source="sponsor", source_text="和顺粮油店")
    press(page, "settle")
    organiser.shot("gathering_settled")
    # then residents read what it cost
    first.page.goto(f"/r/gatherings/{number}/")
    expect(first.page.locator("#settlement")).to_contain_text("56.80")
    fits(first.page)
    first.shot("gathering_resident")


def test_two_neighbours_exchange_skills(neighbour):
    first, second = neighbour("weaver"), neighbour("cutter")
    # given a want of one and an offer of the other
    for resident, side, title in ((first, "want", "想学剪窗花"), (second, "offer", "教剪窗花")):
        page = resident.page
        page.goto("/r/gatherings/skills/new/")
        fits(page)
        page.select_option("[name=side]", side)
        page.select_option("[name=category]", "handicraft")
        page.fill("[name=title]", title)
        resident.shot("skill_new")
        page.click("form button.main")
        expect(page.locator("h1")).to_contain_text(title)
    # when the one proposes what fits, both confirm
    second.page.locator("section[id^=fit-]", has_text="想学剪窗花").locator("button").click()
    card = second.page.locator("section[id^=match-]", has_text="想学剪窗花")
    expect(card).to_be_visible()
    expect(card).not_to_contain_text(PHONES["weaver"])
    first.page.goto("/r/gatherings/skills/")
    mine = first.page.locator("section[id^=match-]", has_text="教剪窗花")
    fits(first.page)
    first.shot("skill_match")
    mine.locator("[data-step=confirm]").click()
    # then each sees how to reach the other, and both say that it is done
    expect(first.page.locator("section[id^=match-]", has_text="教剪窗花")).to_contain_text(PHONES["cutter"])
    second.page.reload()
    expect(second.page.locator("section[id^=match-]", has_text="想学剪窗花")).to_contain_text(PHONES["weaver"])
    for resident, title in ((first, "教剪窗花"), (second, "想学剪窗花")):
        resident.page.locator("section[id^=match-]", has_text=title).locator("[data-step=report]").click()
    expect(second.page.locator("section[id^=match-]", has_text="想学剪窗花")).to_contain_text("已完成")
