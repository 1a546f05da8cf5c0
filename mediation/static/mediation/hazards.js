// Reporting a hazard: the position is looked for at once, and what is spoken is written down where the browser can.
"use strict";

(() => {
  const form = document.querySelector("form[data-hazard]");
  if (!form) return;
  if (!form.elements.longitude.value && window.isSecureContext) form.querySelector("[data-locate]")?.click();

  const area = form.querySelector("[data-speech]");
  const button = form.querySelector("[data-speak]");
  const note = form.querySelector("[data-speech-note]");
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  if (!Recognition) {
    note.textContent = texts.noSpeech;
    return;
  }
  const label = button.textContent;
  let listener = null;

  function end(why = "") {
    listener = null;
    button.textContent = label;
    note.textContent = why;
  }

  button.hidden = false;
  // Whoever types while it listens has the last word: what is heard after that is not written over it.
  area.addEventListener("input", () => {
    if (!listener) return;
    listener.onresult = null;
    listener.stop();
  });
  button.addEventListener("click", () => {
    if (listener) {
      listener.stop();
      return;
    }
    const before = area.value;
    listener = new Recognition();
    listener.lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : document.documentElement.lang;
    listener.continuous = true;
    // What was heard so far stands in the field at once: whoever sends while it still listens loses no word.
    listener.interimResults = true;
    listener.onresult = (event) => {
      area.value = before + [...event.results].map((one) => one[0].transcript.trim()).join("");
      form.dispatchEvent(new Event("change")); // kept with the draft, as what is typed
    };
    listener.onerror = ({ error }) => {
      const again = error === "no-speech" || error === "aborted";
      button.hidden = !again; // no microphone, or no service behind it: the button would only promise
      end(again ? texts.nothingHeard : texts.noSpeech);
    };
    // Comes after an error too, whose words stay.
    listener.onend = () => listener && end();
    note.textContent = "";
    button.textContent = texts.listening;
    listener.start();
  });
})();
