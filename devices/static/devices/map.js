/* The map of devices: choices are shown at once; marks, hexagons and counts are asked for anew every half minute, and
   when the reader moves closer to what was only counted. */
(function () {
    "use strict";

    const EVERY = 30000;
    const form = document.querySelector(".jc-map-filters");
    let box = null;
    let asking = null;
    let counted = false;

    function shown(data) {
        counted = data.shapes.length > 0;
        document.querySelector("[data-total]").textContent = data.total;
        Object.entries(data.looks).forEach(function ([look, count]) {
            document.querySelector('[data-look="' + look + '"]').textContent = count;
        });
        document.querySelector("[data-points]").hidden = counted;
        document.querySelector("[data-cells]").hidden = !counted;
    }

    async function ask() {
        if (asking) {
            asking.abort();
        }
        asking = new AbortController();
        const query = new URLSearchParams(window.location.search);
        if (box) {
            query.set("bbox", box);
        }
        try {
            const answer = await fetch(window.location.pathname + "?" + query, {
                headers: { "X-Jiceng-Refresh": "1" }, credentials: "same-origin", signal: asking.signal,
            });
            if (!answer.ok || answer.redirected) {
                return; // signed out, or the server restarts: the next round asks again
            }
            const data = await answer.json();
            document.dispatchEvent(new CustomEvent("jiceng:marks", { detail: data.marks }));
            document.dispatchEvent(new CustomEvent("jiceng:shapes", { detail: data.shapes }));
            shown(data);
        } catch (error) {
            if (error.name !== "AbortError") {
                console.warn("map of devices:", error.message);
            }
        }
    }

    function begin() {
        const source = document.getElementById("jc-map-data");
        if (!source) {
            return;
        }
        const data = JSON.parse(source.textContent);
        shown(data);
        document.addEventListener("jiceng:moved", function (message) {
            if (counted || box) {
                box = message.detail;
                ask();
            }
        });
        setInterval(function () {
            if (!document.hidden) {
                ask();
            }
        }, EVERY);
    }

    form.addEventListener("change", function () {
        form.requestSubmit();
    });
    begin();
})();
