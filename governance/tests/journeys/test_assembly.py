"""An organiser schedules a session of the assembly, runs the evening from a phone, and publishes the minutes."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import expect

from governance.clock import SHANGHAI
from governance.tests.journeys.visitor import PHONE, fits

OPENED_WITHIN = 60  # looks, a second or more apart: the timers fire every second or two
THERE = ("方正义", "安澜物业", "桂子苑业委会", "罗建民")  # the chair, both units, and somebody without an account


def press(page, step: str, **fields) -> None:
    """Press a step on a page of the admin and send its form."""
    page.click(f".jc-actions [data-transition={step}], .jc-card-head a[href$='/transition/{step}/']")
    for name, text in fields.items():
        page.fill(f"[name={name}]", text)
    page.click("form.jc-form button[type=submit]")
    expect(page.locator("form.jc-form")).to_have_count(0)  # the next press is meant for the page that comes


def test_a_session_from_its_date_to_the_published_minutes(staff):
    organiser = staff("organiser.liudi")
    page = organiser.page
    # given a session made by hand for today, in the garden
    page.goto("/admin/property/assemblysession/add/")
    page.select_option("[name=assembly]", label="桂子苑红色议事厅")
    starts = datetime.now(SHANGHAI) + timedelta(minutes=3)
    page.fill("[name=starts_at]", f"{starts:%Y-%m-%dT%H:%M}")
    page.fill("[name=place]", "小区中心花园")
    page.click("form.jc-form button[type=submit]")
    number = re.search(r"/assemblysession/(\d+)/", page.url).group(1)
    # when the clock has opened it for topics, the chair adds one and the notice goes out late, with a reason
    for _look in range(OPENED_WITHIN):
        if page.locator("[data-transition=notice]").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    press(page, "add_item", title="小区东门改造")
    press(page, "notice", reason="居民要求尽快协商")
    expect(page.locator("#people tr")).to_have_count(7)
    organiser.shot("assembly_session")
    # and the evening is run from a phone
    phone = staff("organiser.liudi", PHONE, is_mobile=True, has_touch=True)
    hand = phone.page
    hand.goto("/m/")
    hand.locator(f"a.task[href='/m/assembly/{number}/']").click()
    for name in THERE:
        hand.locator(".stop", has_text=name).locator("[data-sign-in]").click()
        expect(hand.locator(".stop.reached", has_text=name)).to_be_visible()
    fits(hand)
    phone.shot("assembly_phone")
    hand.click("[data-step=open]")
    hand.click("form button.main")
    topic = hand.locator(".stop", has_text="小区东门改造")
    topic.locator("[data-step=decide]").click()
    hand.fill("[name=outcome]", "同意改造东门，物业提出方案")
    hand.click("form button.main")
    hand.locator(".stop", has_text="小区东门改造").locator("[data-step=follow_up_with]").click()
    hand.fill("[name=title]", "提出东门改造方案")
    hand.select_option("[name=owner_unit]", "property-anlan")
    hand.fill("[name=due_on]", f"{starts + timedelta(days=20):%Y-%m-%d}")
    hand.click("form button.main")
    hand.click("[data-step=close]")
    hand.click("form button.main")
    # then the minutes are written, confirmed by each party that was there, and published
    page.reload()
    press(page, "write", text="会议同意改造东门")
    for username in ("secretary.liudi", "manager.anlan", "owners.gzy"):
        party = staff(username).page
        party.goto(f"/admin/property/assemblysession/{number}/change/")
        press(party, "approve")
    page.reload()
    press(page, "publish")
    organiser.shot("assembly_published")
    told = organiser.api("GET", f"assembly-sessions/{number}/")
    assert told["state"] == "published" and [one["agrees"] for one in told["minutes"]["parties"]] == [True] * 3
    item = organiser.api("GET", f"follow-up-items/?topic={told['agenda'][0]['id']}")["results"][0]
    assert (item["title"], item["owner_unit"], item["state"]) == ("提出东门改造方案", "property-anlan", "assigned")
