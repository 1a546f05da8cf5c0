// Shifts begun and ended on the phone: with the position where the phone gives one. mobile.js has found it before.
"use strict";

document.querySelectorAll("form[data-with-position]").forEach((form) => {
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.sending) return;
    form.sending = true;
    button.disabled = true;
    button.textContent = texts.locating;
    try {
      const { coords } = await locate();
      form.elements.longitude.value = coords.longitude;
      form.elements.latitude.value = coords.latitude;
    } catch {
      button.textContent = texts.sending; // a shift counts without a position too
    }
    form.submit();
  });
});
