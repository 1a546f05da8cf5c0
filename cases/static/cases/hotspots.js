/* The hot-spot page: choices are shown at once, and a bar of the chart leads to its cases. */
(function () {
    "use strict";

    const form = document.querySelector(".jc-hot-filters");
    form.addEventListener("change", function () {
        form.requestSubmit();
    });

    const canvas = document.querySelector("canvas[data-urls]");
    if (!canvas) {
        return;
    }
    const urls = JSON.parse(canvas.dataset.urls);
    canvas.addEventListener("click", function (press) {
        const chart = Chart.getChart(canvas);
        // Anywhere above or on the bar counts: short bars are hard to hit.
        const hit = chart.getElementsAtEventForMode(press, "index", { intersect: false }, true)[0];
        if (hit) {
            window.location.assign(urls[hit.index]);
        }
    });
})();
