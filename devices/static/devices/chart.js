/* Draws a metric of a device out of #jc-chart-data with the skin's Chart.js: mean, lowest to highest, limits and the
   times in which its alarm held. The table below says the same without it. */
(function () {
    "use strict";

    const LIMITS = { critical: "#a3201b", high: "#c2410c", low: "#c2410c", clear: "#1a6338", baseline: "#5b6470" };
    const SPANS = { red: "rgba(180, 35, 24, 0.16)", amber: "rgba(208, 135, 0, 0.18)", blue: "rgba(23, 88, 156, 0.14)" };
    const DAY = 86400000;

    function style(name) {
        return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    }

    function two(number) {
        return String(number).padStart(2, "0");
    }

    function day(at) {
        return two(at.getMonth() + 1) + "-" + two(at.getDate());
    }

    function moment(ms, long) {
        const at = new Date(ms);
        const time = two(at.getHours()) + ":" + two(at.getMinutes());
        return long ? day(at) + " " + time : time;
    }

    // Ticks at whole hours or days of the reader's clock.
    function ticks(data) {
        const span = data.until - data.since;
        const days = Math.round(span / DAY);
        const step = days <= 1 ? DAY / 6 : days <= 7 ? DAY : days <= 30 ? 5 * DAY : 15 * DAY;
        const found = [];
        const first = new Date(data.since);
        first.setHours(0, 0, 0, 0);
        for (let at = first.getTime(); at < data.until; at += step) {
            if (at >= data.since) {
                found.push({ value: at });
            }
        }
        return found;
    }

    // A gap in the readings is a gap in the line: three empty points in a row are no mere pause.
    function broken(data, column) {
        const found = [];
        let last = null;
        data.points.forEach(function (point) {
            if (last !== null && point[0] - last > Math.max(3.5 * data.width, data.pause)) {
                found.push({ x: last + 1, y: null });
            }
            last = point[0];
            found.push({ x: point[0], y: point[column] });
        });
        return found;
    }

    // Behind the lines: when the alarm held.
    function alarms(data) {
        return {
            id: "jcAlarms",
            beforeDatasetsDraw: function (chart) {
                const area = chart.chartArea;
                const axis = chart.scales.x;
                chart.ctx.save();
                data.alarms.forEach(function (alarm) {
                    const from = Math.max(axis.getPixelForValue(alarm.from), area.left);
                    const to = Math.min(axis.getPixelForValue(alarm.to === null ? data.until : alarm.to), area.right);
                    chart.ctx.fillStyle = SPANS[alarm.tone] || SPANS.red;
                    chart.ctx.fillRect(from, area.top, Math.max(to - from, 2), area.bottom - area.top);
                });
                chart.ctx.restore();
            },
        };
    }

    function datasets(data) {
        const line = { pointRadius: data.points.length < 40 ? 2 : 0, borderWidth: 2, tension: 0, spanGaps: false };
        const edge = { pointRadius: 0, borderWidth: 0, pointHitRadius: 0, backgroundColor: "rgba(23, 88, 156, 0.18)" };
        return [
            { ...line, label: data.names.mean, data: broken(data, 2), borderColor: "#17589c", backgroundColor: "#17589c" },
            { ...edge, label: data.names.range, data: broken(data, 3), fill: "+1" },
            { ...edge, label: "", data: broken(data, 1), fill: false },
            ...data.limits.map(function (limit) {
                const colour = LIMITS[limit.name];
                return {
                    label: limit.label + " " + limit.value + data.unit, borderColor: colour, backgroundColor: colour,
                    data: [{ x: data.since, y: limit.value }, { x: data.until, y: limit.value }], pointRadius: 0,
                    pointHitRadius: 0, borderWidth: 1.5, borderDash: limit.name === "clear" || limit.name === "baseline" ? [2, 4] : [6, 4],
                };
            }),
        ];
    }

    function options(data) {
        const soft = style("--jc-soft");
        const grid = { color: style("--jc-line") };
        const long = data.until - data.since > 1.5 * DAY;
        return {
            responsive: true, maintainAspectRatio: false, animation: false, parsing: false,
            interaction: { mode: "nearest", axis: "x", intersect: false },
            scales: {
                x: {
                    type: "linear", min: data.since, max: data.until, grid: grid,
                    afterBuildTicks: function (axis) { axis.ticks = ticks(data); },
                    ticks: { color: soft, maxRotation: 0, callback: (ms) => (long ? day(new Date(ms)) : moment(ms)) },
                },
                y: { grid: grid, ticks: { color: soft }, title: { display: Boolean(data.unit), text: data.unit, color: soft } },
            },
            plugins: {
                legend: {
                    position: "bottom",
                    labels: { color: style("--jc-text"), boxWidth: 10, boxHeight: 10, filter: (item) => item.text !== "" },
                },
                tooltip: {
                    filter: (item) => item.datasetIndex < 3,
                    callbacks: {
                        title: (items) => (items.length ? moment(items[0].parsed.x, true) : ""),
                        label: (item) => (item.datasetIndex === 0 ? data.names.mean + " " + item.parsed.y + data.unit : ""),
                    },
                },
            },
        };
    }

    function draw() {
        const source = document.getElementById("jc-chart-data");
        const canvas = document.getElementById("jc-chart-canvas");
        if (!source || !canvas || typeof Chart === "undefined" || Chart.getChart(canvas)) {
            return;
        }
        const data = JSON.parse(source.textContent);
        data.pause = 3.3 * 1000 * Number(canvas.dataset.interval);
        Chart.defaults.font.family = style("--font-sans") || "sans-serif";
        new Chart(canvas, { type: "line", data: { datasets: datasets(data) }, options: options(data), plugins: [alarms(data)] });
    }

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", draw);
    } else {
        draw();
    }
})();
