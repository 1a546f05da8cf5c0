"""Who answers for the text classifier: trained by command, judged by its figures, in use, alone from a threshold on."""

import csv

import pytest
from playwright.sync_api import expect

VERSIONS = "/admin/cases/textmodel/"
# Invented reports of three categories of the demo city, plain enough for any classifier.
WORDS = {
    "C0101": ["井盖", "盖板", "窨井", "井圈"],
    "C0103": ["路灯", "灯杆", "灯泡", "夜里没亮"],
    "E0302": ["噪声", "施工吵", "半夜轰鸣", "喇叭扰民"],
}
FRAMES = [
    "我们小区门口的{}有问题，请处理",
    "反映{}，已经好几天了",
    "{}能不能管一管",
    "路边{}，老人意见很大",
    "昨晚又是{}",
]


@pytest.fixture
def labelled(tmp_path):
    """A labelled file as somebody brings it: columns text, label."""
    path = tmp_path / "texts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [
            (f"{frame.format(word)}（{place}）", code)
            for code, words in WORDS.items()
            for word in words
            for frame in FRAMES
            for place in ("东区", "西区", "北门")
        ]
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def report(registrar, text: str) -> str:
    """Write down what somebody calls about; the public form takes only so many an hour from one address."""
    told = {"source": "hotline", "description": text, "area": "990102001001001"}
    return registrar.api("POST", "cases/", data=told)["number"]


def press(page, decision: str) -> None:
    page.locator(f"form[action$='/{decision}/'] button").click()
    expect(page.locator(f"form[action$='/{decision}/']")).to_have_count(0)


def test_an_administrator_trains_judges_and_takes_a_classifier_into_use(product, staff, labelled):
    # given a version trained by the command
    told = product.command("train_dispatch", "--file", str(labelled), "--target", "category", "--precision", "0.9")
    assert "F1" in told
    admin = staff("admin")
    page = admin.page
    page.goto(VERSIONS)
    admin.shot("text_models")
    page.locator("#result_list tbody tr").first.locator("a").first.click()
    # then its figures are there: per label, what was mixed up, what would pass at which precision
    expect(page.locator(".jc-table").first).to_contain_text("C0101")
    expect(page.locator(".jc-facts").first).to_contain_text("90")
    admin.shot("text_model")
    # when it is taken into use, it only proposes; then it is let act alone
    press(page, "activate")
    expect(page.locator(".jc-case-id")).to_contain_text("仅建议")
    press(page, "let-alone")
    expect(page.locator(".jc-case-id")).to_contain_text("自动派遣")
    admin.shot("text_model_alone")
    # then a report is read: the registrar is proposed the category with its confidence, once every process has seen it
    registrar = staff("registrar")
    number = report(registrar, "巷口的窨井井盖有问题，请处理")

    def proposed() -> list:
        """Read the report anew, as correcting its address does."""
        registrar.act(number, "correct", address="巷口", reason="补充地址")
        return registrar.api("GET", f"cases/{number}/proposals/")

    rows = next((rows for _try in range(60) if (rows := proposed()) or page.wait_for_timeout(1000)), [])
    assert [row["category"] for row in rows][:1] == ["C0101"], rows
    # and out of use, nothing is proposed
    press(page, "retire")
    admin.shot("text_model_retired")


def test_what_a_dispatcher_corrects_is_listed_as_learnt(staff):
    # given a report filed under a category, which a dispatcher puts right
    registrar = staff("registrar")
    number = report(registrar, "施工吵得睡不着，半夜还在打桩")
    registrar.act(number, "accept", category="C0101")
    desk = staff("dispatcher").find(number)
    desk.press("correct", {"category": "E0302", "reason": "是噪声，不是井盖"})
    # then it stands among the training examples, leading to the case
    admin = staff("admin")
    admin.page.goto(f"/admin/cases/trainingexample/?q={number}")
    expect(admin.page.locator("#result_list tbody tr")).to_have_count(1)
    expect(admin.page.locator("#result_list")).to_contain_text("E0302")
    admin.shot("training_examples")
