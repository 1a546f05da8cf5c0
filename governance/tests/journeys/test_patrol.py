"""A grid worker with a phone walks a round: sets out, checks in also without network, reports a finding, finishes."""

import re

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits, photo

# The first two points of 渡口里一网格日常巡查 (fixtures/0241_patrol_points.json).
FIRST = {"latitude": 28.203476, "longitude": 112.90412, "accuracy": 12}
SECOND = {"latitude": 28.202692, "longitude": 112.903602, "accuracy": 12}


@pytest.fixture
def worker(staff):
    return staff("grid.01", PHONE, is_mobile=True, has_touch=True, geolocation=FIRST, permissions=["geolocation"])


def stop(page, number: int):
    return page.locator(".stop").nth(number - 1)


def test_a_round_is_walked_on_a_phone(worker, staff):
    page = worker.page
    # given today's rounds on the first page
    page.goto("/m/")
    fits(page)
    worker.shot("phone_today")
    page.locator("a.task[href*='/m/patrols/']", has_text="渡口里一网格日常巡查").first.click()
    page.click("[data-start]")
    expect(page.locator("[data-start]")).to_have_count(0)
    number = re.search(r"/m/patrols/(\d+)/", page.url).group(1)
    # when the worker checks in where the phone is
    stop(page, 1).locator("button[type=submit]").click()
    expect(stop(page, 1).locator(".verdict.good")).to_be_visible()
    # and at the next point without network: kept on the phone, and sent when the network is back
    worker.context.set_geolocation(SECOND)
    worker.context.set_offline(True)
    stop(page, 2).locator("button[type=submit]").click()
    expect(page.locator("[data-queue]")).to_be_visible()
    expect(stop(page, 2).locator("[data-note]")).to_be_visible()
    worker.shot("phone_offline")
    worker.context.set_offline(False)
    expect(stop(page, 2).locator(".verdict.good")).to_be_visible()
    expect(page.locator("[data-queue]")).to_be_hidden()
    fits(page)
    worker.shot("phone_round")
    # and reports a finding with a photo at that point
    stop(page, 2).locator("a[href$='/finding/']").click()
    page.fill("#id_finding", "渡口巷12号墙面有砖块松动，可能掉落")
    page.set_input_files("#id_photos", [photo()])
    expect(page.locator("[data-previews] img")).to_have_count(1)
    fits(page)
    worker.shot("phone_finding")
    page.click("form button.main")
    expect(page.locator(".found li")).to_have_count(1)
    # then the end asks why the other points were left out, and the round is finished with it
    page.click("[data-step=finish]")
    page.click("form button.main")
    expect(page.locator(".field.wrong .error")).to_be_visible()
    page.fill("#id_reason", "临时处置群众来访")
    worker.shot("phone_finish")
    page.click("form button.main")
    expect(page.locator("[data-step=finish]")).to_have_count(0)
    # and who watches over the area sees all of it
    told = staff("community.dukouli").api("GET", f"patrols/{number}/")
    assert (told["state"], told["points_reached"], told["points_missed"]) == ("finished", 2, 3)
    case = staff("grid.01").api("GET", f"cases/{told['findings'][0]['case']}/")
    assert case["source"] == "patrol" and len(case["photos"]) == 1


def test_a_grid_worker_reports_a_case_from_the_street(worker):
    page = worker.page
    page.goto("/m/")
    page.click("a.button[href='/m/report/']")
    page.fill("#id_description", "菜场门口污水外溢，路面湿滑")
    page.set_input_files("#id_photos", [photo()])
    expect(page.locator("[data-previews] img")).to_have_count(1)
    page.click("[data-locate]")
    expect(page.locator("[data-point-text]")).to_contain_text("渡口里第一网格")
    fits(page)
    worker.shot("phone_report")
    page.click("form button.main")
    page.wait_for_url(re.compile(r"/m/cases/C\d{8}-\d+/$"))
    expect(page.locator(".photos-shown img")).to_have_count(1)
    # the worker saw it: verified on the spot
    page.click("a[href$='/verify/']")
    page.click("form button.main")
    expect(page.locator("a[href$='/verify/']")).to_have_count(0)
    fits(page)
    worker.shot("phone_case")
