"""The operations centre looks at the figures, follows one to its cases, and reads a published ranking."""

from playwright.sync_api import expect

# Handlers with demo accounts; which of their units have cases in the little history depends on the day.
DEPARTMENTS = ["handler.municipal", "handler.sanitation", "handler.power", "handler.water", "handler.urban_management"]


def test_figures_lead_to_their_cases(staff):
    centre = staff("centre")
    page = centre.page
    # given the figures of the demo's weeks, by street
    page.goto("/admin/cases/scoreperiod/")
    page.locator("#result_list tbody tr", has_text="街道").first.locator("a").first.click()
    expect(page.locator(".jc-score-table tbody tr").first).to_be_visible()
    # then the charts are drawn
    drawn = "() => ['jc-score-bars', 'jc-score-lines'].every(id => !document.getElementById(id) || Chart.getChart(id))"
    assert page.evaluate(drawn)
    centre.shot("scores_period")
    # when a figure as it stands is followed
    page.goto("/admin/cases/scoreperiod/live/?by=street")
    page.click("nav.jc-score-groups a:has-text('响应速度')")
    page.goto("/admin/cases/scoreperiod/live/?by=unit&first=2026-01-01&last=2026-12-31")
    figure = page.locator(".jc-score-of a").first
    if figure.count():
        number = int(figure.inner_text())
        figure.click()
        expect(page.locator(".jc-score-list tbody tr")).to_have_count(max(number, 1))
    centre.shot("scores_cases")


def own_row(unit):
    """Open the newest published ranking of units; return the row that this person may appeal against, if any."""
    page = unit.page
    page.goto("/admin/cases/scoreperiod/?dimension__exact=unit&state__exact=published")
    page.locator("#result_list tbody tr").first.locator("a").first.click()
    expect(page.locator(".jc-score-table tbody tr").first).to_be_visible()
    return page.locator(".jc-score-table tbody tr", has=page.locator("a[href*='/scoreappeal/add/']"))


def test_a_department_appeals_against_its_figure(staff):
    # given somebody of a unit that stands in a published ranking
    unit, own = next((unit, own) for name in DEPARTMENTS if (own := own_row(unit := staff(name))).count())
    page = unit.page
    unit.shot("scores_of_units")
    # when one of its figures is followed to a case that it counts
    own.locator(".jc-score-of a").first.click()
    number = page.locator(".jc-score-list tbody tr a").first.inner_text().strip()
    page.go_back()
    # and the unit appeals, first with a number that is none of its
    own.locator("a[href*='/scoreappeal/add/']").click()
    page.fill("[name=cases]", "C20200101-000001")
    page.fill("[name=reason]", "停电抢修，非我方原因")
    page.click("form.jc-form button[type=submit]")
    expect(page.locator(".jc-field-error").first).to_be_visible()
    unit.shot("score_appeal_mistake")
    page.fill("[name=cases]", number)
    page.click("form.jc-form button[type=submit]")
    # then the appeal is filed with its case and its words
    expect(page.locator("#jc-page")).to_contain_text("停电抢修")
    unit.shot("score_appeal_filed")
    appeal = page.url
    # and the operations centre gives the first opinion, which does not settle it yet
    centre = staff("centre")
    centre.page.goto(appeal)
    centre.page.click("[data-transition=review]")
    centre.page.check("form.jc-form [name=opinion][value=uphold]")
    centre.send({"reason": "有停电通知为证"}, shot="form_score_opinion")
    expect(centre.page.locator("#jc-page")).to_contain_text("有停电通知为证")
    centre.shot("score_appeal_reviewed")
    page.goto(appeal)
    expect(page.locator("#jc-page")).to_contain_text("初审")
