"""A red steward's day on the phone: a shift, a round with a finding, an outreach visit, a dispute, the hours of it."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import expect

from governance.clock import SHANGHAI
from governance.tests.journeys.visitor import PHONE, fits, photo

GATE = {"latitude": 28.211205, "longitude": 112.904402, "accuracy": 12}  # fixtures/0482_steward_rounds.json
WORDS = "两户因楼道堆物争吵，一方推搡"


def plan_a_shift(page) -> None:
    """The organiser plans a shift for now, at the desk."""
    now = datetime.now(SHANGHAI)
    ends = min(now + timedelta(hours=2), now.replace(hour=23, minute=59))
    page.goto("/admin/property/stewardplan/add/?team=1")
    for name, text in {"code": "GZY-TODAY", "name": "防汛值守", "day": f"{now:%Y-%m-%d}", "starts": f"{now:%H:%M}",
                       "ends": f"{ends:%H:%M}", "wanted": "2", "place": "东门"}.items():  # fmt: skip
        page.fill(f"[name={name}]", text)
    page.click("[name=_save]")
    expect(page.locator("#result_list")).to_contain_text("防汛值守")


def walk_a_round(page) -> str:
    """Check in at the first point, report what is found there, finish; returns the number of the case."""
    page.locator("a.task[href*='/m/patrols/']", has_text="桂子苑红色管家巡楼").first.click()
    page.click("[data-start]")
    first = page.locator(".stop").first
    first.locator("button[type=submit]").click()
    expect(first.locator(".verdict.good")).to_be_visible()
    first.locator("a[href$='/finding/']").click()
    page.fill("#id_finding", "消防通道被杂物占用")
    page.set_input_files("#id_photos", [photo()])
    expect(page.locator("[data-previews] img")).to_have_count(1)
    page.click("form button.main")
    expect(page.locator(".found li")).to_have_count(1)
    number = re.search(r"C\d{8}-\d+", page.locator(".found li").inner_text()).group(0)
    page.click("[data-step=finish]")
    page.fill("#id_reason", "其余点位由队员巡查")
    page.click("form button.main")
    expect(page.locator("[data-step=finish]")).to_have_count(0)
    return number


def log_a_visit(steward) -> None:
    """Say which policy was explained where."""
    page = steward.page
    page.goto("/m/stewards/visits/new/")
    for name, text in {"topic": "防汛避险", "dwelling": "GZY-1-1-301", "minutes": "25"}.items():
        page.fill(f"[name={name}]", text)
    page.select_option("[name=result]", "explained")
    fits(page)
    steward.shot("steward_visit")
    page.click("form button.main")
    expect(page.locator(".card[id^=visit-]").first).to_contain_text("防汛避险")


def report_a_dispute(steward) -> str:
    """Returns the id of the dispute."""
    page = steward.page
    page.goto("/m/stewards/disputes/new/")
    page.select_option("[name=kind]", "neighbours")
    page.select_option("[name=urgency]", "urgent")
    page.fill("[name=words]", WORDS)
    fits(page)
    page.click("form button.main")
    expect(page.locator("main")).to_contain_text(WORDS)
    steward.shot("steward_dispute")
    return re.search(r"/disputes/(\d+)/", page.url).group(1)


def answer(community, dispute: str) -> None:
    """The community staff find it among their work and take it on."""
    desk = community.page
    expect(desk.locator("#my-work")).to_contain_text("红色管家发现的纠纷")
    desk.goto(f"/admin/property/disputesighting/{dispute}/change/")
    expect(desk.locator("#jc-page")).to_contain_text(WORDS)
    desk.click(".jc-actions [data-transition=take]")
    desk.click("form.jc-form button[type=submit]")
    expect(desk.locator("#jc-page .jc-case-id")).to_contain_text("已认领")
    community.shot("steward_answered")


def is_to_be_assessed(mediator) -> None:
    """What the steward handed over stands among the hazards of the mediator, with its words."""
    page = mediator.page
    page.goto("/m/hazards/")
    page.locator("a.task", has_text=WORDS[:10]).first.click()
    expect(page.locator("main")).to_contain_text(WORDS)
    expect(page.locator("[data-step=assess]")).to_be_visible()


def test_a_stewards_day(staff):
    # given a shift that the organiser has planned for now
    organiser = staff("organiser.liudi")
    plan_a_shift(organiser.page)
    steward = staff("steward.liudi", PHONE, is_mobile=True, has_touch=True, geolocation=GATE,
                    permissions=["geolocation"])  # fmt: skip
    page = steward.page
    page.goto("/m/")
    page.click("a.button[href='/m/stewards/']")
    expect(page).to_have_url(re.compile("/m/stewards/$"))
    fits(page)
    page.locator(".card[id^=shift-]", has_text="防汛值守").locator("[data-take]").click()
    mine = page.locator(".card[id^=duty-]", has_text="防汛值守")
    expect(mine).to_be_visible()
    steward.shot("steward_home")
    # when it is begun where the steward is, a round is walked, a policy explained, and a dispute seen
    mine.locator("[data-step=start]").click()
    expect(mine.locator("[data-step=end]")).to_be_visible()
    number = walk_a_round(page)
    log_a_visit(steward)
    dispute = report_a_dispute(steward)
    # then the community staff answer, and the steward reads it
    community = staff("community.liudi")
    answer(community, dispute)
    page.reload()
    expect(page.locator("main")).to_contain_text("已认领")
    # and the mediator of the community has it to assess, as a hazard
    is_to_be_assessed(staff("mediator.liudi", PHONE, is_mobile=True, has_touch=True))
    # and the day is counted when the shift is ended
    page.goto("/m/stewards/")
    mine.locator("[data-step=end]").click()
    expect(mine).to_have_count(0)
    page.click("[data-hours]")
    for kind in ("班次值守", "巡查", re.compile(r"宣传走访 · 0:2[2-5]")):
        expect(page.locator(".found li", has_text=kind).last).to_be_visible()
    fits(page)
    steward.shot("steward_hours")
    # the case says where it comes from, and the organiser's sheet holds the month
    told = community.api("GET", f"cases/{number}/")
    assert told["source"] == "steward" and len(told["photos"]) == 1
    organiser.page.goto("/admin/property/hoursentry/month/")
    expect(organiser.page.locator("table").first).to_contain_text("柯玉兰")
    organiser.shot("steward_month")
