"""The product, started once, and people with browsers. Skipped, saying so, where there is no chromium."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from governance.tests.journeys.product import Product, Running
from governance.tests.journeys.visitor import LAPTOP, Visitor

CHROMIUM = shutil.which("chromium")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # a camera for pages that scan: a test picture, and nobody is asked
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
]  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items):
    """Mark every journey, and keep them in one process: each process would start a product of its own."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("journeys"))


def pytest_collection_finish(session):
    """Refuse to run where the groups have no effect (pytest 9.2 with pytest-xdist 3.8): it takes twice the time."""
    here = Path(__file__).parent
    grouped = getattr(session.config.option, "loadgroup", False)
    if grouped and any(here in item.path.parents and "@" not in item.nodeid for item in session.items):
        raise pytest.UsageError("pytest-xdist does not keep the journeys together with this version of pytest")


@pytest.fixture(scope="session")
def product():
    """A running product; ``JOURNEYS_VAR`` names the folder of one that runs already."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    if var := os.environ.get("JOURNEYS_VAR"):
        yield Product(Path(var))
        return
    folder = Path(tempfile.mkdtemp(prefix="jiceng-journeys-"))
    running = Running(folder)
    try:
        yield running.start()
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def browser(product):
    """A browser for one test: playwright's loop must not outlive it, other tests run loops of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, product):
    """Open windows; at the end none of them may have met a fault."""
    opened = []

    def open_window(size=LAPTOP, **options) -> Visitor:
        opened.append(Visitor(browser, product, size, **options))
        return opened[-1]

    yield open_window
    assert [fault for visitor in opened for fault in visitor.faults] == []


@pytest.fixture
def staff(visit, product):
    """Open a window of somebody who works here: signed in at the form the first time, with the same session later."""

    def open_window(username: str, size=LAPTOP, **options) -> Visitor:
        if username not in product.sessions:
            return visit(size, **options).sign_in(username)
        visitor = visit(size, storage_state=product.sessions[username], **options)
        visitor.page.goto("/admin/")
        return visitor

    return open_window
