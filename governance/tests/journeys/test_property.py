"""One journey each for the people of an estate: resident, property manager, party secretary, owners' committee."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from governance.clock import SHANGHAI
from governance.tests.journeys.visitor import PHONE, fits, photo

HOME, ESTATE = "GZY-2-1-301", "GZY"
OPENED_WITHIN = 60  # seconds: the timers run once a second
EARLY = timedelta(minutes=30)  # before its time a service may be reported as done
RESIDENT_PHONE = "+99900000051"


@pytest.fixture
def resident(visit, product):
    """林秀英 of 桂子苑 with a phone, signed in by the code that was sent."""
    window = visit(PHONE, is_mobile=True, has_touch=True)
    page = window.page
    page.goto("/r/sign-in/")
    page.fill("#id_phone", RESIDENT_PHONE)
    page.click("form button.main")
    expect(page.locator("#id_code")).to_be_visible()
    page.fill("#id_code", product.newest_code())
    page.click("form button.main")
    expect(page).to_have_url(re.compile("/r/mine/"))
    return window


def sent(page) -> None:
    """Send the form of a step and wait for the page behind it."""
    page.click("form.jc-form button[type=submit]")
    expect(page.locator("form.jc-form")).to_have_count(0)


def books_of(window) -> dict:
    return window.api("GET", f"estate-books/?estate={ESTATE}")["results"][0]


def test_a_resident_rates_votes_and_reads_what_was_charged_and_paid(resident, staff):
    page, day = resident.page, f"{datetime.now(SHANGHAI):%Y-%m-%d}"
    # given the page of their estate: the service list, and a rating of the first item
    page.goto("/r/estate/")
    item = page.locator("#services li[id^=item-]").first
    item.locator("summary").click()
    item.locator("[name=stars][value='4']").check()
    item.locator("button").click()
    expect(page.locator("details.rated").first).to_be_visible()
    fits(page)
    resident.shot("property_estate")
    # when they vote in what is put to the estate
    page.goto("/r/votes/")
    page.locator("a", has_text="电动自行车充电棚放在哪里").click()
    number = re.search(r"/votes/(\d+)/", page.url).group(1)
    page.locator("#ballot input[value=for]").first.check()
    page.click("#ballot button.main")
    expect(page.locator("#voted")).to_contain_text("赞成")
    fits(page)
    # and look at one that was counted, then the whole computation is there
    page.goto("/r/votes/")
    page.locator("a", has_text="在东门加装车辆道闸").click()
    expect(page.locator("#result .vote-steps li").first).to_be_visible()
    resident.shot("property_vote_result")
    # when the property manager records what they paid at the counter
    manager = staff("manager.anlan")
    books = books_of(manager)
    manager.page.goto(f"/admin/property/estatebooks/{books['id']}/transition/pay/")
    form = {"dwelling": HOME, "amount": "12.30", "reference": f"J-{number}", "paid_on": day}
    for name, value in form.items():
        manager.page.fill(f"form.jc-form [name={name}]", value)
    manager.page.select_option("form.jc-form [name=method]", "wechat", force=True)
    sent(manager.page)
    # then the resident finds the receipt in their own account, and the published statement
    page.goto("/r/costs/")
    receipt = page.locator("section.mine a[href*='/receipts/']", has_text="12.30").first
    expect(receipt).to_be_visible()
    answer = resident.context.request.get(receipt.get_attribute("href"))
    assert answer.ok and answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    fits(page)
    resident.shot("property_costs")
    account = next(row for row in resident.api("GET", "me/charges/") if row["dwelling"] == HOME)
    assert account["payments"][0]["amount"] == "12.30" and account["payments"][0]["account"] == account["account"]
    page.locator("a[href*='/costs/statements/']").first.click()
    expect(page.locator("main table").first).to_be_visible()


def test_a_property_manager_takes_a_parcel_in_does_a_service_and_writes_a_cost(staff):
    phone = staff("manager.anlan", PHONE, is_mobile=True, has_touch=True)
    page = phone.page
    # given a parcel that came over the counter
    page.goto("/m/parcels/")
    for name, value in {"dwelling": HOME, "carrier": "顺丰", "tracking": "SF-7788", "shelf": "B-3"}.items():
        page.fill(f"[name={name}]", value)
    page.click("form button.main")
    expect(page.locator(".task", has_text="B-3").first).to_be_visible()
    fits(page)
    phone.shot("property_parcels")
    # when a service whose time it is now is done, with a photo
    listed = phone.api("GET", f"service-records/?estate={ESTATE}&state=planned")["results"]
    now = datetime.now(UTC)
    record = next(
        row["id"]
        for row in listed
        if datetime.fromisoformat(row["starts_at"]) - EARLY <= now <= datetime.fromisoformat(row["ends_at"])
    )
    page.goto(f"/m/services/{record}/complete/")
    page.set_input_files("input[type=file]", [photo()])
    page.click("form button.main")
    expect(page.locator(".photos-shown img").first).to_be_visible()
    fits(page)
    phone.shot("property_service")
    # and a cost is written into the period that is drawn up
    desk = staff("manager.anlan")
    draft = desk.api("GET", f"cost-periods/?estate={ESTATE}&state=draft")["results"][0]
    desk.page.goto(f"/admin/property/costperiod/{draft['id']}/transition/add_line/")
    desk.page.select_option("form.jc-form [name=kind]", "repairs", force=True)
    desk.page.fill("form.jc-form [name=title]", "更换单元门闭门器")
    desk.page.fill("form.jc-form [name=amount]", "168.50")
    sent(desk.page)
    expect(desk.page.locator("#jc-page")).to_contain_text("更换单元门闭门器")
    # then the figures of the month hold what was done
    desk.page.goto(f"/admin/property/servicelist/month/?estate={ESTATE}")
    expect(desk.page.locator("table").first).to_contain_text("%")
    desk.shot("property_month")


def test_a_party_secretary_looks_at_the_tree_fills_a_post_and_publishes_the_service_list(staff):
    secretary, company = staff("secretary.liudi"), staff("manager.anlan")
    page = secretary.page
    # given the four levels with what is missing
    page.goto("/admin/property/partyorganisation/tree/")
    expect(page.locator(".jc-party-gaps li").first).to_be_visible()
    secretary.shot("property_party_tree")
    branch = page.locator("#jc-party-estates td a[href*='/partyorganisation/']").first
    name, key = branch.inner_text(), re.search(r"/(\d+)/change/", branch.get_attribute("href")).group(1)
    # when a member is entered in the branch of the estate
    page.goto("/admin/property/partymembership/add/")
    page.evaluate(
        """([name, key, text]) => { const box = document.querySelector(`[name=${name}]`);
        box.append(new Option(text, key, true, true)); box.dispatchEvent(new Event("change", {bubbles: true})); }""",
        ["organisation", key, name],
    )
    page.fill("[name=person]", "party.gzy.4")
    page.click("[name=_save]")
    expect(page.locator("#changelist")).to_contain_text(name)
    # and the next edition of the service list is agreed by both and published
    codes = {"estate": ESTATE, "organisation": "LD-GZY", "company": "property-anlan"}
    edition = secretary.api("POST", "service-lists/", data=codes)["id"]
    page.goto(f"/admin/property/servicelist/{edition}/change/")
    page.click("[data-transition=agree_party]")
    sent(page)
    company.api("POST", f"service-lists/{edition}/transitions/agree_company/", data={})
    page.reload()
    page.click("[data-transition=publish]")
    sent(page)
    assert secretary.api("GET", f"service-lists/{edition}/")["state"] == "published"
    secretary.shot("property_service_list")
    # then the months of the assemblies are there, what was missed in red
    page.goto("/admin/property/assembly/")
    expect(page.locator(".jc-months").first).to_be_visible()
    secretary.shot("property_months")


def test_a_member_of_the_owners_committee_answers_files_a_resolution_and_reads_the_fund(staff):
    member, organiser = staff("owners.gzy"), staff("organiser.liudi")
    page = member.page
    # given a resolution that the committee puts before the owners
    page.goto("/admin/property/resolution/add/")
    page.fill("[name=title]", "更换门禁系统")
    page.fill("[name=text]", "更换三个出入口的门禁系统，费用由公共收益列支。")
    page.select_option("[name=estate]", label="桂子苑", force=True)
    page.locator("[name=rule_set]").select_option(index=1, force=True)
    page.click("form.jc-form button[type=submit]")
    expect(page).to_have_url(re.compile(r"/resolution/\d+/change/"))
    number = re.search(r"/resolution/(\d+)/", page.url).group(1)
    assert organiser.api("GET", f"resolutions/{number}/")["title"] == "更换门禁系统"
    member.shot("property_resolution")
    # when a session they are asked to has come near, they answer that they come
    starts = datetime.now(SHANGHAI) + timedelta(days=6, hours=1)
    given = {"assembly": "gzy", "starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat(),
             "place": "小区中心花园"}  # fmt: skip
    session = organiser.api("POST", "assembly-sessions/", data=given)["id"]
    # the clock opens it for topics: its days of collecting have begun
    until = time.monotonic() + OPENED_WITHIN
    while organiser.api("GET", f"assembly-sessions/{session}/")["state"] != "collecting":
        assert time.monotonic() < until, "nobody collects topics"
        page.wait_for_timeout(500)
    for step, body in (("add_item", {"title": "门禁"}), ("notice", {})):
        organiser.api("POST", f"assembly-sessions/{session}/transitions/{step}/", data=body)
    asked = member.api("GET", f"assembly-invitations/?session={session}")["results"]
    mine = next(row["id"] for row in asked if "come" in row["transitions"])
    page.goto(f"/admin/property/invitation/{mine}/change/")
    page.click("[data-transition=come]")
    page.fill("[name=stand_in]", "覃业委")
    sent(page)
    assert member.api("GET", f"assembly-invitations/{mine}/")["state"] == "coming"
    # then the fund and what was disclosed about it are theirs to read, what a neighbour owes is not
    books = books_of(member)
    page.goto(f"/admin/property/estatebooks/{books['id']}/change/")
    expect(page.locator("#pc-arrears")).to_have_count(0)
    page.locator("#pc-fund a").first.click()
    expect(page.locator("#jc-page")).to_contain_text("季度利息")
    shown = next(
        row for row in member.api("GET", f"disclosures/?estate={ESTATE}")["results"] if row["state"] == "published"
    )
    page.goto(f"/admin/property/disclosure/{shown['id']}/change/")
    expect(page.locator("#jc-page table").first).to_be_visible()
    member.shot("property_disclosure")
