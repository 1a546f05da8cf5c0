// Phone pages of staff: position for check-ins, and a queue for those made without network. pages.js does the rest.
"use strict";

const QUEUE = "jiceng.check-ins";
const LOCATE = { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 };

// On a shared phone each person sends only what is theirs.
const ME = document.body.dataset.user;

function everybodys() {
  try {
    return JSON.parse(localStorage.getItem(QUEUE)) ?? [];
  } catch {
    return []; // storage is switched off, or not ours
  }
}

const waiting = () => everybodys().filter(({ user }) => user === ME);

// Whether it could be kept: without storage the person has to be told.
function keep(list) {
  try {
    localStorage.setItem(QUEUE, JSON.stringify(list));
    return true;
  } catch {
    return false;
  }
}

function locate() {
  return new Promise((done, failed) => {
    if (!window.isSecureContext || !navigator.geolocation) failed(texts.insecure);
    else {
      navigator.geolocation.getCurrentPosition(
        done,
        (error) => failed(error.code === error.PERMISSION_DENIED ? texts.denied : texts.unavailable),
        LOCATE,
      );
    }
  });
}

async function sent(url, fields) {
  const answer = await fetch(url, {
    method: "POST", body: fields, credentials: "same-origin", headers: { Accept: "application/json" },
  });
  if (answer.redirected || !answer.headers.get("Content-Type")?.startsWith("application/json")) {
    return { ok: false, later: answer.redirected || answer.status >= 500, why: answer.redirected ? texts.signIn : texts.unavailable };
  }
  const told = await answer.json();
  return { ok: answer.ok, later: answer.status >= 500, why: told.why };
}

function checkIn(form) {
  const button = form.querySelector("button[type=submit]");
  const label = button.textContent;
  const without = one("without", form);
  const note = one("note", form);
  const set = (name, value) => { form.elements[name].value = value; };

  function idle(text) {
    form.sending = false;
    button.disabled = false;
    button.textContent = label;
    say(note, text);
  }

  async function send() {
    set("at", new Date().toISOString());
    const fields = new FormData(form);
    button.textContent = texts.sending;
    try {
      const answer = await sent(form.action, fields);
      if (answer.ok) location.reload();
      else idle(answer.why);
    } catch {
      idle(later(form, fields));
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.sending) return;
    form.sending = true;
    button.disabled = true;
    button.textContent = texts.locating;
    say(note, "");
    try {
      const { coords } = await locate();
      set("longitude", coords.longitude);
      set("latitude", coords.latitude);
      set("accuracy_m", coords.accuracy);
    } catch (why) {
      without.hidden = false;
      idle(String(why));
      return;
    }
    await send();
  });
  without.addEventListener("click", () => {
    ["longitude", "latitude", "accuracy_m"].forEach((name) => set(name, ""));
    send();
  });
}

// Keep a check-in until there is network again; photos are too large for that.
function later(form, fields) {
  const values = [...fields].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  const hadPhotos = [...fields].some(([, value]) => value instanceof File && value.size);
  const list = everybodys();
  const known = list.some(({ url, user }) => url === form.action && user === ME);
  if (!known && !keep([...list, { url: form.action, values, user: ME }])) return texts.unavailable;
  shown();
  return hadPhotos ? `${texts.kept} ${texts.photosNotKept}` : texts.kept;
}

function shown(text = "") {
  const list = waiting();
  const box = one("queue");
  if (box) say(box, text || (list.length ? fill(texts.waiting, { count: list.length }) : ""));
}

let resending;

async function resend() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (resending || !token || !waiting().length) return;
  resending = true;
  let text = "", arrived = 0;
  try {
    for (const { url, values } of waiting()) {
      const fields = new FormData();
      values.forEach(([name, value]) => fields.append(name, value));
      fields.append("csrfmiddlewaretoken", token);
      const answer = await sent(url, fields);
      if (answer.later) { text = answer.why; break; }
      keep(everybodys().filter((kept) => kept.url !== url || kept.user !== ME));
      if (answer.ok) arrived += 1;
      else text = fill(texts.refusedNow, { why: answer.why });
    }
  } catch {
    text = ""; // still no network: the queue stays
  }
  resending = false;
  if (arrived && one("check-in") && !text) location.reload();
  else shown(text || (arrived ? texts.sentNow : ""));
}

document.querySelectorAll("form[data-check-in]").forEach(checkIn);
window.addEventListener("online", resend);
shown();
resend();
