"""On the phone all that may be done on a dispute is in reach, and the forms of the desktop pages fit it."""

import re

from governance.tests.journeys.visitor import PHONE, fits


def test_every_form_of_a_dispute_fits_the_phone(staff):
    # given the mediator's phone
    phone = staff("mediator.liudi", PHONE, is_mobile=True, has_touch=True)
    page = phone.page
    phone.open("/m/disputes/")
    fits(page)
    assert page.locator("#ended a.task").count() > 0
    addresses = {
        state: page.locator(f"a.task:has-text('{state}')").first.get_attribute("href")
        for state in ("调解中", "已达成协议") if page.locator(f"a.task:has-text('{state}')").count()
    }  # fmt: skip
    assert "调解中" in addresses
    for address in addresses.values():
        phone.open(address)
        fits(page)
        links = page.locator("#desk a").evaluate_all("links => links.map(link => [link.textContent, link.href])")
        assert len(links) > 3, address
        # when each is opened, it is a form (or the page of an agreement) that fits
        for title, url in links:
            phone.open(re.sub(r"^https?://[^/]+", "", url))
            fits(page)
            assert page.locator("form.jc-form, .jc-case-head").count(), title


def test_the_township_urges_an_overdue_visit_on_the_phone(staff):
    phone = staff("township.lanqiao", PHONE, is_mobile=True, has_touch=True)
    page = phone.page
    phone.open("/m/visits/")
    fits(page)
    page.locator("a[href*='/transition/urge/']").first.click()
    fits(page)
    page.locator("form.jc-form [name=reason]").fill("请本周内上门回访，或说明原因")
    page.locator("form.jc-form button[type=submit]").click()
    page.locator("text=请本周内上门回访").first.wait_for()
    fits(page)
    assert page.locator("[data-transition=urge]").count() == 0
