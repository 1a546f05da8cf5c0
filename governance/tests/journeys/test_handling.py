"""A unit and its cases: a handler with a phone, the unit's board at a desk, and what only the centre may decide."""

import re

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits, photo

GRID = "990102001001001"  # 渡口里第一网格
TILTED = "C0101/tilted"  # led by the municipal department, whatever the place
BOARD = "/admin/cases/case/board/"


@pytest.fixture
def given(staff):
    """Return the number of a new case that the municipal department has."""

    def dispatched(text: str) -> str:
        registrar = staff("registrar")
        told = {"source": "hotline", "description": text, "area": GRID}
        number = registrar.api("POST", "cases/", data=told)["number"]
        registrar.act(number, "accept", standard=TILTED)
        return number

    return dispatched


def column(page, key: str, number: str):
    return page.locator(f"[data-list={key}] li", has_text=number)


def take(page, name: str, files: list | None = None, **fill) -> None:
    """On the phone's page of a case: press a step, fill its form, send it."""
    page.click(f"a[href$='/{name}/']")
    for field, value in fill.items():
        page.fill(f"#id_{field}", value)
    if files:
        page.set_input_files("#id_photos", files)
        expect(page.locator("[data-previews] img")).to_have_count(len(files))
    fits(page)
    page.click("form button.main")
    expect(page.locator(f"a[href$='/{name}/']")).to_have_count(0)


def test_a_handler_with_a_phone_signs_begins_and_submits_with_photos(given, staff):
    # given a case of the unit among the tasks on the phone
    number = given("沿河步道的井盖翘起一角，跑步的人容易绊到")
    handler = staff("handler.municipal", PHONE, is_mobile=True, has_touch=True)
    page = handler.page
    page.goto("/m/")
    fits(page)
    handler.shot("phone_tasks_of_handler")
    page.locator(f"a.task[href='/m/cases/{number}/']").first.click()
    expect(page.locator("main")).to_contain_text("跑步的人容易绊到")
    handler.shot("phone_case_of_handler")
    # when they sign for it, begin with a photo of how it was, and submit with one of how it is
    take(page, "sign")
    take(page, "start", [photo("#776")])
    page.click("a[href$='/submit/']")
    page.click("form button.main")
    # then what is missing is said beside its field
    expect(page.locator(".field.wrong .error").first).to_be_visible()
    handler.shot("phone_submit_mistake")
    page.goto(f"/m/cases/{number}/")
    take(page, "submit", [photo("#8a8"), photo("#7b7")], result="井盖已复位，换了防沉降垫圈")
    # then the case shows all of it, with the inspection, and is no task of theirs any more
    expect(page.locator("main")).to_contain_text("换了防沉降垫圈")
    expect(page.locator(".photos-shown img")).to_have_count(3)
    handler.shot("phone_case_submitted")
    page.goto("/m/")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(f"a.task[href='/m/cases/{number}/']")).to_have_count(0)
    case = handler.api("GET", f"cases/{number}/")
    assert case["state"] == "submitted"
    assert sorted(one["purpose"] for one in case["photos"]) == ["after", "after", "before"]


def test_a_unit_leads_its_work_from_the_board(given, staff):
    # given the open board of the unit
    leader = staff("handler.municipal")
    page = leader.page
    page.goto(BOARD)
    leader.live().mark()
    # when two cases are dispatched to it, then they come up by themselves
    kept, wrong = given("桥面井盖下沉，货车压过会跳"), given("小卖部门口的广告牌晃动")
    expect(column(page, "unsigned", kept)).to_be_visible()
    expect(column(page, "unsigned", wrong)).to_be_visible()
    leader.assert_not_reloaded()
    leader.shot("board")
    # when the one is signed for, it moves on
    column(page, "unsigned", kept).locator("a").click()
    leader.press("sign")
    page.goto(BOARD)
    expect(column(page, "waiting", kept)).to_be_visible()
    # and when it takes longer than foreseen, the unit asks for more time
    leader.find(kept).press("start")
    leader.press("ask_extension", {"amount": "2", "counted_in": "work_day", "reason": "同型号井座缺货，明天到"})
    expect(page.locator("#jc-timeline")).to_contain_text("同型号井座缺货")
    leader.shot("case_extension_asked")
    # when the other is not the unit's, it is handed back with the reason and leaves the board
    leader.find(wrong).press("return", {"reason": "广告牌归城管，不是市政设施"})
    page.goto(BOARD)
    expect(column(page, "handling", kept)).to_be_visible()
    expect(page.locator("#jc-board li", has_text=wrong)).to_have_count(0)
    assert leader.api("GET", f"cases/{kept}/")["open_request"] == "extension"
    assert staff("dispatcher").api("GET", f"cases/{wrong}/")["state"] == "returned"


def test_the_centre_grants_an_extension_and_arbitrates_a_third_return(given, staff):
    # given a unit that asks for more time, and a case that came back three times
    handler, desk, centre = staff("handler.municipal"), staff("dispatcher"), staff("centre")
    slow, astray = given("人行天桥下井盖响动，夜里吵人"), given("配电箱旁的盖板松动")
    handler.act(slow, "start")
    handler.act(slow, "ask_extension", amount=1, counted_in="work_day", reason="连日下雨")
    for turn in range(3):
        if turn:
            desk.act(astray, "dispatch", lead_unit="municipal", limit_amount=4, limit_unit="urgent_hour",
                     reason="先由市政处理")  # fmt: skip
        handler.act(astray, "return", reason="盖板归供电")
    # when the centre grants the one with less than was asked for
    before = centre.api("GET", f"cases/{slow}/")["due_at"]
    centre.find(slow)
    page = centre.page
    page.click("[data-transition=extend]")
    assert float(page.input_value("form.jc-form [name=amount]")) == 1
    centre.send({"amount": "0.5", "reason": "半天够了"}, shot="form_extend")
    # then the end has moved, and the trail says by whom
    expect(page.locator("#jc-timeline")).to_contain_text("半天够了")
    assert centre.api("GET", f"cases/{slow}/")["due_at"] > before
    # when it decides about the other, which no dispatcher may
    assert "arbitrate" not in desk.api("GET", f"cases/{astray}/")["transitions"]
    centre.find(astray)
    expect(page.locator("#jc-page")).to_contain_text("仲裁")
    centre.shot("case_arbitration")
    centre.press("arbitrate", {"lead_unit": "power", "limit_amount": "8", "limit_unit": "urgent_hour",
                               "reason": "盖板在配电箱井上，由供电处置"})  # fmt: skip
    # then that unit has it for good, and its people see it
    expect(page.locator("#jc-timeline")).to_contain_text("由供电处置")
    centre.shot("case_arbitrated")
    owner = staff("handler.power").find(astray)
    expect(owner.page.locator("[data-transition=sign]")).to_be_visible()
    expect(owner.page.locator("[data-transition=return]")).to_have_count(0)
    assert re.search("arbitration", owner.api("GET", f"cases/{astray}/")["dispatches"][-1]["method"])
