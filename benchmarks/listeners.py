"""Who listens in the live measurement: plain sockets, and one real browser."""

import asyncio
import json
import os
import shutil
import time
from contextlib import asynccontextmanager
from random import random

import websockets

# Written into the page before its own scripts: notes when each toast is there, and each message of the live push.
WATCH = """
window.seen = {toast: {}, message: {}};
const now = () => performance.timeOrigin + performance.now();
document.addEventListener("jiceng:event", (event) => { window.seen.message[event.detail.id] ??= now(); });
document.addEventListener("jiceng:update", (event) => {
  for (const id of event.detail.ids) window.seen.message[id] ??= now();
});
document.addEventListener("DOMContentLoaded", () => {
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) {
      const toast = node.matches?.(".jc-toast") ? node : node.querySelector?.(".jc-toast");
      if (toast && toast.dataset.event) window.seen.toast[toast.dataset.event] ??= now();
    }
  }).observe(document.body, {childList: true, subtree: true});
});
"""


class Listener:
    """One staff socket that comes back with its last cursor whenever the connection is lost.

    ``arrived``: wall-clock time of the first arrival by event id.
    """

    def __init__(self, address: str, cookie: str, origin: str):
        self.address, self.cookie, self.origin = address, cookie, origin
        self.arrived: dict[int, float] = {}
        self.repeats = self.connections = 0
        self.cursor = ""
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            after = f"?after={self.cursor}" if self.cursor else ""
            try:
                async with websockets.connect(
                    f"{self.address}/ws/v1/events/{after}", additional_headers={"Cookie": self.cookie},
                    origin=self.origin, compression=None,
                ) as socket:  # fmt: skip
                    self.connections += 1
                    async for text in socket:
                        self._take(json.loads(text))
            except (OSError, websockets.WebSocketException):
                self.ready.clear()
            await asyncio.sleep(0.2 + 0.3 * random())

    def _take(self, message: dict) -> None:
        if message["type"] == "error":
            raise RuntimeError(f"refused: {message}")
        told = [event["id"] for event in message.get("events", [message] if message["type"] == "event" else [])]
        for event in [*told, *message.get("ids", [])]:  # several alarms of a grid are told together
            if event in self.arrived:
                self.repeats += 1
            self.arrived.setdefault(event, time.time())
        self.cursor = message.get("cursor", self.cursor)
        self.ready.set()


@asynccontextmanager
async def listening(listeners: list[Listener]):
    """Keep all listeners connected."""
    tasks = [asyncio.create_task(listener.run()) for listener in listeners]
    try:
        await asyncio.wait_for(asyncio.gather(*(listener.ready.wait() for listener in listeners)), 60)
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if not isinstance(error, asyncio.CancelledError):
            raise error


def chromium() -> str | None:
    """Return the path of a chromium on this machine."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """A chromium page of the product that shows toasts."""

    def __init__(self, page):
        self.page = page

    async def seen(self, kind: str) -> dict[int, float]:
        """Return when each event was first there, by id: as a ``message`` or as a ``toast`` (wall clock, seconds)."""
        found = await self.page.evaluate("kind => window.seen[kind]", kind)
        return {int(event): at / 1000 for event, at in found.items()}


@asynccontextmanager
async def browsing(path: str, web: str, cookie: str):
    """Open the case list in chromium as the person of ``cookie`` and wait until it is connected."""
    from playwright.async_api import async_playwright

    name, _equals, value = cookie.partition("=")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = await browser.new_context(locale="zh-CN")
        await context.add_cookies([{"name": name, "value": value, "url": web}])
        page = await context.new_page()
        await page.add_init_script(WATCH)
        await page.goto(f"{web}/admin/cases/case/")
        # the mark on the page, not wait_for_function: its second look is an eval, which our pages forbid (CSP)
        await page.locator("#jiceng-live.jc-live-online").wait_for(state="attached")
        try:
            yield Browser(page)
        finally:
            await browser.close()
