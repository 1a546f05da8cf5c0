/* Shows the names of chosen files, and keeps a form from being sent twice by a double press. */
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

    document.querySelectorAll("form[data-filling]").forEach(function (form) {
        form.addEventListener("submit", function (event) {
            if (form.dataset.sent) {
                event.preventDefault();
                return;
            }
            form.dataset.sent = "yes";
        });
    });
    // Coming back with the browser's back button, the form may be sent again.
    window.addEventListener("pageshow", function () {
        document.querySelectorAll("form[data-filling]").forEach(function (form) { delete form.dataset.sent; });
    });
})();
