"""A hazard told by voice on the phone, with the position and a photo: within half a minute, since little is touched.

The browser's own speech recognition needs a microphone and a service: a stand-in hears a sentence.
"""

import re
import sys
import time

import pytest
from playwright.sync_api import expect

from governance.tests.journeys.visitor import PHONE, fits, photo

# In 柳堤第一网格, where grid.04 works (fixtures/0100_areas.json).
HERE = {"latitude": 28.2062, "longitude": 112.9036, "accuracy": 12}
SAID = ["三单元二楼两户为了楼道堆放杂物又吵起来了", "一家说要把对方的东西扔下楼"]
# What a person may have to touch for a report, from the phone's first page: five presses fit into half a minute.
MOST_TAPS = 5
HEARS = """
window.SpeechRecognition = window.webkitSpeechRecognition = class {
  start() {
    const one = (words, isFinal) => Object.assign([{ transcript: words }], { isFinal });
    const said = %s;
    setTimeout(() => this.onresult?.({ resultIndex: 0, results: [one(said[0].slice(0, 5), false)] }), 50);
    setTimeout(() => this.onresult?.({ resultIndex: 1, results: said.map((words) => one(words, true)) }), 300);
  }
  stop() { setTimeout(() => this.onend?.(), 20); }
};
"""
FAILS = """
window.SpeechRecognition = window.webkitSpeechRecognition = class {
  start() { setTimeout(() => { this.onerror?.({ error: "%s" }); this.onend?.(); }, 20); }
  stop() {}
};
"""
NONE = """
for (const name of ["SpeechRecognition", "webkitSpeechRecognition"])
  Object.defineProperty(window, name, { value: undefined, configurable: true });
"""


@pytest.fixture
def worker(staff):
    """Open the phone of the grid worker; ``script`` is the speech recognition of the browser."""

    def open_phone(script: str):
        options = {"is_mobile": True, "has_touch": True, "geolocation": HERE, "permissions": ["geolocation"]}
        visitor = staff("grid.04", PHONE, **options)
        visitor.context.add_init_script(script)
        visitor.page.goto("/m/")
        return visitor

    return open_phone


class Hand:
    """Counts what is touched on a page."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.locator(selector).tap()

    def photograph(self) -> None:
        """One press opens the camera, which hands its picture over."""
        self.taps += 1
        self.page.set_input_files("#id_photos", [photo()])
        expect(self.page.locator("[data-previews] img")).to_have_count(1)


def test_a_hazard_is_told_by_voice_with_position_and_photo(worker, staff):
    # given a grid worker on the phone's first page
    visitor = worker(HEARS % SAID)
    page, hand, began = visitor.page, Hand(visitor.page), time.monotonic()
    # when they open the form, the position is looked for without a press
    hand.tap("a.button[href='/m/hazards/new/']")
    expect(page.locator("[data-point-text]")).to_contain_text("柳堤第一网格")
    # and they say what they see: it stands in the field while they speak
    hand.tap("[data-speak]")
    expect(page.locator("[data-speak]")).to_contain_text("正在听")
    expect(page.locator("[name=words]")).to_have_value("".join(SAID))
    visitor.shot("hazard_voice_listening")
    fits(page)
    # and take a photo and send it, while the phone still listens
    hand.photograph()
    hand.tap("form.card button[type=submit]")
    expect(page).to_have_url(re.compile(r"/m/hazards/$"))
    sys.stdout.write(f"a hazard by voice, position, photo: {time.monotonic() - began:.1f} s, {hand.taps} presses\n")
    # then few presses were needed, and nothing was typed or chosen
    assert hand.taps <= MOST_TAPS
    mine = page.locator("a.task", has_text=SAID[0][:10]).first
    expect(mine).to_contain_text("已上报")
    pk = re.search(r"/m/hazards/(\d+)/", mine.get_attribute("href")).group(1)
    # and the mediator reads every word that was spoken, where it is, and sees the photo
    mediator = staff("mediator.liudi", PHONE, is_mobile=True, has_touch=True)
    told = mediator.api("GET", f"mediation/hazards/{pk}/")
    assert told["words"] == "".join(SAID) and told["area_name"] == "柳堤第一网格"
    assert abs(told["latitude"] - HERE["latitude"]) < 1e-4 and abs(told["longitude"] - HERE["longitude"]) < 1e-4
    assert not told["parties"] and told["people"] is None
    mediator.page.goto(f"/m/hazards/{pk}/")
    link = mediator.page.locator("main a[href^='/files/']")
    expect(link).to_have_count(1)
    picture = mediator.context.request.get(link.get_attribute("href"))
    assert picture.ok and picture.headers["content-type"].startswith("image/") and len(picture.body()) > 1000


def test_the_speak_button_promises_nothing_it_cannot_do(worker):
    # given a browser that writes nothing down
    page = worker(NONE).page
    page.goto("/m/hazards/new/")
    # then there is no button, and the keyboard's microphone is pointed to
    expect(page.locator("[data-speech-note]")).to_contain_text("键盘")
    expect(page.locator("[data-speak]")).to_be_hidden()
    # and the report goes through typed
    expect(page.locator("[data-point-text]")).to_contain_text("柳堤第一网格")
    page.fill("[name=words]", "两户为停车位争执，手打上报")
    page.click("form.card button[type=submit]")
    expect(page.locator("a.task", has_text="手打上报").first).to_contain_text("已上报")


@pytest.mark.parametrize("error", ["not-allowed", "network"])
def test_without_microphone_or_service_it_says_so_and_the_button_goes(worker, error):
    visitor = worker(FAILS % error)
    page = visitor.page
    page.goto("/m/hazards/new/")
    page.fill("[name=words]", "先打了几个字")
    page.tap("[data-speak]")
    expect(page.locator("[data-speech-note]")).to_contain_text("键盘")
    expect(page.locator("[data-speak]")).to_be_hidden()
    expect(page.locator("[name=words]")).to_have_value("先打了几个字")
    visitor.shot("hazard_no_speech")


def test_silence_may_be_tried_again(worker):
    page = worker(FAILS % "no-speech").page
    page.goto("/m/hazards/new/")
    page.tap("[data-speak]")
    expect(page.locator("[data-speech-note]")).to_contain_text("没有听到")
    expect(page.locator("[data-speak]")).to_be_visible()
    expect(page.locator("[data-speak]")).to_contain_text("语音")


def test_without_network_nothing_that_was_typed_is_lost(worker, product):
    # given a form filled in where there is no network
    visitor = worker(NONE)
    page, send = visitor.page, "form.card button[type=submit]"
    page.goto("/m/hazards/new/")
    expect(page.locator("[data-point-text]")).to_contain_text("柳堤第一网格")
    page.fill("[name=words]", "断网时写下的邻里争吵")
    page.check("[name=urgent]")
    page.locator("summary").tap()
    page.fill("[name=parties]", "东头两户")
    visitor.context.set_offline(True)
    # when it is sent, then the page stays and says why
    page.tap(send)
    expect(page.locator("form.card [role=alert]")).to_contain_text("没有网络")
    expect(page.locator("[name=words]")).to_have_value("断网时写下的邻里争吵")
    expect(page.locator(send)).to_be_enabled()
    visitor.shot("hazard_unsent")
    fits(page)
    # when the phone only believes in a network, the browser shows its own page; on the form everything is there again
    visitor.context.set_offline(False)
    page.route(
        "**/m/hazards/new/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    with page.expect_event("requestfailed", lambda request: request.method == "POST"):
        page.tap(send)
    expect(page.locator("[name=words]")).to_have_count(0)
    page.unroute("**/m/hazards/new/")
    page.goto("/m/hazards/new/")
    expect(page.locator("[data-draft-note]")).to_be_visible()
    expect(page.locator("[name=words]")).to_have_value("断网时写下的邻里争吵")
    expect(page.locator("[name=parties]")).to_have_value("东头两户")
    expect(page.locator("[name=urgent]")).to_be_checked()
    visitor.shot("hazard_draft")
    fits(page)
    # when it is stored, then the next form is empty
    page.tap(send)
    expect(page.locator("a.task", has_text="断网时写下").first).to_contain_text("已上报")
    expect(page).to_have_url(re.compile(r"/m/hazards/$"))
    page.goto("/m/hazards/new/")
    expect(page.locator("[name=words]")).to_have_value("")
    expect(page.locator("[data-draft-note]")).to_be_hidden()
    # and who signs out leaves nothing behind
    page.fill("[name=words]", "又写了几个字")
    page.goto("/m/")
    product.sessions.pop("grid.04")  # ends here: other journeys of this person sign in anew
    page.locator("form.leave button").tap()
    expect(page).to_have_url(re.compile(r"/admin/logout/$"))
    assert page.evaluate("sessionStorage.getItem('jiceng.draft')") is None
