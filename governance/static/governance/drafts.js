// What was typed into a form and not stored yet, in this tab only: back from the browser's page that there is no network,
// or from signing in anew, it is there again. Never photos, nor what the form marks: numbers of persons
// ("data-unkept"), or all of it unless a field says so ("data-draft-only", a note of a caucus is nobody else's). It goes
// once the server has stored it, on signing out, and for another person.
"use strict";

(() => {
  const DRAFT = "jiceng.draft";
  const STORED = "jiceng_stored"; // set by the server (governance/admin/returning.py)
  const form = document.querySelector("form[data-draft]");
  const user = document.body.dataset.user ?? form?.dataset.user ?? document.querySelector("[data-draft-user]")?.dataset.draftUser;
  const here = location.pathname + location.search;

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(DRAFT));
    } catch {
      return null; // storage is switched off, or not ours
    }
  }

  function keep(draft) {
    try {
      if (draft) sessionStorage.setItem(DRAFT, JSON.stringify(draft));
      else sessionStorage.removeItem(DRAFT);
    } catch {
      return; // storage is switched off or full: the form works without
    }
  }

  if (location.hash === "#stored") {
    keep(null);
    history.replaceState(null, "", here);
  }
  if (document.cookie.split("; ").includes(`${STORED}=1`)) {
    keep(null);
    document.cookie = `${STORED}=; path=/; max-age=0; samesite=lax`;
  }
  if (kept() && kept().user !== user) keep(null);
  document.querySelectorAll("form.leave").forEach((leave) => leave.addEventListener("submit", () => keep(null)));

  if (!form) return;
  const ticked = ({ type }) => type === "checkbox" || type === "radio";
  // "once" too: what reached the server though its answer did not come back is not stored a second time.
  const written = [...form.elements].filter(({ name, type, dataset }) =>
    name === "once" || (name && !["hidden", "file", "password"].includes(type) && dataset.unkept === undefined));

  function mayKeep() {
    const [name, value] = (form.dataset.draftOnly ?? "").split("=");
    return !name || new FormData(form).get(name) === value;
  }

  function save() {
    if (!mayKeep()) return keep(null);
    const values = written.map((field) => [field.name, field.value, ticked(field) ? field.checked : true]);
    return keep({ user, path: here, values });
  }

  function restore(values) {
    for (const [name, value, on] of values) {
      const field = written.find((one) => one.name === name && (!ticked(one) || one.value === value));
      if (field && ticked(field)) field.checked = on;
      else if (field) field.value = value;
    }
    form.querySelectorAll("details").forEach((part) => {
      part.open ||= written.some((field) => part.contains(field) && (ticked(field) ? field.checked : field.value));
    });
    const note = document.querySelector("[data-draft-note]");
    note.hidden = false;
    note.querySelector("button").addEventListener("click", () => {
      keep(null);
      location.replace(here);
    });
  }

  const draft = kept();
  if (form.dataset.draft === "new" && draft?.path === here) restore(draft.values);
  for (const name of ["input", "change", "submit"]) form.addEventListener(name, save);
})();
