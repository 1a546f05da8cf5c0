// What was typed into a form and not stored yet, in this tab only: back from the browser's page that there is no network
// it is there again. Never photos. It goes once the server has stored it, on signing out, and for another person.
"use strict";

(() => {
  const DRAFT = "jiceng.draft";
  const user = document.body.dataset.user;

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
    history.replaceState(null, "", location.pathname + location.search);
  }
  if (kept() && kept().user !== user) keep(null);
  document.querySelectorAll("form.leave").forEach((form) => form.addEventListener("submit", () => keep(null)));

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  // "once" too: what reached the server though its answer did not come back is not stored a second time.
  const written = [...form.elements].filter(({ name, type }) => name === "once" || (name && !["hidden", "file"].includes(type)));

  function save() {
    const values = written.map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]);
    keep({ user, path: location.pathname, values });
  }

  function restore(values) {
    for (const [name, value] of values) {
      const field = written.find((one) => one.name === name);
      if (field?.type === "checkbox") field.checked = value;
      else if (field) field.value = value;
    }
    form.querySelectorAll("details").forEach((part) => {
      part.open ||= written.some((field) => part.contains(field) && (field.checked || (field.type !== "checkbox" && field.value)));
    });
    const note = document.querySelector("[data-draft-note]");
    note.hidden = false;
    note.querySelector("button").addEventListener("click", () => {
      keep(null);
      location.replace(location.pathname);
    });
  }

  const draft = kept();
  if (form.dataset.draft === "new" && draft?.path === location.pathname) restore(draft.values);
  for (const name of ["input", "change", "submit"]) form.addEventListener(name, save);
})();
