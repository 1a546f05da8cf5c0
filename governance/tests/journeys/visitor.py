"""A person at a browser: signs in, presses buttons, looks, and complains about faults of the page."""

import io
import os
import re
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from governance.tests.journeys.product import Product

PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}
WITHIN = 20_000  # ms an expectation may take on a busy machine
expect.set_options(timeout=WITHIN)


def fits(page: Page) -> None:
    """Check that a page, once it is loaded, needs no scrolling sideways on a phone.

    Where a click has just led to another page, name that page first (``expect(page).to_have_url``): until the
    browser leaves the old one, the old one is measured.
    """
    page.wait_for_load_state("load")
    # not wait_for_function: what it asks a second time is an eval of the page, which our pages forbid (CSP)
    expect(page.locator("html")).to_have_js_property("scrollWidth", PHONE["width"])


def photo(colour: str = "#998") -> dict:
    """A photo as a file chooser hands it over."""
    image = Image.new("RGB", (1600, 1200), colour)
    ImageDraw.Draw(image).ellipse((400, 300, 1200, 900), fill="#444")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


class Visitor:
    """One browser window with its own cookies. ``faults`` collects script errors and requests to other hosts."""

    def __init__(self, browser: Browser, product: Product, size: dict, **options):
        self.product = product
        self.size = size
        self.context = browser.new_context(viewport=size, locale="zh-CN", base_url=product.web, **options)
        self.context.set_default_timeout(WITHIN)
        self.faults: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error.stack}"))
        self.page.on("request", self._watch)

    def _watch(self, request) -> None:
        if not request.url.startswith((self.product.web, "data:", "blob:")):
            self.faults.append(f"{self.page.url} asks {request.url}")

    def sign_in(self, username: str) -> "Visitor":
        """Sign in at the admin and wait for one's work."""
        self.page.goto("/admin/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", self.product.passwords[username])
        self.page.locator("#id_password").press("Enter")
        expect(self.page.locator("#my-work")).to_be_visible()
        self.product.sessions[username] = self.context.storage_state()
        return self

    def find(self, number: str) -> "Visitor":
        """Open the page of a case by searching the list for its number."""
        self.page.goto(f"/admin/cases/case/?q={number}")
        self.page.locator("#result_list tbody tr a", has_text=number).first.click()
        expect(self.page.locator("#jc-page")).to_contain_text(number)
        return self

    def live(self) -> "Visitor":
        """Wait until the page says that it is connected."""
        expect(self.page.locator("#jiceng-live")).to_have_class(re.compile("jc-live-online"))
        return self

    def press(self, name: str, fill: dict | None = None, files: list | None = None) -> None:
        """On a case's page: press a transition's button, fill its form, send it."""
        self.page.click(f"[data-transition={name}]")
        self.send(fill, files, shot=f"form_{name}")

    def send(self, fill: dict | None = None, files: list | None = None, shot: str = "") -> None:
        """Fill the form of a transition (selects by value) and send it."""
        for field, value in (fill or {}).items():
            control = self.page.locator(f"form.jc-form [name={field}]")
            if control.evaluate("it => it.tagName") == "SELECT":
                control.select_option(value, force=True)
            else:
                control.fill(value)
        if files:
            self.page.set_input_files("form.jc-form [name=photos]", files)
        if shot:
            self.shot(shot)
        self.page.click("form.jc-form button[type=submit]")
        expect(self.page.locator("#jc-page, #changelist")).to_be_visible()

    def api(self, method: str, path: str, **given) -> dict:
        """Ask the API with this window's session; fails on an error answer."""
        token = next((it["value"] for it in self.context.cookies() if it["name"] == "jiceng_csrf"), "")
        headers = {"X-CSRFToken": token, "Referer": self.product.web}
        answer = self.context.request.fetch(f"/api/v1/{path}", method=method, headers=headers, **given)
        assert answer.ok, answer.text()
        return answer.json()

    def act(self, number: str, name: str, **given) -> dict:
        """Carry out a transition through the API."""
        return self.api("POST", f"cases/{number}/transitions/{name}/", data=given)

    def mark(self) -> None:
        """Leave a mark that a reload would wipe away."""
        self.page.evaluate("window.notReloaded = true")

    def assert_not_reloaded(self) -> None:
        assert self.page.evaluate("window.notReloaded === true")

    def shot(self, name: str) -> None:
        """Save what the page looks like on a phone and on a laptop, if ``SCREENSHOTS`` names a folder."""
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        for size in (PHONE, LAPTOP):
            self.page.set_viewport_size(size)
            self.page.screenshot(path=f"{folder}/{name}_{size['width']}.png", full_page=True)
        self.page.set_viewport_size(self.size)
