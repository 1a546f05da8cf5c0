"""The chart on a device's page. It works without a script too: the choices are links, the figures stand in a table."""

from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from devices.admin.looks import SHARE, TONES, amount
from devices.chart import SPANS, USUAL_SPAN, Chart, chart_of, folded, metrics_of
from devices.models import Device

TABLE_ROWS = 24


def chart_context(device: Device, given, user) -> dict:
    """Return what the page shows for ``?metric=`` and ``?days=``; of what is not offered, the usual."""
    metrics = metrics_of(device)
    if not metrics:
        return {"chart": None}
    metric = next((row for row in metrics if row.metric == given.get("metric")), metrics[0])
    days = next((span for span in SPANS if str(span) == given.get("days")), USUAL_SPAN)
    until = timezone.now()
    chart = chart_of(device, metric, since=until - timedelta(days=days), until=until, user=user)
    return {
        "chart": chart,
        "chart_data": _told(chart),
        "chart_limits": [(label, amount(metric, round(value, 3))) for _name, label, value in limits_of(chart)],
        "chart_table": [
            (point, *(amount(metric, round(value, 3)) for value in (point.min, point.mean, point.max)))
            for point in folded(chart.points, TABLE_ROWS)
        ],
        "chart_metrics": [(row.label, _link(row.metric, days), row == metric) for row in metrics],
        "chart_spans": [(_span(span), _link(metric.metric, span), span == days) for span in SPANS],
    }


def _link(metric: str, days: int) -> str:
    return f"?{urlencode({'metric': metric, 'days': days})}#jc-chart"


def _span(days: int) -> str:
    if days == 1:
        return _("24 hours")
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def limits_of(chart: Chart) -> list[tuple[str, str, float]]:
    """Return the limits of a chart: name, label, value."""
    labels = {
        "critical": _("Critical"), "high": _("Alarm from"), "low": _("Alarm down from"), "clear": _("Normal again"),
        "baseline": _("Baseline"),
    }  # fmt: skip
    return [(name, labels[name], value) for name, value in chart.lines]


def _told(chart: Chart) -> dict:
    """Return the chart for the script; times in milliseconds."""
    metric = chart.metric
    times, unit = (100, "%") if metric.unit == SHARE else (1, metric.unit)

    def told(value: float) -> float:
        return round(value * times, 4)

    return {
        "since": _ms(chart.since),
        "until": _ms(chart.until),
        "width": round(chart.seconds * 1000),
        "label": metric.label,
        "unit": unit,
        "points": [[_ms(point.at), told(point.min), told(point.mean), told(point.max)] for point in chart.points],
        "limits": [
            {"name": name, "label": label, "value": told(value)} for name, label, value in limits_of(chart)
        ],
        "alarms": [
            {
                "from": _ms(alarm.raised_at),
                "to": _ms(alarm.cleared_at) if alarm.cleared_at else None,
                "label": alarm.label,
                "tone": TONES[alarm.severity],
            }
            for alarm in chart.alarms
        ],
        "names": {"mean": _("mean"), "range": _("lowest to highest"), "alarm": _("Alarm")},
    }  # fmt: skip


def _ms(at) -> int:
    return round(at.timestamp() * 1000)
