// The claim of a device: the phone finds its position and fills the fields in; they can be typed instead.
// texts, one, say come from pages.js, locate from mobile.js.
"use strict";

const claimForm = document.querySelector("[data-claim]");

if (claimForm) {
  const button = claimForm.querySelector("[data-here]");
  const note = claimForm.querySelector("[data-here-note]");
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = texts.locating;
    try {
      const { coords } = await locate();
      claimForm.elements.longitude.value = coords.longitude.toFixed(6);
      claimForm.elements.latitude.value = coords.latitude.toFixed(6);
      claimForm.elements.accuracy.value = coords.accuracy;
      say(note, fill(texts.accuracy, { metres: Math.round(coords.accuracy) }));
    } catch {
      say(note, texts.noPosition);
    }
    button.disabled = false;
    button.textContent = label;
  });
}
