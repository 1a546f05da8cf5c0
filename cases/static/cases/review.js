/* The review queue by keyboard: j/k move, a or Enter accepts the first proposal, 2 and 3 the others, o opens. A press is
   sent at once and the next case is chosen while it is under way; what is refused stays on the page until dismissed. */
(function () {
    "use strict";

    const told = document.getElementById("jc-review-told");
    if (!told) {
        return;
    }
    let chosen = null; // key of the chosen row: rows are exchanged under it
    const sent = new Set(); // keys under way or done, also in rows that an exchange brings back for a moment

    function rows() {
        return Array.from(document.querySelectorAll("#jc-review .jc-review-row")).filter(function (row) {
            return !sent.has(row.dataset.key);
        });
    }

    function row() {
        return rows().find(function (one) { return one.dataset.key === chosen; });
    }

    function choose(next, focus) {
        document.querySelectorAll(".jc-review-row").forEach(function (one) {
            one.classList.toggle("jc-review-chosen", one === next);
            one.hidden = sent.has(one.dataset.key);
        });
        chosen = next ? next.dataset.key : null;
        if (next && focus) {
            next.focus({ preventScroll: true });
            next.scrollIntoView({ block: "nearest" });
        }
    }

    function step(by) {
        const list = rows();
        const place = list.findIndex(function (one) { return one.dataset.key === chosen; });
        choose(list[Math.min(list.length - 1, Math.max(0, place + by))], true);
    }

    function after(current) {
        const list = rows();
        const place = list.indexOf(current);
        return list[place + 1] || list[place - 1];
    }

    function tell(text, good, url) {
        const line = document.createElement("li");
        line.className = "jc-notice" + (good ? "" : " jc-notice-error");
        const words = document.createElement("span");
        words.textContent = text;
        line.append(words);
        if (url) {
            const link = document.createElement("a");
            link.className = "jc-link";
            link.href = url;
            link.textContent = told.dataset.open;
            line.append(link);
        }
        if (good) {
            told.querySelectorAll("li:not(.jc-notice-error)").forEach(function (old) { old.remove(); });
        } else {
            const close = document.createElement("button");
            close.type = "button";
            close.className = "jc-button jc-button-small";
            close.textContent = told.dataset.dismiss;
            close.addEventListener("click", function () { line.remove(); });
            line.append(close);
        }
        told.append(line);
    }

    async function accept(form) {
        const current = form.closest(".jc-review-row");
        const key = current.dataset.key;
        if (sent.has(key)) {
            return;
        }
        const next = after(current);
        sent.add(key);
        choose(next, true);
        let answer = null;
        try {
            const response = await fetch(form.action, {
                method: "POST",
                body: new FormData(form),
                credentials: "same-origin",
                headers: { Accept: "application/json" },
            });
            answer = response.headers.get("Content-Type").startsWith("application/json") ? await response.json() : null;
        } catch (error) {
            console.warn("not sent", error);
        }
        if (answer && answer.done) {
            tell("✓ " + answer.text, true);
            return;
        }
        sent.delete(key); // nothing is lost: the case is on the page again, unless the live push takes it away
        tell(current.dataset.number + ": " + (answer ? [answer.text, answer.now].filter(Boolean).join(" ") : told.dataset.lost),
            false, answer && answer.url);
        choose(row() || rows()[0], false);
    }

    function press(rank) {
        const current = row();
        const form = current && current.querySelector(".jc-proposal[data-rank='" + rank + "']");
        if (form) {
            accept(form);
        }
    }

    const KEYS = {
        j: function () { step(1); },
        k: function () { step(-1); },
        ArrowDown: function () { step(1); },
        ArrowUp: function () { step(-1); },
        a: function () { press(1); },
        Enter: function () { press(1); },
        1: function () { press(1); },
        2: function () { press(2); },
        3: function () { press(3); },
        o: function () { const current = row(); if (current) { window.location.assign(current.dataset.url); } },
    };

    document.addEventListener("keydown", function (event) {
        const elsewhere = event.target.closest("input, select, textarea, [contenteditable], a, button");
        if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) {
            return;
        }
        // Enter on a link or button means that link or button; letters mean nothing while somebody types.
        if (elsewhere && (event.key === "Enter" || elsewhere.matches("input, select, textarea, [contenteditable]"))) {
            return;
        }
        event.preventDefault();
        KEYS[event.key]();
    });

    document.addEventListener("submit", function (event) {
        if (event.target.matches(".jc-proposal")) {
            event.preventDefault();
            accept(event.target);
        }
    });

    document.addEventListener("click", function (event) {
        const pressed = event.target.closest(".jc-review-row");
        if (pressed && !event.target.closest("a, button")) {
            choose(pressed, true);
        }
    });

    document.addEventListener("jiceng:exchanged", function () {
        const present = new Set(Array.from(document.querySelectorAll(".jc-review-row"), function (one) { return one.dataset.key; }));
        sent.forEach(function (key) { if (!present.has(key)) { sent.delete(key); } });
        choose(row() || rows()[0], document.activeElement === document.body);
    });

    choose(rows()[0], true);
})();
