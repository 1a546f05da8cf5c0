"""The main job: a device says that a manhole cover is tilted, and staff take it to its end."""

import re

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import photo

CASES = "/admin/cases/case/"
NUMBER = re.compile(r"C\d{8}-\d{6}")
HUB_SAYS = ["dispatched", "municipal", "urban_management"]
INSPECTORS = {"990102001001001": "grid.01", "990102002001001": "grid.08"}
WAY = ["reported", "accepted", "dispatched", "handling_begun", "submitted", "inspected", "closed"]


@pytest.fixture
def cover(staff):
    """A manhole cover at which nothing is wrong yet, best in a grid whose worker has an account."""
    devices = staff("centre").api("GET", "devices/?profile=manhole_cover")["results"]
    quiet = [device for device in devices if device["state"] == "in_service" and not device["active_alarms"]]
    return min(quiet, key=lambda device: device["area"] not in INSPECTORS)


def test_a_tilted_cover_becomes_a_dispatched_live_traceable_case(product, staff, cover):
    # given a dispatcher who watches the list of cases
    dispatcher = staff("dispatcher")
    dispatcher.shot("work_dispatcher")
    page = dispatcher.page
    page.goto(CASES)
    dispatcher.live().mark()
    newest = page.locator("#result_list tbody tr").first
    before = NUMBER.search(newest.inner_text())[0]
    # when a device says tilted
    product.device_says(cover["code"], "tilted", tilt=32.5)
    # then the alarm arrives as a toast and as a row, without reloading
    expect(newest).not_to_contain_text(before)
    number = NUMBER.search(newest.inner_text())[0]
    # (the alarm's toast stays until it is read, the case's only for some seconds)
    expect(page.locator(".jc-toast", has_text=re.compile(f"{number}|{cover['code']}")).first).to_be_visible()
    dispatcher.assert_not_reloaded()
    dispatcher.shot("list_after_alarm")
    # when it is opened, then the hub has given it to the municipal department, urban management is copied in
    page.locator("#result_list tbody tr a", has_text=number).click()
    expect(page.locator("#jc-page")).to_contain_text("云川市市政设施管理局")
    expect(page.locator("#jc-page")).to_contain_text("云川市城市管理局")
    expect(page.locator("#jc-page")).to_contain_text(cover["code"])
    dispatcher.shot("case_dispatched")
    case = dispatcher.api("GET", f"cases/{number}/")
    assert [case[key] for key in ("state", "lead_unit", "supervising_unit")] == HUB_SAYS
    assert case["origin"]["device"] == cover["code"]
    # when the department handles it, with a photo, then it leaves the department's desk
    handler = staff("handler.municipal").find(number)
    handler.press("start")
    handler.press("submit", {"result": "井盖已复位，更换了锁扣"}, [photo()])
    expect(handler.page.locator("#jc-page")).to_contain_text("井盖已复位，更换了锁扣")
    handler.shot("case_submitted")
    # when the grid worker of the place (or the centre) inspects and the registrar closes
    inspector = staff(INSPECTORS.get(cover["area"], "centre")).find(number)
    inspector.press("inspect", {"reason": "现场已看，井盖平整"})
    registrar = staff("registrar").find(number)
    registrar.page.click("[data-transition=close]")
    registrar.page.check("form.jc-form [name=closing_condition_met]")
    registrar.send()
    # then the dispatcher's open page has said so all along
    expect(page.locator(".jc-notice-live")).to_be_visible()
    # and the supervisor, copied in, reads the whole trail with names, units, remark and photo
    supervisor = staff("supervisor").find(number)
    trail = supervisor.page.locator("#jc-timeline")
    for part in ("设备", "智能中枢", "现场已看，井盖平整", "石大为|周铁山"):
        expect(trail).to_contain_text(re.compile(part))
    assert trail.locator("img").first.evaluate("async it => { await it.decode(); return it.naturalWidth }") > 0
    supervisor.shot("case_closed_supervisor")
    names = [entry["name"].removeprefix("case.") for entry in supervisor.api("GET", f"cases/{number}/timeline/")]
    assert [name for name in names if name != "evidence_added"] == WAY


def test_what_the_hub_cannot_decide_waits_for_a_dispatcher(product, staff):
    # given a dispatcher at the first page
    dispatcher = staff("dispatcher")
    dispatcher.live().mark()
    # when a report is accepted under a category without a standard
    number = product.report("小区门口的垃圾桶满了，味道很大", area="990102001001001")["number"]
    registrar = staff("registrar").find(number)
    registrar.press("accept", {"category": "C0301"})
    # then it waits for a dispatcher, told at once, with the reason
    expect(dispatcher.page.locator(".jc-toast", has_text=number).first).to_be_visible()
    dispatcher.assert_not_reloaded()
    dispatcher.find(number)
    expect(dispatcher.page.locator("#jc-page .jc-notice-warning").first).to_contain_text("需派遣员决定")
    dispatcher.shot("case_in_review")
    # when the dispatcher decides by the form
    decision = {"lead_unit": "sanitation", "limit_amount": "4", "limit_unit": "urgent_hour", "reason": "归口环卫"}
    dispatcher.press("dispatch", decision)
    # then the unit has it, and its people see it
    expect(dispatcher.page.locator("#jc-page")).to_contain_text("归口环卫")
    handler = staff("handler.sanitation").find(number)
    expect(handler.page.locator("[data-transition=start]")).to_be_visible()
    handler.shot("case_begin")


def test_a_late_press_is_told_so(product, staff):
    # given two registrars' windows at the same case
    number = product.report("人行道砖块松动，下雨溅水", area="990102001001001")["number"]
    first, second = staff("registrar").find(number), staff("registrar").find(number)
    # when both press, one after the other
    first.press("reject", {"reason": "重复上报"})
    second.page.click("[data-transition=accept]")
    # then the second reads why it is not possible any more, and nothing changed
    expect(second.page.locator(".jc-notice-warning")).to_be_visible()
    second.shot("case_conflict")
    assert second.api("GET", f"cases/{number}/")["state"] == "rejected"


def test_a_wrong_password_is_refused_in_chinese(visit):
    visitor = visit()
    visitor.page.goto("/admin/")
    visitor.shot("sign_in")
    visitor.page.fill("#id_username", "dispatcher")
    visitor.page.fill("#id_password", "not the password")
    visitor.page.locator("#id_password").press("Enter")
    expect(visitor.page.locator("body")).to_contain_text(re.compile("用户名|密码"))
    expect(visitor.page.locator("#id_password")).to_be_visible()
