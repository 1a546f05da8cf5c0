"""Somebody looks at the map of hot spots, follows a signal, and has a proactive case opened for it."""

import re

from playwright.sync_api import expect

MAP = "/admin/cases/daytally/"
# Looks, a second or more apart: the worker counts new cases every minute.
COUNTED_WITHIN = 90


def test_a_signal_on_the_map_becomes_a_proactive_case(staff):
    # given the map of hot spots
    centre = staff("centre")
    page = centre.page
    page.goto(MAP)
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    centre.shot("hotspots")
    # when a figure is followed, then the list holds exactly what it counts, once the last cases are counted
    for _try in range(COUNTED_WITHIN):
        figure = page.locator(".jc-hot-figures a").first
        count = int(figure.locator(".jc-figure-count").inner_text())
        figure.click()
        expect(page.locator("#result_list")).to_be_visible()
        listed = page.locator(".jc-paging").inner_text()
        if re.search(rf"\b{count}\b", listed):
            break
        page.wait_for_timeout(1000)
        page.goto(MAP)
    else:
        raise AssertionError(f"the list does not hold the {count} cases of the figure: {listed}")
    # when it is asked by area
    page.goto(f"{MAP}?by=area")
    expect(page.locator("#jc-hot-places tbody tr").first).to_be_visible()
    centre.shot("hotspots_by_area")
    # when the signal of the night is opened from the map's page
    page.goto(MAP)
    page.locator("#jc-hot-signals tbody a").first.click()
    expect(page.locator("[data-transition=open_case]")).to_be_visible()
    centre.shot("hotspot_signal")
    page.click("[data-transition=open_case]")
    expect(page.locator("form.jc-form [name=description]")).not_to_have_value("")
    centre.send({"reason": "同一小区三天内反复上报，请先查原因"}, shot="form_open_case")
    # then there is a case that says why, and the signal leads to it
    link = page.locator("#jc-page a[href*='/cases/case/']", has_text=re.compile(r"C\d{8}-\d{6}")).first
    number = re.search(r"C\d{8}-\d{6}", link.inner_text())[0]
    centre.shot("hotspot_opened")
    assert centre.api("GET", f"cases/{number}/")["state"] not in ("closed", "rejected")
    # and it is new no longer
    page.goto(MAP)
    expect(page.locator("#jc-hot-signals")).to_be_visible()
    expect(page.locator(f"#jc-hot-signals a[href*='{number}']")).to_have_count(0)
