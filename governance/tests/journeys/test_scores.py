"""The operations centre looks at the figures, follows one to its cases, and reads a published ranking."""

from playwright.sync_api import expect


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
