/* Draws the figures of a questionnaire out of #sv-charts with the skin's Chart.js. The tables say the same without it. */
(function () {
    "use strict";

    function style(name) {
        return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    }

    function draw() {
        const source = document.getElementById("sv-charts");
        if (!source || typeof Chart === "undefined") {
            return;
        }
        const questions = JSON.parse(source.textContent).questions;
        Chart.defaults.font.family = style("--font-sans") || "sans-serif";
        for (const canvas of document.querySelectorAll("[data-chart]")) {
            const told = questions[Number(canvas.dataset.chart)];
            const scale = told.kind.startsWith("scale");
            canvas.parentElement.style.height = scale ? "180px" : `${Math.max(100, 34 * told.cells.length + 40)}px`;
            const soft = { ticks: { color: style("--jc-soft"), precision: 0 }, grid: { color: style("--jc-line") }, beginAtZero: true };
            const names = { ticks: { color: style("--jc-text"), autoSkip: false }, grid: { display: false } };
            new Chart(canvas, {
                type: "bar",
                data: {
                    labels: told.cells.map((cell) => cell.label),
                    datasets: [{ data: told.cells.map((cell) => cell.count), backgroundColor: "#17589c", maxBarThickness: 22 }],
                },
                options: {
                    indexAxis: scale ? "x" : "y", responsive: true, maintainAspectRatio: false, animation: false,
                    plugins: { legend: { display: false } },
                    scales: scale ? { x: names, y: soft } : { x: soft, y: names },
                },
            });
        }
    }

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", draw);
    } else {
        draw();
    }
})();
