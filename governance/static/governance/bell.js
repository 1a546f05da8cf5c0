/* The figure on the bell follows what happens: events tell when to look, the worker writes the notices a moment later.
   However much happens, a page asks at most every BETWEEN milliseconds, and not while nobody looks at it. */
(function () {
    "use strict";

    const AFTER_EVENT = 2500; // the worker looks once a second
    const BETWEEN = 15000;
    const bell = document.getElementById("jiceng-bell");
    if (!bell) {
        return;
    }
    const count = bell.querySelector(".jc-bell-count");
    let waiting = null;
    let missed = false;
    let last = 0;

    function soon() {
        if (document.hidden) {
            missed = true;
        } else if (waiting === null) {
            waiting = window.setTimeout(look, Math.max(AFTER_EVENT, BETWEEN - (Date.now() - last)));
        }
    }

    async function look() {
        waiting = null;
        last = Date.now();
        try {
            const answer = await fetch(bell.dataset.unreadUrl, { credentials: "same-origin", headers: { Accept: "application/json" } });
            if (answer.ok && !answer.redirected) {
                const unread = (await answer.json()).unread;
                count.textContent = unread;
                count.hidden = !unread;
            }
        } catch (error) {
            console.warn("the bell could not look", error); // the next event tries again
        }
    }

    document.addEventListener("jiceng:event", soon);
    document.addEventListener("jiceng:update", soon);
    document.addEventListener("visibilitychange", function () {
        if (!document.hidden && missed) {
            missed = false;
            soon();
        }
    });
})();
