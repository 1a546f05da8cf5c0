/* Questionnaires on one page: shows the questions on the way as answers are given (the server judges again), and keeps
   what was filled in on this device until it is sent. Without it the same questions come page by page. */
(function () {
    "use strict";

    const start = document.querySelector("a[data-fill]");
    if (start) {
        start.href += "?all=1";
    }
    const sent = document.querySelector("[data-sent]");
    if (sent) {
        forget(sent.dataset.sent);
    }
    const form = document.querySelector("form[data-survey]");
    const source = document.getElementById("questions");
    if (!form || !source) {
        return;
    }
    const questions = JSON.parse(source.textContent);

    function key(code) { return "jc-survey-" + code; }

    function forget(code) {
        try { localStorage.removeItem(key(code)); } catch (error) { /* no storage on this device */ }
    }

    function given(question) {
        const name = "a-" + question.key;
        const checked = [...form.querySelectorAll(`[name="${name}"]:checked`)].map((input) => input.value);
        if (question.kind === "single" || question.kind === "multiple") {
            return checked.length ? { choices: checked } : null;
        }
        if (question.kind === "scale5" || question.kind === "scale10") {
            return checked.length ? { number: Number(checked[0]) } : null;
        }
        if (question.kind === "number") {
            const text = form.elements[name].value.trim();
            return text && Number.isFinite(Number(text)) ? { number: Number(text) } : null;
        }
        if (question.kind === "ranking" || question.kind === "matrix") {
            const some = [...form.querySelectorAll(`select[name^="${name}-"], [name^="${name}-"]:checked`)].some((one) => one.value);
            return some ? {} : null;
        }
        return form.elements[name].value.trim() ? {} : null;
    }

    function holds(atom, taken) {
        const answer = taken[atom.question];
        if (!answer) { return atom.op === "unanswered"; }
        if (atom.op === "is") { return (answer.choices || []).includes(atom.value); }
        if (atom.op === "is_not") { return !(answer.choices || []).includes(atom.value); }
        if (atom.op === "at_least") { return answer.number !== undefined && answer.number >= Number(atom.value); }
        if (atom.op === "at_most") { return answer.number !== undefined && answer.number <= Number(atom.value); }
        return atom.op === "answered";
    }

    function satisfied(condition, taken) {
        if (!condition || !condition.atoms.length) { return true; }
        const test = (atom) => holds(atom, taken);
        return condition.match === "all" ? condition.atoms.every(test) : condition.atoms.some(test);
    }

    function way() {
        const taken = {}, shown = new Set();
        let goingTo = null;
        for (const question of questions) {
            if (goingTo !== null && question.key !== goingTo) { continue; }
            goingTo = null;
            if (!satisfied(question.show_if, taken)) { continue; }
            shown.add(question.key);
            const answer = given(question);
            if (answer) { taken[question.key] = answer; }
            const jump = question.jumps.find((one) => satisfied(one.when, taken));
            if (jump && jump.to === "end") { break; }
            goingTo = jump ? jump.to : null;
        }
        return shown;
    }

    function draw() {
        const shown = way();
        for (const one of form.querySelectorAll("[data-question]")) {
            one.hidden = !shown.has(one.dataset.question);
        }
    }

    function keep() {
        if (!("keep" in form.dataset)) { return; }
        const kept = [...new FormData(form)].filter(([name]) => name.startsWith("a-"));
        try { localStorage.setItem(key(form.dataset.survey), JSON.stringify(kept)); } catch (error) { /* no storage */ }
    }

    function restore() {
        if (!("keep" in form.dataset) || form.querySelector(".wrong")) { return; }
        let kept;
        try { kept = JSON.parse(localStorage.getItem(key(form.dataset.survey)) || "[]"); } catch (error) { return; }
        for (const [name, value] of kept) {
            for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
                if (input.type === "radio" || input.type === "checkbox") {
                    input.checked = input.checked || input.value === value;
                } else {
                    input.value = value;
                }
            }
        }
    }

    restore();
    draw();
    form.addEventListener("input", () => { draw(); keep(); });
    form.addEventListener("change", () => { draw(); keep(); });
    const wrong = form.querySelector(".wrong");
    if (wrong) { wrong.scrollIntoView(); }
})();
