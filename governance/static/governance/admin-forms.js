/* Shows the names of chosen files, keeps a form from being sent twice by a double press, or without network. */
(function () {
    "use strict";

    document.querySelectorAll(".jc-file").forEach(function (box) {
        const input = box.querySelector("input[type=file]");
        input.hasChangeListener = true; // else unfold adds its own, which expects its own markup and fails
        const names = box.querySelector(".jc-file-names");
        const none = names.textContent;
        input.addEventListener("change", function () {
            const chosen = Array.from(input.files, function (file) { return file.name; });
            names.textContent = chosen.length ? box.dataset.chosen + " " + chosen.length + ": " + chosen.join(", ") : none;
        });
    });

    // Without network nothing is sent: the browser's page about that would take what was typed with it.
    function cutOff() {
        return fetch("/healthz", { cache: "no-store" }).then(function () { return false; }, function () { return true; });
    }

    function unsent(form) {
        let note = form.querySelector("[data-unsent-note]");
        if (!note) {
            note = Object.assign(document.createElement("p"), { className: "jc-notice jc-notice-error", role: "alert" });
            note.dataset.unsentNote = "";
            form.querySelector(".jc-form-foot, button[type=submit]").before(note);
        }
        note.textContent = form.dataset.unsent;
    }

    async function whenThereIsNetwork(form) {
        if (await cutOff()) {
            delete form.dataset.sent;
            unsent(form);
        } else {
            form.submit();
        }
    }

    document.querySelectorAll("form[data-filling]").forEach(function (form) {
        form.addEventListener("submit", function (event) {
            if (form.dataset.sent) {
                event.preventDefault();
                return;
            }
            form.dataset.sent = "yes";
            if (form.dataset.unsent && !navigator.onLine) {
                event.preventDefault();
                whenThereIsNetwork(form);
            }
        });
    });
    // Coming back with the browser's back button, the form may be sent again.
    window.addEventListener("pageshow", function () {
        document.querySelectorAll("form[data-filling]").forEach(function (form) { delete form.dataset.sent; });
    });
})();
