/* Draws the charts of figures out of #jc-score-data with the skin's Chart.js. The table says the same without it. */
(function () {
    "use strict";

    const COLOURS = ["#17589c", "#d08700", "#1f9d55", "#b42318", "#5b3d9e", "#0e7c86", "#8a5a2b", "#5b6675"];

    function style(name) {
        return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    }

    function axis(most, unit) {
        return {
            beginAtZero: true, max: most || undefined, grid: { color: style("--jc-line") }, ticks: { color: style("--jc-soft") },
            title: { display: Boolean(unit), text: unit, color: style("--jc-soft") },
        };
    }

    function plain() {
        return { grid: { display: false }, ticks: { color: style("--jc-text"), autoSkip: false } };
    }

    function bars(canvas, told) {
        return new Chart(canvas, {
            type: "bar",
            data: {
                labels: told.rows.map((row) => row[0]),
                datasets: [{ label: told.label, data: told.rows.map((row) => row[1]), backgroundColor: COLOURS[0], maxBarThickness: 18 }],
            },
            options: {
                indexAxis: "y", responsive: true, maintainAspectRatio: false, animation: false,
                plugins: { legend: { display: false } },
                scales: { x: axis(told.most, told.unit), y: plain() },
            },
        });
    }

    function lines(canvas, told) {
        const datasets = told.series.map((one, place) => ({
            label: one[0], data: one[1], borderColor: COLOURS[place % COLOURS.length], backgroundColor: COLOURS[place % COLOURS.length],
            borderWidth: place === 0 ? 3 : 1.5, pointRadius: 3, tension: 0.2, spanGaps: true,
        }));
        return new Chart(canvas, {
            type: "line",
            data: { labels: told.months, datasets },
            options: {
                responsive: true, maintainAspectRatio: false, animation: false,
                plugins: { legend: { position: "bottom", labels: { color: style("--jc-text"), boxWidth: 8, boxHeight: 8, usePointStyle: true } } },
                scales: { x: { ...plain(), ticks: { color: style("--jc-soft") } }, y: axis(null, told.unit) },
            },
        });
    }

    function draw() {
        const source = document.getElementById("jc-score-data");
        if (!source || typeof Chart === "undefined") {
            return;
        }
        const data = JSON.parse(source.textContent);
        Chart.defaults.font.family = style("--font-sans") || "sans-serif";
        for (const [id, drawn, told] of [["jc-score-bars", bars, data.bars], ["jc-score-lines", lines, data.lines]]) {
            const canvas = document.getElementById(id);
            if (canvas) {
                drawn(canvas, told);
            }
        }
    }

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", draw);
    } else {
        draw();
    }
})();
