"""A grid worker with a phone puts a manhole cover up: scans its label, claims it, tilts it, puts it in service."""

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits, photo

# A cover that waits to be put up, and where it is to lie (fixtures/0311_devices_to_put_up.json).
CODE, PLACE = "MC-019", {"latitude": 28.201885, "longitude": 112.902425, "accuracy": 6}
ELSEWHERE = {"latitude": 28.2031, "longitude": 112.9041, "accuracy": 6}


@pytest.fixture
def worker(staff):
    return staff("grid.01", PHONE, is_mobile=True, has_touch=True, geolocation=ELSEWHERE, permissions=["geolocation"])


def test_a_device_is_claimed_tested_and_put_in_service_on_a_phone(worker, staff):
    # given the label of a device that is not in place yet
    keeper = staff("admin")
    page = keeper.page
    page.goto(f"/admin/devices/device/?q={CODE}")
    page.check("#result_list tbody input.action-select")
    page.select_option("select[name=action]", "print_labels", force=True)
    page.click("button[name=index]")
    expect(page.locator(".label svg")).to_have_count(1)
    keeper.shot("labels")
    page.goto("/admin/devices/device/")
    key = keeper.api("POST", f"devices/{CODE}/key/", data={})["secret"]
    worker.product.device_keys[CODE] = key
    # when the worker opens its address from elsewhere, the claim is refused, and says how far away that is
    page = worker.page
    page.goto(f"/m/devices/{CODE}/")
    fits(page)
    page.click("[data-here]")
    expect(page.locator("#id_longitude")).to_have_value("112.904100")
    page.set_input_files("#id_photos", [photo()])
    worker.shot("claim_form")
    page.click("[data-claim] button.main[type=submit]")
    expect(page.locator(".field.wrong")).to_have_count(1)
    worker.shot("claim_too_far")
    # when standing at the device, it is claimed
    worker.context.set_geolocation(PLACE)
    page.click("[data-here]")
    expect(page.locator("#id_longitude")).to_have_value("112.902425")
    page.set_input_files("#id_photos", [photo()])
    page.click("[data-claim] button.main[type=submit]")
    expect(page.locator("[data-claim]")).to_have_count(0)
    worker.shot("claim_waiting")
    # when the cover is tilted, the page finds out by itself
    worker.product.device_says(CODE, "tilted", tilt=42)
    expect(page.locator("[data-tested]")).to_be_visible()
    fits(page)
    worker.shot("claim_tested")
    page.click("form[action$='/commission/'] button")
    # then it is in service, and no case was opened for the test
    expect(page.locator("form[action$='/commission/']")).to_have_count(0)
    found = keeper.api("GET", f"devices/{CODE}/")
    assert (found["state"], found["active_alarms"]) == ("in_service", [])
    worker.shot("claim_done")
    keeper.page.goto("/admin/devices/device/")
    keeper.page.click(f"#result_list a:has-text('{CODE}')")
    keeper.shot("device_on_site")
