"""One journey each for partner, merchant, partner manager and evaluator: join, serve, redeem, judge; and that of an
answer to a questionnaire, which becomes a need and a project."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from governance.clock import SHANGHAI
from governance.tests.journeys.visitor import PHONE, fits

COMMUNITY = "990102001002"
ASKED, WISH = "晚间服务需求调查", "晚饭后想有地方练书法"
NEED, PROJECT = "晚间书法室", "社区夜间书法课堂"
# Who they are by what they sign in with (fixtures/0121, 0490). Each signs in once: a phone gets one code a minute; who
# comes again does so with the session of the first time.
MEMBER, NEWCOMER, BANK, GYM, TILL, JUDGE = (
    "+99900000491", "+99900000492", "+99900000603", "+99900000604", "+99900000606", "+99900000609",
)  # fmt: skip

# Chromium reads no codes on Linux: in its place, what finds the code once the camera gives a picture.
DETECTOR = """
window.BarcodeDetector = class {
  async detect(video) { return video.videoWidth > 0 && !video.paused ? [{rawValue: "%s"}] : []; }
};
"""


@pytest.fixture
def phone(visit, product):
    """Open the phone of somebody who signs in by the code that is sent."""

    def open_phone(number: str):
        kept = {"storage_state": product.sessions[number]} if number in product.sessions else {}
        window = visit(PHONE, is_mobile=True, has_touch=True, **kept)
        if kept:
            return window
        page = window.page
        page.goto("/r/sign-in/")
        page.fill("#id_phone", number)
        page.click("form button.main")
        expect(page.locator("#id_code")).to_be_visible()
        page.fill("#id_code", product.newest_code())
        page.click("form button.main")
        expect(page).to_have_url(re.compile("/r/mine/"))
        product.sessions[number] = window.context.storage_state()
        return window

    return open_phone


def press(page, step: str, **fields) -> None:
    """Press a step on a page of the admin, where it asks for something fill it in, and send it."""
    page.locator(f"[data-transition={step}]").first.click()
    for name, text in fields.items():
        page.fill(f"form.jc-form [name={name}]", text)
    page.click("form.jc-form button[type=submit]")
    expect(page.locator("form.jc-form")).to_have_count(0)  # the next press is meant for the page that comes


def test_a_neighbour_becomes_a_volunteer_partner(phone, staff):
    # given a neighbour who applies on the phone
    newcomer = phone(NEWCOMER)
    page = newcomer.page
    page.goto(f"/r/partners/{COMMUNITY}/")
    fits(page)
    newcomer.shot("partners_recruitment")
    page.click("a[href$='?kind=volunteer']")
    page.fill("[name=about]", "周末教老人用手机")
    page.click("form button.main")
    expect(page).to_have_url(re.compile(r"/r/partners/mine/\d+/"))
    number = re.search(r"/mine/(\d+)/", page.url).group(1)
    # when the partner manager approves, both sign the agreement, and the partner is made active
    manager = staff("partners.liudi")
    desk = manager.page
    desk.goto(f"/admin/partners/partner/{number}/change/")
    press(desk, "approve")
    page.reload()
    page.click("[data-step=sign]")
    expect(page.locator("[data-step=sign]")).to_have_count(0)
    fits(page)
    newcomer.shot("partners_mine")
    desk.reload()
    press(desk, "countersign")
    desk.goto(f"/admin/partners/partner/{number}/change/")
    press(desk, "activate")
    manager.shot("partners_partner")
    # then the neighbour has an account for points
    page.reload()
    expect(page.locator(".card.now")).to_contain_text("正式合伙人")
    page.goto("/r/points/")
    expect(page.locator("body")).to_contain_text("可用积分")


def test_a_partner_reports_a_service_and_earns_points(phone, staff):
    # given a bank's talk, reported by the bank on the phone
    bank = phone(BANK)
    page = bank.page
    page.goto("/r/points/services/")
    page.locator("details summary").first.click()
    page.locator("[name=kind]").select_option("lecture")
    began = datetime.now(SHANGHAI) - timedelta(hours=2)
    page.fill("[name=performed_at]", f"{began:%Y-%m-%dT%H:%M}")
    page.fill("[name=hours]", "2")
    page.fill("[name=served]", "18")
    page.fill("[name=place]", "网点会议室")
    page.click("details form button.main")
    line = page.locator("ul.lines li", has_text="网点会议室").first
    expect(line).to_contain_text("待审核")
    fits(page)
    bank.shot("partners_services")
    row = re.search(r"record-(\d+)", line.get_attribute("id")).group(1)
    # when the partner manager approves it
    desk = staff("partners.liudi")
    desk.page.goto(f"/admin/partners/servicerecord/{row}/change/")
    press(desk.page, "approve")
    desk.shot("partners_record")
    # then the points are there, and say how they were reckoned
    page.reload()
    expect(page.locator(f"#record-{row}")).to_contain_text("15 × 1 = 15")
    page.goto("/r/points/")
    expect(page.locator("body")).to_contain_text("公益讲座")


def test_a_coupon_is_redeemed_and_taken_at_the_till(phone):
    # given a neighbour with points who redeems a coupon
    member = phone(MEMBER)
    page = member.page
    page.goto("/r/rewards/")
    fits(page)
    member.shot("partners_shop")
    page.locator("a", has_text="柳堤粮油10元券").first.click()
    page.click("form[data-once] button.main")
    expect(page.locator(".pr-qr svg")).to_be_visible()
    fits(page)
    member.shot("partners_coupon")
    code = page.locator(".pr-code").inner_text().strip()
    # when the merchant scans it with the camera and takes it
    till = phone(TILL)
    desk = till.page
    desk.add_init_script(DETECTOR % f"{till.product.web}/r/coupons/{code}/")
    desk.goto("/r/coupons/")
    desk.click("[data-scan-start]")
    expect(desk.locator(".pr-worth")).to_contain_text("满10元减10元")
    desk.click("form[action$='/take/'] button.main")
    expect(desk.locator(".pr-good")).to_be_visible()
    fits(desk)
    till.shot("partners_till")
    # then it is used up for everybody, also for who types it, and the neighbour's statement names it
    desk.goto("/r/coupons/")
    desk.fill("#code", code)
    desk.click("form button.main")
    expect(desk.locator("form[action$='/take/']")).to_have_count(0)
    page.reload()
    expect(page.locator(".pr-qr")).to_have_count(0)
    page.goto("/r/points/")
    expect(page.locator("body")).to_contain_text("兑换：商户券")


def test_a_partner_reads_its_credit_file_and_appeals(phone, staff):
    # given a gym that was told of a fact that lowers its file
    gym = phone(GYM)
    page = gym.page
    page.goto("/r/credit/")
    expect(page.locator("#line-activities")).to_be_visible()
    note = page.locator("[id^=note-]").first
    expect(note).to_contain_text("迟到25分钟")
    fits(page)
    gym.shot("partners_credit")
    # when it appeals, and somebody else than who recorded it decides
    note.locator("[data-step=appeal]").click()
    page.fill("[name=grounds]", "当日路面塌陷封路，有交警通告。")
    fits(page)
    page.click("form button.main")
    expect(note).to_contain_text("待处理")
    desk = staff("community.liudi")
    desk.page.goto("/admin/partners/creditappeal/?state__exact=open")
    desk.page.locator("#result_list a", has_text="跃动").first.click()
    press(desk.page, "uphold", reason="已核实交通管制通告")
    # then the fact counts no more, and the page says why
    page.reload()
    expect(note).to_contain_text("已核实交通管制通告")
    expect(page.locator("#line-unpunctual")).to_contain_text("本年度没有")
    gym.shot("partners_credit_after")


def test_a_third_party_evaluates_a_project_on_the_phone(phone, staff):
    # given a project under way
    manager = staff("partners.liudi")
    projects = manager.api("GET", "projects/?state=under_way")["results"]
    number = projects[0]["id"]
    desk = manager.page
    # when a third party is asked to evaluate it
    desk.goto(f"/admin/partners/project/{number}/invite/")
    desk.locator("form.jc-form [name=party]").select_option("third", force=True)
    desk.fill("form.jc-form [name=person]", "evaluator")
    desk.click("form.jc-form button[type=submit]")
    expect(desk.locator("#evaluations")).to_contain_text("闻静姝")
    manager.shot("partners_project")
    # and its partners report it as delivered
    for claim in manager.api("GET", f"projects/claims/?project={number}&state=awarded")["results"]:
        given = {"report": "花池已建成，养护小组已成立。", "served": 40, "sessions": 3}
        manager.api("POST", f"projects/claims/{claim['id']}/transitions/deliver/", data=given)
    # then they answer on the phone, once
    judge = phone(JUDGE)
    page = judge.page
    page.goto("/r/projects/")
    page.locator("a[href*='/r/projects/evaluations/']").first.click()
    for field in page.locator("form.card input[type=radio][value='4']").all():
        field.check()
    for field in page.locator("form.card input[type=number]").all():
        field.fill("88")
    fits(page)
    judge.shot("partners_evaluation")
    page.click("form.card button.main")
    expect(page.locator(".notice.good")).to_be_visible()
    desk.reload()
    expect(desk.locator("#evaluations")).to_contain_text("已作答")


def test_an_answer_becomes_a_need_and_a_project_and_the_household_is_told(phone, staff):
    # given a questionnaire that the partner manager makes and opens
    manager = staff("partners.liudi")
    desk = manager.page
    survey = opened_questionnaire(desk)
    manager.shot("partners_questionnaire")
    # when a household answers on the phone
    member = phone(MEMBER)
    page = member.page
    page.goto("/r/surveys/")
    page.locator("a", has_text=ASKED).first.click()
    page.click("a[data-fill]")
    page.fill("fieldset[data-question] textarea", WISH)
    fits(page)
    member.shot("partners_answering")
    page.click("form[data-survey] button.main")
    expect(page.locator(".notice.good")).to_be_visible()
    # and the answer is made a need, which is verified and adopted
    desk.goto(f"/admin/partners/survey/{survey}/results/")
    desk.locator("tr", has_text=WISH).locator("a[href*='make_need']").click()
    desk.fill("form.jc-form [name=title]", NEED)
    desk.click("form.jc-form button[type=submit]")
    expect(desk.locator("form.jc-form")).to_have_count(0)
    need = next(row for row in manager.api("GET", "needs/?source=questionnaire")["results"] if row["title"] == NEED)
    desk.goto(f"/admin/partners/need/{need['id']}/change/")
    for step in ("verify", "adopt"):
        press(desk, step)
    manager.shot("partners_need")
    # and a project of it is planned and published
    today = datetime.now(SHANGHAI)
    desk.goto(f"/admin/partners/project/add/?community={COMMUNITY}")
    desk.fill("form.jc-form [name=title]", PROJECT)
    desk.fill("form.jc-form [name=starts_on]", f"{today + timedelta(days=20):%Y-%m-%d}")
    desk.fill("form.jc-form [name=ends_on]", f"{today + timedelta(days=60):%Y-%m-%d}")
    desk.locator("form.jc-form [name=needs]").select_option(str(need["id"]), force=True)
    desk.click("form.jc-form button[type=submit]")
    expect(desk).to_have_url(re.compile(r"/project/\d+/change/"))
    project = re.search(r"/project/(\d+)/", desk.url).group(1)
    press(desk, "publish")
    # then the household reads what became of it, and where
    page.goto("/r/mine/")
    expect(page.locator("body")).to_contain_text(f"需求已采纳：{NEED}")
    page.goto("/r/needs/")
    card = page.locator("section.card", has_text=NEED)
    expect(card).to_contain_text("已采纳，将列为社区项目。")
    expect(card).not_to_contain_text(WISH)  # somebody of the household wrote it; the others are not told who and what
    fits(page)
    member.shot("partners_own_needs")
    page.goto(f"/r/projects/{project}/")
    expect(page.locator("h1")).to_have_text(PROJECT)
    expect(page.locator(".card.now")).to_contain_text("认领中")
    fits(page)


def opened_questionnaire(desk) -> str:
    """Make a questionnaire of one question, a household at a time, and open it; returns its number."""
    desk.goto("/admin/partners/survey/add/")
    desk.fill("form.jc-form [name=title]", ASKED)
    desk.fill("form.jc-form [name=closes_at]", f"{datetime.now(SHANGHAI) + timedelta(days=10):%Y-%m-%dT18:00}")
    desk.click("form.jc-form button[type=submit]")
    expect(desk).to_have_url(re.compile(r"/survey/\d+/change/"))
    number = re.search(r"/survey/(\d+)/", desk.url).group(1)
    desk.click("[data-transition=add_question]")
    desk.locator("form.jc-form [name=kind]").select_option("long", force=True)
    desk.fill("form.jc-form [name=text]", "您家晚上最需要社区办什么？")
    desk.click("form.jc-form button[type=submit]")
    expect(desk.locator("#questions")).to_contain_text("您家晚上最需要社区办什么？")
    press(desk, "open")
    return number
