"""A resident with a phone: reports, follows live, rates, disagrees."""

import re

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, photo

HERE = {"latitude": 28.2022, "longitude": 112.9030, "accuracy": 15}  # 渡口里第一网格


@pytest.fixture
def resident(visit):
    return visit(PHONE, is_mobile=True, has_touch=True, geolocation=HERE, permissions=["geolocation"])


def reports(resident) -> str:
    """Fill the form as people do: two photos, one taken out again, the phone says where; return the case's number."""
    page = resident.page
    page.goto("/r/")
    resident.shot("report")
    page.fill("#id_description", "人行道中间的井盖歪了，晚上看不清，老人容易绊倒")
    page.set_input_files("#id_photos", [photo(), photo("#787")])
    expect(page.locator("[data-previews] img")).to_have_count(2)
    page.locator("[data-previews] button").first.click()
    expect(page.locator("[data-previews] img")).to_have_count(1)
    page.click("[data-locate]")
    expect(page.locator("[data-point-text]")).to_contain_text("渡口里第一网格")
    page.click("[data-open-map]")
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    page.fill("#id_phone", "138 0000 1234")
    resident.shot("report_filled")
    page.click("button.main")
    page.wait_for_url(re.compile(r"/r/[\w-]{20,}/$"))
    return page.locator(".number").inner_text()


def closes(resident, staff, number: str) -> None:
    """Staff take the case through to its end in windows of their own, while the resident's page stays open."""
    page, registrar, handler = resident.page, staff("registrar"), staff("handler.municipal")
    registrar.act(number, "accept", standard="C0101/tilted")
    expect(page.locator(".step.dispatched")).to_be_visible()
    expect(page.locator(".now dd").first).to_have_text("云川市市政设施管理局")
    expect(page.locator(".now time")).to_be_visible()
    resident.shot("follow_dispatched")
    handler.act(number, "start")
    expect(page.locator(".step.handling_begun")).to_be_visible()
    handler.act(number, "submit", result="井盖已复位并固定")
    expect(page.locator(".step.submitted")).to_be_visible()
    staff("grid.01").act(number, "inspect")
    registrar.act(number, "close", closing_condition_met=True)
    expect(page.locator("#rating")).to_be_visible()


def test_a_resident_reports_follows_rates_and_disagrees(resident, staff):
    page = resident.page
    # when a resident has sent a report
    number = reports(resident)
    # then the page to follow is live, says thanks, and shows the photo
    expect(page.locator(".connection.live")).to_be_visible()
    page.wait_for_load_state("networkidle")  # the first look after connecting changes nothing
    expect(page.locator("[data-new]")).to_be_visible()
    expect(page.locator(".step")).to_have_count(1)
    assert page.locator(".photos-shown img").evaluate("async it => { await it.decode(); return it.naturalWidth }") > 0
    resident.shot("follow_reported")
    # when staff handle it elsewhere, then each step appears by itself
    resident.mark()
    closes(resident, staff, number)
    resident.assert_not_reloaded()
    expect(page.locator("[data-new]")).to_be_hidden()
    resident.shot("follow_closed")
    # when it is rated, then thanks are said and it cannot be rated again
    page.check("[name=score][value='4']")
    page.check("[name=solved][value=partly]")
    page.fill("#id_comment", "处理得很快")
    page.click("#rating button.main")
    expect(page.locator("#rating")).to_have_count(0)
    expect(page.locator("[data-answers-part] .notice.good")).to_be_visible()
    # when they disagree, with a reason and a photo, then it is open again and waits for a dispatcher
    page.click("#reopen summary")
    page.fill("#id_reason", "第二天又歪了")
    page.set_input_files("#id_reopen_photos", [photo()])
    expect(page.locator("#reopen [data-previews] img")).to_have_count(1)
    resident.shot("follow_reopening")
    page.click("#reopen button.danger")
    expect(page.locator(".step.reopened")).to_be_visible()
    resident.shot("follow_reopened")
    case = staff("dispatcher").api("GET", f"cases/{number}/")
    assert (case["state"], "dispatch" in case["transitions"]) == ("reopened", True)
    # and the form page lists the report as one's own
    page.goto("/r/")
    expect(page.locator("[data-mine-list]")).to_contain_text(number)


def test_mistakes_are_said_beside_their_field_and_nothing_typed_is_lost(resident):
    page = resident.page
    page.goto("/r/")
    page.fill("#id_description", "歪")
    page.fill("#id_phone", "123")
    page.click("button.main")
    expect(page.locator(".notice.bad")).to_be_visible()
    expect(page.locator(".wrong")).to_have_count(3)  # text, place, phone
    assert page.input_value("#id_phone") == "123"
    resident.shot("report_mistakes")


def test_a_form_without_script_reports_and_follows_too(visit):
    # given a browser without JavaScript
    window = visit(PHONE, java_script_enabled=False)
    page = window.page
    page.goto("/r/")
    page.fill("#id_description", "楼道口的路灯不亮了")
    page.select_option("#id_community", label="渡口里社区")
    page.set_input_files("#id_photos", [photo()])
    # when the form is sent
    page.click("button.main")
    # then the progress page has everything but the live part
    expect(page.locator(".step")).to_have_count(1)
    expect(page.locator(".photos-shown img")).to_have_count(1)
    expect(page.locator(".connection")).to_be_hidden()


def test_without_the_socket_the_page_asks_by_itself(resident, staff, product):
    # given a followed report whose live server cannot be reached
    report = product.report("小区门口的垃圾桶满了", area="990102001001001")
    page = resident.page
    page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    page.goto(f"/r/{report['token']}/")
    expect(page.locator(".connection.polling")).to_be_visible()
    resident.shot("follow_polling")
    # when staff accept it
    staff("registrar").act(report["number"], "accept", category="C0301")
    # then the page shows it at the next look
    expect(page.locator(".step.accepted")).to_be_visible(timeout=30_000)


def test_an_unknown_link_is_told_kindly(resident):
    resident.page.goto("/r/" + "x" * 32 + "/")
    expect(resident.page.locator("h1")).to_have_text("没有找到")
    resident.shot("unknown_link")
