/* Of the fields of a question shows those that its kind needs; without it all are there, and the others are passed over. */
(function () {
    "use strict";

    const NEEDS = {
        single: ["options", "other"], multiple: ["options", "other", "least", "most"], scale5: ["low_label", "high_label"],
        scale10: ["low_label", "high_label"], number: ["least", "most", "unit"], short: [], long: [], date: [],
        ranking: ["options"], matrix: ["options", "rows"],
    };
    const ALL = ["options", "other", "rows", "least", "most", "unit", "low_label", "high_label"];

    function draw(kind) {
        for (const name of ALL) {
            const field = document.querySelector(`.jc-field-${name}`);
            if (field) {
                field.hidden = !NEEDS[kind.value].includes(name);
                field.style.display = field.hidden ? "none" : "";
            }
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        const kind = document.querySelector("select[name=kind]");
        if (kind) {
            kind.addEventListener("change", () => draw(kind));
            draw(kind);
        }
    });
})();
