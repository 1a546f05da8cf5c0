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
  button.addEventListener("click", () => {
    if (listener) {
      listener.stop();
      return;
    }
    listener = new Recognition();
    listener.lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : document.documentElement.lang;
    listener.continuous = true;
    listener.onresult = (event) => {
      const said = [...event.results].slice(event.resultIndex).filter((one) => one.isFinal);
      area.value += said.map((one) => one[0].transcript.trim()).join("");
    };
    listener.onerror = () => end(texts.noSpeech);
    listener.onend = () => end();
    button.textContent = texts.listening;
    listener.start();
  });
})();
