"""A dispatcher empties the review queue by keyboard, and the operations centre sees the city move; both live."""

import re

from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits

QUEUE, CENTRE = "/admin/cases/case/review/", "/admin/cases/case/overview/"


def row(page, number: str):
    return page.locator(f".jc-review-row[data-number='{number}']")


def choose(page, number: str) -> None:
    """Move to a case with j, from the top."""
    for _step in range(30):
        page.keyboard.press("k")
    for _step in range(30):
        if "jc-review-chosen" in (row(page, number).get_attribute("class") or ""):
            return
        page.keyboard.press("j")
    raise AssertionError(f"{number} is not reached with j")


def test_a_dispatcher_empties_the_queue_by_keyboard(product, staff):
    # given the open queue, and reports that are filed without a condition: the hub does not guess
    registrar, centre, desk = staff("registrar"), staff("centre"), staff("dispatcher")
    page = desk.page
    page.goto(QUEUE)
    desk.live()
    desk.mark()
    numbers = []
    for text in ("井盖翘起来了，车轮会卡住", "井盖裂开缺了一角", "井盖移位露出缝"):
        number = product.report(text, area="990102001001")["number"]
        registrar.act(number, "accept", category="C0101")
        numbers.append(number)
    # then they come up by themselves, each with proposals that say why
    for number in numbers:
        expect(row(page, number).locator(".jc-proposal").first).to_be_visible()
    desk.shot("review")
    # when the first is accepted with one key
    choose(page, numbers[0])
    page.keyboard.press("Enter")
    # then the next is at hand at once and the case is with its unit
    expect(row(page, numbers[0])).to_be_hidden()
    expect(page.locator("#jc-review-told")).to_contain_text(numbers[0])
    expect(page.locator(".jc-review-chosen")).to_be_visible()
    assert desk.api("GET", f"cases/{numbers[0]}/")["dispatches"][0]["method"] == "manual"
    # when another proposal is taken with its number
    choose(page, numbers[1])
    unit = desk.api("GET", f"cases/{numbers[1]}/proposals/")[1]["unit"]
    page.keyboard.press("2")
    expect(row(page, numbers[1])).to_be_hidden()
    expect(page.locator("#jc-review-told")).to_contain_text(numbers[1])
    assert desk.api("GET", f"cases/{numbers[1]}/")["lead_unit"] == unit

    # when somebody else decides the third while the press is under way
    def somebody_else_first(route):
        centre.api("POST", f"cases/{numbers[2]}/proposals/2/accept/", data={})
        route.continue_()

    page.route(re.compile(r"/review/\d+/\d+/$"), somebody_else_first)
    choose(page, numbers[2])
    page.keyboard.press("a")
    # then that is said, with where the case is now, and stays until it is read
    told = page.locator("#jc-review-told .jc-notice-error")
    expect(told).to_contain_text(numbers[2])
    desk.shot("review_conflict")
    told.locator("button").click()
    expect(told).to_have_count(0)
    expect(row(page, numbers[2])).to_have_count(0)
    desk.assert_not_reloaded()
    page.set_viewport_size(PHONE)
    fits(page)


def test_the_operations_centre_sees_the_city_move(product, staff):
    centre = staff("centre")
    page = centre.page
    page.goto(CENTRE)
    centre.live()
    centre.mark()
    opened = page.locator("[data-figure=open] .jc-figure-count")
    before, marks = int(opened.inner_text()), page.locator(".jc-map path.leaflet-interactive").count()
    # when something is reported with its place
    number = product.report("桥头护栏被撞倒了", longitude=112.9041, latitude=28.2034)["number"]
    # then figure, list and map follow without loading the page again
    expect(opened).to_have_text(str(before + 1))
    expect(page.locator("#jc-overview")).to_contain_text(number)
    expect(page.locator(".jc-map path.leaflet-interactive")).to_have_count(marks + 1)
    centre.assert_not_reloaded()
    centre.shot("overview")
    # and the figure leads to what it counts
    page.locator("[data-figure=open]").click()
    expect(page.locator("#result_list")).to_contain_text(number)
