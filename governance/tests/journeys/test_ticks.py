"""Somebody ticks alarms while alarms move: what is ticked stays ticked, what the bar says is what is done."""

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits

CONSOLE = "/admin/devices/alarm/?condition=waiting"


@pytest.fixture
def covers(staff, product) -> list[str]:
    """Codes of manhole covers at which nothing is wrong yet."""
    found = staff("centre").api("GET", "devices/?profile=manhole_cover&state=in_service&alarm=false")["results"]
    return [one["code"] for one in found if one["code"] in product.device_keys]


def row(page, code):
    return page.locator("#result_list tbody", has_text=code)


def box(page, code):
    return row(page, code).locator("input.action-select")


def chosen(page, count: int) -> None:
    """Check that the bar counts what is ticked, and that nothing else is."""
    expect(page.locator("span.action-counter")).to_contain_text(f"的 {count} 个")
    expect(page.locator("#result_list tr.selected")).to_have_count(count)
    expect(page.locator("#result_list input.action-select:checked")).to_have_count(count)


def test_ticked_alarms_stay_ticked_while_alarms_move(staff, product, covers):
    # given five covers that tilt, ticked in the console
    chosen_ones, later, left = covers[:5], covers[5], covers[2]
    for code in chosen_ones:
        product.device_says(code, "tilted", tilt=21.0)
    centre = staff("centre")
    page = centre.page
    page.goto(CONSOLE)
    centre.live().mark()
    for code in chosen_ones:
        box(page, code).check()
    chosen(page, 5)
    # when some of them say it again and another one comes
    for code in chosen_ones[:3]:
        product.device_says(code, "tilted", tilt=24.0)
    product.device_says(later, "tilted", tilt=23.0)
    # then the rows change, a row is added, and the five are ticked as before
    expect(row(page, later)).to_have_count(1)
    expect(row(page, covers[0])).to_contain_text("× 2")
    chosen(page, 5)
    centre.shot("alarm_console_ticked")
    # and the new one can be ticked like the others
    box(page, later).check()
    chosen(page, 6)
    box(page, later).uncheck()
    chosen(page, 5)
    # when somebody else acknowledges one of them
    listed = centre.api("GET", f"alarms/?device={left}&active=true")["results"]
    centre.api("POST", f"alarms/{listed[0]['id']}/transitions/acknowledge/", data={})
    # then it leaves the list, the bar counts the others, and it is said
    expect(row(page, left)).to_have_count(0)
    chosen(page, 4)
    expect(page.locator(".jc-notice-gone")).to_contain_text("勾选的 1 行已不在本列表中")
    expect(page.locator(".jc-notice-gone")).to_contain_text(left)
    centre.shot("alarm_console_left")
    # when they are acknowledged, then as many are as the bar said
    page.locator("select[name=action]").select_option("acknowledge_selected")
    centre.assert_not_reloaded()
    page.locator("button[name=index]").click()
    expect(page.locator(".jc-card-head")).to_contain_text("已确认 4 条告警")
    page.goto(CONSOLE)
    expect(row(page, later)).to_have_count(1)
    for code in chosen_ones:
        expect(row(page, code)).to_have_count(0)


def test_all_rows_are_ticked_and_unticked_at_once(staff, product):
    # given a list of which the first moment knew only some rows
    centre = staff("centre")
    page = centre.page
    page.goto("/admin/devices/alarm/?q=TB-00")
    centre.live()
    product.device_says("TB-003", "moved")
    expect(row(page, "TB-003").first).to_be_visible()
    # when all are ticked, then those that came later are too
    page.locator("#action-toggle").check()
    chosen(page, page.locator("#result_list tbody").count())
    row(page, "TB-003").first.locator("input.action-select").uncheck()
    expect(page.locator("#action-toggle")).not_to_be_checked()
    chosen(page, page.locator("#result_list tbody").count() - 1)


def test_figures_and_shelvings_move_with_the_alarms(staff, product, covers):
    # given the figures and the list of what is shelved, each in a window
    figures, shelved = staff("centre"), staff("centre")
    figures.page.goto("/admin/devices/alarm/figures/")
    expect(figures.page.locator("h1")).to_contain_text("告警指标")
    shelved.page.goto("/admin/devices/shelving/")
    for window in (figures, shelved):
        window.live().mark()
    active = figures.page.locator("[data-figure=active] .jc-figure-count")
    held = figures.page.locator("[data-figure=shelved] .jc-figure-count")
    before, held_before = int(active.inner_text()), int(held.inner_text())
    # when a cover tilts and its alarm is shelved
    product.device_says(covers[-1], "tilted", tilt=25.0)
    expect(active).to_have_text(str(before + 1))
    alarm = figures.api("GET", f"alarms/?device={covers[-1]}&active=true")["results"][0]["id"]
    figures.api("POST", f"alarms/{alarm}/transitions/shelve/", data={"until": tomorrow(figures), "reason": "附近施工"})
    # then both pages say so
    expect(row(shelved.page, covers[-1])).to_contain_text("附近施工")
    expect(row(shelved.page, covers[-1])).to_contain_text("告警中")
    expect(held).to_have_text(str(held_before + 1))
    for window in (figures, shelved):
        window.assert_not_reloaded()
    figures.shot("alarm_figures")
    shelved.shot("shelvings")
    # and its page says until when
    figures.page.goto(f"/admin/devices/alarm/{alarm}/change/")
    expect(figures.page.locator("[data-shelved-until]")).to_contain_text("已搁置至")
    figures.page.set_viewport_size(PHONE)
    figures.page.reload()
    fits(figures.page)
    figures.shot("alarm_shelved")


def tomorrow(window) -> str:
    return window.page.evaluate("new Date(Date.now() + 86400000).toISOString()")
