"""Each other kind of user does one thing that is theirs."""

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, photo

GRID = "990102001001001"  # 渡口里第一网格


@pytest.fixture
def reported(product):
    """A report of a resident in the first grid."""
    return product.report("健身器材的螺丝松了，孩子玩有危险", area=GRID)["number"]


def test_a_grid_worker_with_a_phone_verifies_and_inspects(reported, staff):
    # given a grid worker with a phone, whose work lists the report
    worker = staff("grid.01", PHONE, is_mobile=True, has_touch=True)
    worker.shot("work_grid_worker")
    worker.find(reported)
    # when they have looked on site and say so with a photo
    worker.press("verify", {"reason": "现场属实"}, [photo()])
    # then it is verified, and goes its way
    expect(worker.page.locator("#jc-timeline")).to_contain_text("现场属实")
    worker.shot("case_verified")
    assert worker.api("GET", f"cases/{reported}/")["state"] == "verified"
    staff("registrar").act(reported, "accept", standard="C0101/tilted")
    handler = staff("handler.municipal")
    handler.act(reported, "start")
    handler.act(reported, "submit", result="已紧固")
    # when they find it not done, and later done, then both are kept
    worker.find(reported).press("rework", {"reason": "还有两颗没拧紧"})
    handler.act(reported, "start")
    handler.act(reported, "submit", result="全部紧固")
    worker.find(reported).press("inspect")
    assert worker.api("GET", f"cases/{reported}/")["state"] == "inspected"
    expect(worker.page.locator("#jc-timeline")).to_contain_text("还有两颗没拧紧")


def test_community_staff_report_for_a_resident(staff):
    # given somebody at the community's desk
    desk = staff("community.dukouli")
    desk.shot("work_community_staff")
    page = desk.page
    page.goto("/admin/cases/case/add/")
    # when they write down what a resident tells them
    page.select_option("[name=source]", "resident", force=True)
    page.fill("[name=description]", "三单元楼道灯不亮，老人上下楼不便")
    page.locator("[name=area]").select_option(index=1, force=True)
    page.fill("[name=reporter_name]", "钱阿姨")
    page.fill("[name=reporter_phone]", "13900001111")
    desk.shot("report_form_staff")
    page.click("form.jc-form button[type=submit]")
    # then the case is there, with whom to call
    expect(page.locator("#jc-page")).to_contain_text("三单元楼道灯不亮")
    expect(page.locator("#jc-page")).to_contain_text("13900001111")
    # and a place outside the community is not theirs to see
    other = staff("registrar").api("GET", "cases/?area=990102002001")["results"]
    if other:
        assert desk.context.request.get(f"/api/v1/cases/{other[0]['number']}/").status == 404


def test_the_operations_centre_watches_figures_change(product, staff):
    # given the centre's first page
    centre = staff("centre")
    page = centre.page
    figure = page.locator(".jc-figure").first.locator(".jc-figure-count")
    before = figure.inner_text()
    centre.live().mark()
    centre.shot("work_centre")
    # when something is reported, then the figure moves and a toast tells, without reloading
    product.report("路灯杆倾斜，随时可能倒", area=GRID)
    expect(page.locator(".jc-toast").first).to_be_visible()
    expect(figure).not_to_have_text(before)
    centre.assert_not_reloaded()


def test_an_administrator_makes_an_appointment(staff):
    # given an administrator, and a grid worker of another grid who does not see the first
    admin = staff("admin")
    admin.shot("work_administrator")
    page = admin.page
    page.goto("/admin/governance/appointment/add/")
    admin.shot("appointment_add")
    # when the grid worker 黄丽娟 is appointed there too
    for field, search, found in [
        ("user", "grid.08", "黄丽娟"),
        ("unit", "渡口里社区居民", "渡口里社区"),
        ("area", "渡口里第一", "渡口里第一网格"),
    ]:
        page.locator(f".field-{field} .select2-selection").first.click()
        page.locator(".select2-search__field").last.fill(search)
        options = page.locator(".select2-results__option")
        expect(options).to_have_count(1)  # the search has been answered
        options.filter(has_text=found).click()
    page.select_option("[name=role]", "grid_worker", force=True)
    page.click("[name=_save]")
    expect(page.locator("#changelist")).to_be_visible()
    expect(page.locator("body")).to_contain_text("黄丽娟 · 网格员 · 渡口里社区")
    admin.shot("appointment_list")
    # then their work reaches there from the next page on
    worker = staff("grid.08")
    worker.page.goto("/admin/")
    expect(worker.page.locator(".jc-whoami")).to_contain_text("渡口里第一网格")


@pytest.mark.parametrize("username", ["handler.water", "supervisor", "registrar"])
def test_every_desk_opens_with_its_work(staff, username):
    visitor = staff(username)
    expect(visitor.page.locator(".jc-lists")).to_be_visible()
    visitor.shot(f"work_{username}")
    visitor.page.goto("/admin/cases/case/")
    visitor.live().shot(f"list_{username}")


def test_a_resident_account_does_not_enter_the_admin(visit, product):
    visitor = visit()
    visitor.page.goto("/admin/")
    visitor.page.fill("#id_username", "resident")
    visitor.page.fill("#id_password", product.passwords["resident"])
    visitor.page.locator("#id_password").press("Enter")
    expect(visitor.page.locator("#id_password")).to_be_visible()
