"""Who answers for a named source: a department's system sends something wrong, and it becomes a case all the same."""

import json
import urllib.request

from playwright.sync_api import expect

MESSAGE = {
    "orderNo": "SZ-JOURNEY-1", "title": "路面坑槽", "content": "书声巷北口机动车道有一处坑槽", "faultType": "路面坑槽",
    "location": {"address": "书声巷北口", "lng": "112，9205", "lat": 28.2079},
}  # fmt: skip


def send(product, key: str, message: dict) -> dict:
    """Send a message as the department's system does."""
    headers = {"Content-Type": "application/json", "Authorization": f"Source {key}"}
    address = f"{product.web}/api/v1/intake/municipal-orders/"
    request = urllib.request.Request(address, json.dumps({"messages": [message]}).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["results"][0]


def test_a_rejected_message_is_put_right_and_becomes_a_case(product, staff):
    # given a source with a key made for it
    admin = staff("admin")
    page = admin.page
    page.goto("/admin/cases/intakesource/")
    admin.shot("sources")
    page.locator("#result_list a", has_text="市政工单系统").first.click()
    expect(page.locator(".jc-facts").first).to_be_visible()
    admin.shot("source")
    source = page.url
    page.click("a[href$='/key/']")
    page.fill("[name=overlap]", "0")
    page.click("form.jc-form button[type=submit]")
    key = page.locator("#jc-secret").inner_text()
    # when it sends a number with a comma for a point
    told = send(product, key, MESSAGE)
    assert (told["status"], told["case"]) == ("rejected", None)
    # then the message waits among the dead letters, saying which field is wrong
    page.goto(source)
    page.locator("a[href*='/deadletter/']").first.click()
    page.locator("#result_list tbody tr", has_text="SZ-JOURNEY-1").locator("a").first.click()
    expect(page.locator("#jc-page")).to_contain_text("经度")
    admin.shot("dead_letter")
    # when it is put right and replayed
    page.click("[data-transition=correct]")
    expect(page.locator("form.jc-form [name=longitude]")).to_have_value(MESSAGE["location"]["lng"])
    admin.send({"longitude": "112.9205"}, shot="form_correct_letter")
    # then it is a case, with its words, at its place, and the letter says so
    number = page.locator("#jc-page a[href*='/cases/case/']").first.inner_text()
    expect(page.locator("#jc-page")).to_contain_text("已重放")
    admin.shot("dead_letter_replayed")
    case = staff("centre").api("GET", f"cases/{number}/")
    assert case["source"] == "department" and "坑槽" in case["description"] and case["area"].startswith("990102")
    # and sending it again makes no second one
    told = send(product, key, MESSAGE | {"location": MESSAGE["location"] | {"lng": 112.9205}})
    assert (told["status"] in ("repeated", "updated"), told["case"]) == (True, number)
