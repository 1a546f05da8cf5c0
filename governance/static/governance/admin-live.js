/* Shows live events on the staff pages: connection badge, toasts, fresh rows. live.js brings the events.
   The table is the truth: lists are fetched again from their own address, events only say when. */
(function () {
    "use strict";

    const MOST_TOASTS = 4;
    const TOAST_MILLISECONDS = 9000;
    const BETWEEN_REFRESHES = 1000; // at least; longer where fetching takes long, so that lists never crowd out the work
    const SHARE_OF_REFRESHES = 8; // fetching may take one part in so many of the time
    const FRESH_MILLISECONDS = 4000;
    // These wait for somebody: their toasts stay until dismissed.
    const URGENT = ["alarm.raised", "case.review_needed", "case.overdue", "case.urged", "case.returned", "case.reopened"];
    const badge = document.getElementById("jiceng-live");
    const text = badge ? badge.dataset : {};

    function connection(state) {
        const shown = { open: "online", lost: "offline", refused: "offline" }[state] || "connecting";
        badge.className = "jc-live jc-live-" + shown;
        badge.querySelector(".jc-live-text").textContent = text[shown];
    }

    /* Toasts */
    function stack() {
        let box = document.querySelector(".jc-toasts");
        if (!box) {
            box = document.createElement("div");
            box.className = "jc-toasts";
            box.setAttribute("role", "log");
            box.setAttribute("aria-live", "polite");
            document.body.append(box);
        }
        return box;
    }

    function element(name, className, content) {
        const made = document.createElement(name);
        if (className) {
            made.className = className;
        }
        if (content) {
            made.textContent = content;
        }
        return made;
    }

    // What only adds to a case is no news of its own while a card of that case is up.
    const ADDITIONS = ["case.evidence_added"];

    function toast(event) {
        const number = event.number || (event.subject && event.subject.number);
        const listed = event.name === "case.review_needed" && document.querySelector("#jc-review");
        const names = event.names ? Object.keys(event.names) : [event.name];
        /* What is held back, because the device is in maintenance, its gateway lost or the alarm shelved, interrupts nobody. */
        const held = event.held_back || names.every(function (name) { return name === "alarm.held_back"; });
        if (!number || listed || held || names.every(function (name) { return ADDITIONS.includes(name); }) && shown(number)) {
            return;
        }
        const urgent = names.some(function (name) { return URGENT.includes(name); });
        const card = element("div", "jc-toast" + (urgent ? " jc-toast-urgent" : ""));
        card.dataset.event = event.id || Math.max(...event.ids);
        card.dataset.number = number;
        const body = element(localAddress(event.url) ? "a" : "div", "jc-toast-body");
        if (localAddress(event.url)) {
            body.href = event.url;
        }
        body.append(element("b", "", event.label + " · " + number));
        const place = [event.category, event.area, event.address].filter(Boolean).join(" · ");
        body.append(element("small", "", place));
        const close = element("button", "", "×");
        close.type = "button";
        close.setAttribute("aria-label", text.close);
        close.addEventListener("click", function () { card.remove(); });
        card.append(body, close);
        const box = stack();
        supersede(box, card);
        box.append(card);
        makeRoom(box);
        if (!card.classList.contains("jc-toast-urgent")) {
            window.setTimeout(function () { card.remove(); }, TOAST_MILLISECONDS);
        }
    }

    function shown(number) {
        return Array.from(document.querySelectorAll(".jc-toast")).some(function (card) {
            return card.dataset.number === number;
        });
    }

    /* One card a case: what happened last replaces what came before, but stays urgent once it was. */
    function supersede(box, card) {
        box.querySelectorAll(".jc-toast").forEach(function (older) {
            if (older.dataset.number === card.dataset.number) {
                if (older.classList.contains("jc-toast-urgent")) {
                    card.classList.add("jc-toast-urgent");
                }
                older.remove();
            }
        });
    }

    function localAddress(address) {
        return typeof address === "string" && /^\/(?!\/)/.test(address);
    }

    function makeRoom(box) {
        while (box.children.length > MOST_TOASTS) {
            const calm = box.querySelector(".jc-toast:not(.jc-toast-urgent)");
            (calm && calm !== box.lastElementChild ? calm : box.firstElementChild).remove();
        }
    }

    /* Lists: the page's own address is fetched again, and only rows that differ are exchanged: a long list costs the
       browser no more than its new rows. What somebody has ticked stays ticked: admin-ticks.js sees to it. */
    const parts = {
        changelist: { root: "#changelist-form", rows: "#result_list > tbody", key: listKey, more: [".jc-paging", "#jc-list-head"] },
        work: { root: "#my-work", rows: ".jc-rows > li", key: keyOf, more: [] },
        overview: { root: "#jc-overview", rows: "[data-key]", key: keyOf, more: [] },
        review: { root: "#jc-review", rows: "[data-key]", key: keyOf, more: [] },
        board: { root: "#jc-board", rows: ".jc-rows > li[data-key]", key: keyOf, more: [] },
        figures: { root: "#jc-alarm-figures", rows: "[data-key]", key: keyOf, more: [] },
    };

    function keyOf(row) {
        return row.dataset.key;
    }

    function listKey(row) {
        const box = row.querySelector("input.action-select");
        if (box) {
            return box.value;
        }
        const link = row.querySelector("a[href]");
        return link ? link.pathname : row.textContent;
    }

    function partOfPage() {
        const whole = [parts.work, parts.overview, parts.review, parts.board, parts.figures];
        const own = whole.find(function (part) { return document.querySelector(part.root); });
        if (own) {
            return own;
        }
        const live = ["model-case", "model-alarm", "model-device", "model-shelving"].some(function (name) { return document.body.classList.contains(name); });
        return live && document.querySelector("#changelist-form") ? parts.changelist : null;
    }

    function contentOf(row) {
        return row.textContent.replace(/\s+/g, " ");
    }

    /* What somebody did: the time that is left changes by itself and is no news. */
    function newsOf(row) {
        const copy = row.cloneNode(true);
        copy.querySelectorAll("time.jc-left").forEach(function (part) { part.textContent = part.dateTime; });
        return contentOf(copy);
    }

    function rowsOf(root, part) {
        const known = new Map();
        root.querySelectorAll(part.rows).forEach(function (row) {
            known.set(part.key(row), row);
        });
        return known;
    }

    function markFresh(row) {
        row.classList.add("jc-fresh");
        window.setTimeout(function () { row.classList.remove("jc-fresh"); }, FRESH_MILLISECONDS);
    }

    /* Put `next` in the place of `now`, row by row where both are tables; false where the whole must be exchanged. */
    function exchangeRows(part, now, next) {
        const table = now.querySelector("#result_list");
        if (!table || !next.querySelector("#result_list")) {
            return false;
        }
        const before = rowsOf(now, part);
        let place = table.querySelector(":scope > tbody");
        next.querySelectorAll(part.rows).forEach(function (row) {
            const old = before.get(part.key(row));
            const same = old && contentOf(old) === contentOf(row);
            const kept = same ? old : document.adoptNode(row);
            if (same) {
                before.delete(part.key(row));
                const fresh = old.classList.contains("jc-fresh");
                old.className = row.className; // the stripes
                old.classList.toggle("jc-fresh", fresh);
            }
            if (kept === place) {
                place = place.nextElementSibling;
            } else {
                table.insertBefore(kept, place);
            }
            if (!same && !(old && newsOf(old) === newsOf(kept))) {
                markFresh(kept);
            }
        });
        before.forEach(function (row) { row.remove(); });
        return true;
    }

    function exchange(part, html) {
        const fresh = new DOMParser().parseFromString(html, "text/html");
        const now = document.querySelector(part.root);
        const next = fresh.querySelector(part.root);
        missed = now && next && now.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), select, textarea");
        if (!now || !next || missed) {
            return;
        }
        document.dispatchEvent(new CustomEvent("jiceng:exchanging", { detail: { root: now, next: next } }));
        if (!exchangeRows(part, now, next)) {
            const before = rowsOf(now, part);
            next.querySelectorAll(part.rows).forEach(function (row) {
                const old = before.get(part.key(row));
                if (!old || newsOf(old) !== newsOf(row)) {
                    markFresh(row);
                }
            });
            now.replaceChildren(...next.childNodes);
        }
        part.more.forEach(function (selector) {
            const beside = document.querySelector(selector);
            const fresher = fresh.querySelector(selector);
            if (beside && fresher) {
                beside.replaceWith(fresher);
            }
        });
        document.dispatchEvent(new CustomEvent("jiceng:exchanged", { detail: { root: now } }));
    }

    let waiting = null;
    let running = false;
    let again = false;
    let missed = false; // somebody was choosing or writing in the list: it is fetched when they are done
    let last = 0;
    let took = 0;

    function refreshSoon() {
        if (running || document.hidden) {
            again = true;
            return;
        }
        if (waiting === null) {
            waiting = window.setTimeout(refresh, Math.max(100, pause() - (Date.now() - last)));
        }
    }

    function pause() {
        return Math.max(BETWEEN_REFRESHES, took * SHARE_OF_REFRESHES);
    }

    async function refresh() {
        const part = partOfPage();
        waiting = null;
        if (!part) {
            return;
        }
        running = true;
        again = false;
        last = Date.now();
        try {
            const answer = await fetch(window.location.href, { credentials: "same-origin", headers: { "X-Jiceng-Refresh": "1" } });
            if (answer.ok && !answer.redirected) {
                exchange(part, await answer.text());
            }
        } catch (error) {
            console.warn("refresh failed", error); // the next event or reconnection tries again
        }
        running = false;
        took = Date.now() - last;
        if (again) {
            refreshSoon();
        }
    }

    function subjectsOf(event) {
        const about = event.about || (event.subject ? { [event.subject.type]: [event.subject.id] } : {});
        return Object.entries(about).flatMap(function (kind) {
            return kind[1].map(function (id) { return kind[0] + ":" + id; });
        });
    }

    /* The page of one object: say that it changed; never take a form away from somebody who is filling it. */
    function pageChanged(event) {
        const page = document.querySelector("#jc-page[data-live-subject]");
        const subjects = subjectsOf(event);
        if (!page || !subjects.includes(page.dataset.liveSubject) || document.querySelector(".jc-notice-live")) {
            return;
        }
        if ((event.id || Math.max(...event.ids)) <= Number(page.dataset.liveLast)) {
            return; // the page was made after it
        }
        const notice = element("div", "jc-notice jc-notice-live");
        notice.setAttribute("role", "status");
        notice.append(element("span", "", event.label + " — " + text.pageChanged));
        const reload = element("button", "jc-button jc-button-on jc-button-small", text.reload);
        reload.type = "button";
        reload.addEventListener("click", function () { window.location.reload(); });
        notice.append(reload);
        page.prepend(notice);
    }

    if (badge) {
        document.addEventListener("jiceng:connection", function (message) {
            connection(message.detail.state);
            if (message.detail.reset) {
                refreshSoon();
            }
        });
        document.addEventListener("jiceng:event", function (message) {
            toast(message.detail);
            pageChanged(message.detail);
            if (partOfPage()) {
                refreshSoon();
            }
        });
        // Several at once in one area: one card that says how many and leads to their list.
        document.addEventListener("jiceng:update", function (message) {
            const update = message.detail;
            toast(Object.assign({}, update, { number: update.area, area: "" }));
            pageChanged(update);
            if (partOfPage()) {
                refreshSoon();
            }
        });
        document.addEventListener("focusout", function () {
            if (missed) {
                missed = false;
                refreshSoon();
            }
        });
        document.addEventListener("visibilitychange", function () {
            if (!document.hidden && again) {
                refreshSoon();
            }
        });
    }
})();
