"""What every case study stands on, as people meet it: signing in by code, claims, imports, rooms, notices, finding."""

import json
import re

from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits

PHONE_NUMBER = "+99900000777"
DAYS = "area,date,is_workday,reason\n990100,2027-05-08,是,全市大扫除\n990100,{second},否,市民节\n"


def file(name: str, text: str) -> dict:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def test_a_resident_signs_in_by_code_and_finds_their_report(visit, product):
    # given somebody with a phone and no account
    resident = visit(PHONE, is_mobile=True, has_touch=True)
    page = resident.page
    page.goto("/r/sign-in/")
    page.fill("#id_phone", PHONE_NUMBER)
    resident.shot("sign_in_phone")
    page.click("form button.main")
    # when they type a wrong code, they are told; with the right one they are in
    page.fill("#id_code", "000000")
    page.click("form button.main")
    expect(page.locator(".error").first).to_be_visible()
    resident.shot("sign_in_wrong_code")
    page.fill("#id_code", product.newest_code())
    page.click("form button.main")
    expect(page).to_have_url(re.compile("/r/mine/"))
    # then what they report is listed as theirs
    number = resident.api("POST", "public/reports/", data={"text": "楼道灯坏了三天没人修", "area": "990102001001"})[
        "number"
    ]
    page.goto("/r/mine/")
    expect(page.locator("main")).to_contain_text("楼道灯坏了三天没人修")
    # and they say what they are called
    page.fill("#id_name", "方晓梅")
    page.click("form[action$='/name/'] button")
    expect(page.locator(".lead")).to_contain_text("方晓梅")
    resident.shot("mine")
    fits(page)
    assert [row["number"] for row in resident.api("GET", "me/reports/")["results"]] == [number]


def test_a_claim_is_verified_by_the_community(visit, product, staff):
    # given a signed-in resident who claims to live in a dwelling
    resident = visit(PHONE)
    page = resident.page
    page.goto("/r/sign-in/")
    page.fill("#id_phone", "+99900000778")
    page.click("form button.main")
    page.fill("#id_code", product.newest_code())
    page.click("form button.main")
    expect(page).to_have_url(re.compile("/r/mine/"))
    desk = staff("community.dukouli")
    dwelling = desk.api("GET", "dwellings/?use=residential")["results"][0]["code"]
    claim = resident.api(
        "POST",
        "me/dwellings/",
        data={"relation": "residency", "dwelling": dwelling, "kind": "tenant", "note": "租房合同"},
    )
    # when the community opens the queue and confirms it
    desk.page.goto("/admin/governance/residency/")
    desk.shot("claims")
    desk.page.goto(f"/admin/governance/residency/{claim['id'].split('-')[1]}/change/")
    desk.shot("claim")
    desk.press("verify", {"reason": "合同已核对"})
    # then the resident reads it
    [own] = [row for row in resident.api("GET", "me/dwellings/") if row["id"] == claim["id"]]
    assert own["state"] == "verified"


def test_an_administrator_imports_with_a_look_before(staff):
    # given a file with a bad line
    admin = staff("admin")
    page = admin.page
    page.goto("/admin/governance/importrun/add/?importer=governance.calendarday")
    admin.shot("import_upload")
    page.set_input_files("[name=file]", file("days.csv", DAYS.format(second="五月九日")))
    page.click("form.jc-form button[type=submit]")
    # then the line is named and nothing can be stored
    expect(page.locator(".jc-import-bad")).to_be_visible()
    admin.shot("import_errors")
    errors = page.locator("section.jc-card", has=page.locator("a[href*='/errors/']"))
    expect(errors.locator("tbody tr").first).to_contain_text("3")
    # when the file is right, it is shown, confirmed and stored by the worker
    page.goto("/admin/governance/importrun/add/?importer=governance.calendarday")
    page.set_input_files("[name=file]", file("days.csv", DAYS.format(second="2027-05-09")))
    page.click("form.jc-form button[type=submit]")
    admin.shot("import_preview")
    page.click("form[action*='/confirm/'] button")
    expect(page.locator(".jc-case-id")).to_contain_text("已完成")
    page.goto("/admin/governance/calendarday/?q=")
    expect(page.locator("#result_list")).to_contain_text("市民节")


def test_an_administrator_moves_a_practice(staff):
    admin = staff("admin")
    page = admin.page
    # given a package of this place with another limit in it
    package = admin.api("GET", "practice/?part=standards")
    package["parts"]["standards"][0]["fields"]["limit_amount"] = "77.00"
    page.goto("/admin/practice/")
    page.set_input_files("[name=file]", file("practice.json", json.dumps(package)))
    page.click("form[enctype] button[type=submit]")
    # then the difference is shown, and holds when confirmed
    expect(page.locator("td", has_text="77.00")).to_be_visible()
    admin.shot("practice_differences")
    page.click("button[name=confirm]")
    expect(page.locator(".jc-notice[role=status]")).to_be_visible()
    again = admin.api("GET", "practice/?part=standards")
    assert again["parts"]["standards"][0]["fields"]["limit_amount"] == "77.00"


LOOKS = 40  # 2 s apart: the worker may be busy


def test_the_bell_tells_and_the_search_finds(product, staff):
    # given a handler who looks at their first page
    handler = staff("handler.municipal")
    handler.live()
    bell = handler.page.locator("#jiceng-bell")
    before = bell.inner_text()
    # when a cover of theirs tilts
    product.device_says("MC-007", "tilted", tilt=28.0)
    # then the bell tells, and opening the notice leads to the case
    expect(bell).not_to_have_text(before, timeout=60_000)
    expect(bell).to_contain_text(re.compile(r"[1-9]"))
    told = handler.page.locator("body", has_text="MC-007")
    for _look in range(LOOKS):  # the bell may have told of another case first
        handler.page.goto("/admin/governance/notice/")
        if told.count():
            break
        handler.page.wait_for_timeout(2_000)
    handler.shot("notices")
    expect(told).to_be_visible()
    # and a dispatcher finds it by its words from any page
    desk = staff("dispatcher")
    desk.page.fill(".jc-search input", "MC-007")
    desk.page.locator(".jc-search input").press("Enter")
    expect(desk.page.locator(".jc-found").first).to_contain_text("MC-007")
    desk.shot("found")


def test_a_room_is_booked_from_its_week(staff):
    desk = staff("community.dukouli")
    page = desk.page
    page.goto("/admin/governance/venue/")
    page.locator("#result_list a[href*='week']").first.click()
    desk.shot("venue_week")
    page.click("a[rel=next]")
    page.locator("a.jc-slot-hour").first.click()
    page.fill("[name=title]", "楼栋长碰头会")
    desk.shot("booking_form")
    page.click("form.jc-form button[type=submit]")
    expect(page.locator(".jc-slot-mine", has_text="楼栋长碰头会")).to_be_visible()
    desk.shot("booking")
