/* The ticks of a list whose rows come, change and go while somebody chooses (admin-live.js exchanges them). Django's
   own script knows only the rows of the first moment, so this takes its place: it counts the rows that are there, a
   row that changed stays ticked, and of one that left the list the person is told. */
(function () {
    "use strict";

    const text = (document.getElementById("jiceng-live") || { dataset: {} }).dataset;
    const gone = new Map(); // ticked rows that left the list: what they are called, by key
    let last = null; // the box ticked last: with shift, all from there
    let focused = ""; // the key of the row whose box has the focus

    function boxes(root) {
        return Array.from((root || document).querySelectorAll("#result_list tbody input.action-select"));
    }

    function part(selector) {
        return document.querySelector("#changelist-form .actions " + selector);
    }

    function showing(selector, shown) {
        const found = part(selector);
        if (found) {
            found.classList.toggle("hidden", !shown);
        }
    }

    /* Whether the action is for all rows of all pages. */
    function across() {
        const input = part("input.select-across");
        return Boolean(input) && input.value === "1";
    }

    function chooseAcross(yes) {
        document.querySelectorAll("#changelist-form .actions input.select-across").forEach(function (input) {
            input.value = yes ? "1" : "0";
        });
    }

    function mark(box, ticked) {
        box.checked = ticked;
        box.closest("tr").classList.toggle("selected", ticked);
    }

    function recount() {
        const rows = boxes();
        const ticked = rows.filter(function (box) { return box.checked; }).length;
        const all = rows.length > 0 && ticked === rows.length;
        const toggle = document.getElementById("action-toggle");
        const counter = part("span.action-counter");
        if (toggle) {
            toggle.checked = all;
        }
        if (!all) {
            chooseAcross(false);
        }
        if (counter) {
            const words = ngettext("%(sel)s of %(cnt)s selected", "%(sel)s of %(cnt)s selected", ticked);
            counter.textContent = interpolate(words, { sel: ticked, cnt: rows.length }, true);
        }
        showing("span.action-counter", !(across() && part("span.all")));
        showing("span.all", across());
        showing("span.question", all && !across());
        showing("span.clear", across());
    }

    /* What somebody ticks, unticks or chooses by themselves. */
    function tick(box, shift) {
        const rows = boxes();
        const from = shift && last !== box ? rows.indexOf(last) : -1;
        const to = rows.indexOf(box);
        const meant = from < 0 ? [box] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
        meant.forEach(function (one) { mark(one, box.checked); });
        last = box;
    }

    function tickAll(ticked) {
        boxes().forEach(function (box) { mark(box, ticked); });
        if (!ticked) {
            chooseAcross(false);
            forget();
        }
    }

    document.addEventListener("click", function (event) {
        const meant = event.target.closest("#changelist-form :is(#action-toggle, input.action-select, .question a, .clear a)");
        if (!meant) {
            return;
        }
        if (meant.matches("a")) {
            event.preventDefault();
            if (meant.closest(".question")) {
                chooseAcross(true);
            } else {
                tickAll(false);
            }
        } else if (meant.id === "action-toggle") {
            tickAll(meant.checked);
        } else {
            tick(meant, event.shiftKey);
        }
        recount();
    });

    /* Rows are about to be exchanged: the fresh ones take the ticks over. */
    document.addEventListener("jiceng:exchanging", function (message) {
        const fresh = new Map(boxes(message.detail.next).map(function (box) { return [box.value, box]; }));
        const every = across();
        boxes(message.detail.root).forEach(function (box) {
            const next = fresh.get(box.value);
            if (next) {
                mark(next, box.checked);
            } else if (box.checked && !every) {
                gone.set(box.value, called(box.closest("tr")));
            }
            if (last === box) {
                last = next || null;
            }
        });
        focused = document.activeElement.matches("input.action-select") ? document.activeElement.value : "";
        fresh.forEach(function (box, key) {
            if (every || gone.delete(key)) { // it is back
                mark(box, true);
            }
        });
        const bar = part("span.action-counter");
        const next = message.detail.next.querySelector(".actions span.action-counter");
        if (bar && next) { // what it says of all pages
            bar.parentElement.replaceWith(next.parentElement);
        }
    });

    document.addEventListener("jiceng:exchanged", function () {
        recount();
        tellGone();
        const lost = document.activeElement === document.body && boxes().find(function (box) { return box.value === focused; });
        if (lost) {
            lost.focus({ preventScroll: true });
        }
    });

    function called(row) {
        const name = row.querySelector("a[href]") || row;
        return name.innerText.replace(/\s+/g, " ").trim();
    }

    function tellGone() {
        const form = document.getElementById("changelist-form");
        const before = document.querySelector(".jc-notice-gone");
        if (!form || gone.size === 0) {
            forget();
            return;
        }
        const notice = before || document.createElement("div");
        const names = Array.from(gone.values());
        const words = text.ticksGone.replace("{count}", names.length).replace("{rows}", function () { return names.join(" · "); });
        if (!before) {
            notice.className = "jc-notice jc-notice-warning jc-notice-live jc-notice-gone";
            notice.setAttribute("role", "status");
            const close = document.createElement("button");
            close.type = "button";
            close.className = "jc-button jc-button-small";
            close.textContent = text.close;
            close.addEventListener("click", forget);
            notice.append(document.createElement("span"), close);
            form.before(notice);
        }
        if (notice.firstElementChild.textContent !== words) {
            notice.firstElementChild.textContent = words;
        }
    }

    function forget() {
        gone.clear();
        document.querySelectorAll(".jc-notice-gone").forEach(function (notice) { notice.remove(); });
    }

    // Django's script calls this when the page is there, and the browser shows a page again with its ticks.
    window.Actions = recount;
    window.addEventListener("pageshow", recount);
})();
