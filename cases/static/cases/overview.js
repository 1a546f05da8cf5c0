/* The operations centre: draws the trend and the marks of the map from #jc-overview-data, again whenever
   admin-live.js has exchanged the part of the page that holds it. */
(function () {
    "use strict";

    const COLOURS = { reported: "#17589c", closed: "#1f9d55" };
    let chart = null;

    function data() {
        const source = document.getElementById("jc-overview-data");
        return source ? JSON.parse(source.textContent) : null;
    }

    function series(shown, name) {
        return {
            label: shown.labels[name],
            data: shown.hours.map(function (hour) { return hour[name]; }),
            backgroundColor: COLOURS[name],
        };
    }

    function draw() {
        const shown = data();
        const canvas = document.getElementById("jc-trend");
        if (!shown || !canvas) {
            return;
        }
        const labels = shown.hours.map(function (hour) { return hour.at; });
        const datasets = [series(shown, "reported"), series(shown, "closed")];
        if (chart) {
            chart.data.labels = labels;
            chart.data.datasets.forEach(function (dataset, place) { dataset.data = datasets[place].data; });
            chart.update("none");
        } else {
            chart = new window.Chart(canvas, {
                type: "bar",
                data: { labels: labels, datasets: datasets },
                options: {
                    animation: false,
                    maintainAspectRatio: false,
                    interaction: { mode: "index", intersect: false },
                    scales: { y: { beginAtZero: true, ticks: { precision: 0 } }, x: { ticks: { maxTicksLimit: 12 } } },
                    plugins: { legend: { position: "top", align: "end" } },
                },
            });
        }
        document.dispatchEvent(new CustomEvent("jiceng:marks", { detail: shown.marks }));
    }

    document.addEventListener("jiceng:exchanged", draw);
    document.addEventListener("jiceng:map", draw);
    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", draw);
    } else {
        draw();
    }
})();
