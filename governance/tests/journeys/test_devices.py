"""Somebody looks at a device's values and at the map; a crew empties the bins of the day."""

import re

from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits, photo


def test_the_values_of_a_device_are_drawn_and_told_as_a_table(staff):
    # given the map of devices
    centre = staff("centre")
    page = centre.page
    page.goto("/admin/devices/device/map/?profile=trash_bin")
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    expect(page.locator("[data-total]")).to_have_text("10")
    centre.shot("device_map")
    # when a point is pressed, then its device is shown with its chart
    page.locator(".leaflet-container path").first.dispatch_event("click")
    expect(page.locator("#jc-chart canvas")).to_be_visible()
    drawn = "Chart.getChart('jc-chart-canvas').data.datasets[0].data.length"
    assert page.evaluate(drawn) > 5
    # and a longer time has more of it, and a table that says the same
    page.locator("#jc-chart a", has_text="30").click()
    expect(page.locator("#jc-chart canvas")).to_be_visible()
    assert page.evaluate(drawn) > 50
    page.locator("#jc-chart summary").click()
    expect(page.locator("#jc-chart table tbody tr").first).to_be_visible()
    centre.shot("device_chart")


def test_a_crew_empties_the_bins_of_the_day(staff, product):
    # given the round of the day, with its way on a map
    crew = staff("handler.sanitation")
    page = crew.page
    page.goto("/admin/devices/device/bins/")
    expect(page.locator("#jc-bins tbody tr").first).to_be_visible()
    crew.shot("bins")
    page.goto("/admin/devices/collectionrun/")
    page.locator("#result_list tbody a").first.click()
    expect(page.locator("#jc-stops tbody tr").first).to_be_visible()
    expect(page.locator(".leaflet-container path").first).to_be_visible()
    crew.shot("collection")
    # when a bin is ticked on the phone
    phone = staff("handler.sanitation", PHONE)
    phone.page.goto("/m/")
    phone.page.locator("a[href*='/m/collections/']").first.click()
    before = int(re.search(r"(\d+) /", phone.page.locator("[data-reached]").inner_text())[1])
    phone.page.locator("form[action$='/empty/'] button").first.click()
    expect(phone.page.locator("[data-reached]")).to_contain_text(f"{before + 1} /")
    phone.shot("collection_phone")
    # then the desk sees it
    page.reload()
    expect(page.locator("#jc-stops")).to_contain_text("等待下次读数")


def test_a_grid_worker_takes_notice_of_an_alarm_on_the_phone(staff, product):
    # given an alarm in the worker's grid
    product.device_says("TB-001", "burning", temperature=71.0)
    worker = staff("grid.01", PHONE, is_mobile=True, has_touch=True)
    page = worker.page
    # when the worker opens the list from the first page
    page.goto("/m/")
    page.locator("a.button[href='/m/alarms/']").click()
    expect(page.locator("[data-alarm]").first).to_be_visible()
    fits(page)
    worker.shot("alarms_phone")
    # then the newest of the severest is on top, with where it is, what was measured and its case
    page.locator("[data-alarm]", has_text="TB-001").first.click()
    expect(page.locator("h1")).to_have_text("疑似燃烧")
    expect(page.locator("a[href^='geo:']")).to_be_visible()
    expect(page.locator("a[href^='/m/cases/']")).to_be_visible()
    fits(page)
    worker.shot("alarm_phone")
    # when notice is taken of it with a remark and a photo
    page.locator("[data-step=acknowledge]").click()
    page.fill("[name=reason]", "已到现场，正在灭火")
    page.set_input_files("#id_photos", [photo()])
    worker.shot("alarm_acknowledge_phone")
    page.locator("form[data-once] button[type=submit]").click()
    # then it says so, there is nothing more to press, and the case is one step away
    expect(page.locator("[data-step=acknowledge]")).to_have_count(0)
    expect(page.locator(".steps")).to_contain_text("已到现场，正在灭火")
    worker.shot("alarm_acknowledged_phone")
    page.locator("a[href^='/m/cases/']").first.click()
    expect(page.locator("h1")).to_be_visible()
