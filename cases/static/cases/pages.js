// Residents' phone pages: position, map, photo previews, live progress. Everything works without it, only plainer.
"use strict";

const one = (name, within = document) => within.querySelector(`[data-${name}]`);
const texts = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_match, name) => values[name]);

function say(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

// Photos: shown before sending, one can be taken out again, large ones are made smaller to spare the connection.
const LONG_SIDE = 2560;
const SHRINK_FROM = 1.5e6;

async function shrunk(file) {
  if (file.size < SHRINK_FROM || !window.createImageBitmap) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // not a picture this browser reads: the server judges it
  }
  const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
}

function photos(box) {
  const input = box.querySelector("input[type=file]");
  const list = one("previews", box);
  const note = one("photos-note", box);
  const most = Number(box.dataset.max);
  let chosen = [];
  let working = Promise.resolve();
  try {
    input.files = new DataTransfer().files;
  } catch {
    return; // cannot set files: the browser's own control stays
  }
  input.classList.add("covered");
  one("picker", box).hidden = false;

  function show() {
    const held = new DataTransfer();
    chosen.forEach((file) => held.items.add(file));
    input.files = held.files;
    list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    list.replaceChildren(...chosen.map(preview));
    list.hidden = !chosen.length;
  }

  function preview(file, place) {
    const item = document.createElement("li");
    const shown = file.type !== "application/pdf";
    const image = document.createElement(shown ? "img" : "span");
    const button = document.createElement("button");
    if (shown) {
      image.src = URL.createObjectURL(file);
      image.alt = "";
    } else {
      image.textContent = file.name;
    }
    button.type = "button";
    button.textContent = texts.removePhoto;
    button.addEventListener("click", () => {
      chosen.splice(place, 1);
      say(note, "");
      show();
    });
    item.append(image, button);
    return item;
  }

  input.addEventListener("change", () => {
    const added = [...input.files];
    working = working.then(async () => {
      for (const file of added) chosen.push(await shrunk(file));
      say(note, chosen.length > most ? fill(texts.tooMany, { count: most }) : "");
      chosen = chosen.slice(0, most);
      show();
    });
    input.form.ready = working;
  });
}

// Whether nothing can be sent. Browsers tell of networks, not of what is reached: the server has the last word.
async function cutOff() {
  return !navigator.onLine && fetch("/healthz", { cache: "no-store" }).then(() => false, () => Boolean(texts.unsent));
}

// A form is sent once: the button is dead until the answer comes or the page is shown again. Without network it stays.
function once(form) {
  const button = form.querySelector("button:not([type=button])");
  const label = button.textContent;
  const note = Object.assign(document.createElement("p"), { className: "error", hidden: true });
  note.setAttribute("role", "alert");
  button.before(note);
  function hold(held, text = "") {
    form.sending = button.disabled = held;
    button.textContent = held ? texts.sending : label;
    say(note, text);
  }
  form.addEventListener("submit", async (event) => {
    if (form.sending) return event.preventDefault();
    hold(true);
    if (!form.ready && navigator.onLine) return undefined;
    event.preventDefault(); // photos are still being made smaller, or nothing can be sent
    await form.ready;
    if (await cutOff()) hold(false, texts.unsent);
    else form.submit();
    return undefined;
  });
  window.addEventListener("pageshow", () => hold(false));
}

// Place: the phone's position or a tap on outlines of the areas.
function place(box) {
  const form = box.form ?? box.closest("form");
  const longitude = form.elements.longitude;
  const latitude = form.elements.latitude;
  const note = one("place-note", box);
  const shown = one("point", box);
  let map, marker, areas, accuracy;

  const outlines = () => (areas ??= fetch(box.dataset.areas).then((answer) => answer.json()));
  one("place-buttons", box).hidden = false;

  async function setPoint(lat, lon, metres) {
    latitude.value = lat.toFixed(6);
    longitude.value = lon.toFixed(6);
    accuracy = metres;
    say(note, "");
    drawPoint();
    await tell();
  }

  async function tell() {
    const lat = Number(latitude.value), lon = Number(longitude.value);
    shown.hidden = !latitude.value;
    if (!latitude.value) return;
    const parts = [`${lat.toFixed(5)}, ${lon.toFixed(5)}`];
    if (accuracy) parts.push(fill(texts.accuracy, { metres: Math.round(accuracy) }));
    const text = one("point-text", box);
    text.textContent = `${texts.point}: ${parts.join(" · ")}`;
    const found = await outlines().then((all) => areaAt(all, lon, lat)).catch(() => undefined);
    if (found === null) say(note, texts.outside);
    if (found) text.textContent = `${texts.point}: ${found} · ${parts.join(" · ")}`;
  }

  function drawPoint() {
    if (!map) return;
    marker?.remove();
    if (!latitude.value) return;
    const at = [Number(latitude.value), Number(longitude.value)];
    marker = L.circleMarker(at, { radius: 11, color: "#fff", weight: 3, fillColor: "#a3201b", fillOpacity: 1 });
    marker.addTo(map);
  }

  one("point-remove", box).addEventListener("click", () => {
    latitude.value = longitude.value = "";
    say(note, "");
    drawPoint();
    tell();
  });

  one("locate", box).addEventListener("click", () => {
    if (!window.isSecureContext || !navigator.geolocation) return say(note, texts.insecure);
    say(note, texts.locating);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => setPoint(coords.latitude, coords.longitude, coords.accuracy).then(() => map?.setView([coords.latitude, coords.longitude], 16)),
      (error) => say(note, error.code === error.PERMISSION_DENIED ? texts.denied : texts.unavailable),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
    return undefined;
  });

  one("open-map", box).addEventListener("click", async () => {
    one("map", box).hidden = false;
    if (map) return map.invalidateSize();
    try {
      const [all] = await Promise.all([outlines(), load(box.dataset.leafletJs, box.dataset.leafletCss)]);
      map ??= draw(box, all, setPoint);
      if (latitude.value) map.setView([latitude.value, longitude.value], 16);
      drawPoint();
    } catch {
      one("map", box).hidden = true;
      say(note, texts.mapFailed);
    }
    return undefined;
  });
  window.addEventListener("pageshow", tell);
}

// Both must be there before drawing: names are placed by their width, which the style decides.
function load(script, style) {
  const added = [
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }),
    Object.assign(document.createElement("script"), { src: script }),
  ];
  const loaded = added.map((it) => new Promise((done, failed) => Object.assign(it, { onload: done, onerror: failed })));
  document.head.prepend(...added);
  return Promise.all(loaded);
}

function draw(box, areas, setPoint) {
  const map = L.map(one("map", box), { zoomControl: false, attributionControl: false });
  L.control.zoom({ zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(map);
  if (box.dataset.tiles) L.tileLayer(box.dataset.tiles).addTo(map);
  const style = ({ properties }) => ({
    color: "#0b4f8a", weight: properties.kind === "grid" ? 1 : 3, fillOpacity: properties.kind === "grid" ? 0 : 0.08,
    interactive: false,
  });
  const named = (feature, layer) => {
    layer.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "area-name" });
  };
  const few = areas.features.length <= 12 ? areas.features : areas.features.filter((area) => area.properties.kind !== "grid");
  const layer = L.geoJSON(areas, { style }).addTo(map);
  L.geoJSON({ type: "FeatureCollection", features: few }, { style: { opacity: 0, fillOpacity: 0 }, onEachFeature: named, interactive: false }).addTo(map);
  if (layer.getBounds().isValid()) map.fitBounds(layer.getBounds());
  else map.setView([35, 105], 4);
  map.on("click", ({ latlng }) => setPoint(latlng.lat, latlng.wrap().lng, 0));
  return map;
}

// The name of the smallest area that holds the point; null when none does, undefined when no area has an outline.
function areaAt(areas, lon, lat) {
  if (!areas.features.length) return undefined;
  const holding = areas.features.filter(({ geometry }) => {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return polygons.some(([outer, ...holes]) => inRing(outer, lon, lat) && !holes.some((hole) => inRing(hole, lon, lat)));
  });
  const smallest = holding.find((area) => area.properties.kind === "grid") ?? holding[0];
  return smallest ? smallest.properties.name : null;
}

function inRing(ring, lon, lat) {
  let inside = false;
  ring.forEach(([x, y], i) => {
    const [px, py] = ring[(i || ring.length) - 1];
    if (y > lat !== py > lat && lon < ((px - x) * (lat - y)) / (py - y) + x) inside = !inside;
  });
  return inside;
}

function communitiesOfStreet(form) {
  const { street, community } = form.elements;
  const groups = [...community.querySelectorAll("optgroup")];
  const narrow = () => {
    groups.forEach((group) => { group.hidden = group.disabled = Boolean(street.value) && group.dataset.street !== street.value; });
    if (community.selectedOptions[0]?.parentElement.disabled) community.value = "";
  };
  street.addEventListener("change", narrow);
  narrow();
}

// The links of one's own reports, kept in this browser only.
const KEPT = "jiceng.reports";

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? [];
  } catch {
    return []; // storage is switched off, or not ours
  }
}

function remember(list) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(list.slice(0, 20)));
  } catch {
    return; // storage is switched off: the link on the page is what counts
  }
}

function shownTime(at) {
  const style = { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Shanghai" };
  return new Date(at).toLocaleString(document.documentElement.lang, style);
}

function mine(box) {
  const list = remembered();
  box.hidden = !list.length;
  one("mine-list", box).replaceChildren(...list.map(({ number, path, at }) => {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: path, textContent: number });
    link.append(Object.assign(document.createElement("small"), { textContent: shownTime(at) }));
    item.append(link);
    return item;
  }));
  one("mine-clear", box).onclick = () => { remember([]); mine(box); };
}

// Progress: live.js says that something happened, the page asks what; without a socket it asks every 20 seconds.
const ASK_EVERY = 20000;

function follow(box) {
  const state = one("connection", box);
  const parts = { progress: one("progress-part", box), answers: one("answers-part", box) };
  let asking, again, live = false;
  let shown = parts.progress.innerHTML.trim();

  function connection(name) {
    say(state, texts[name]);
    state.className = `connection ${name}`;
  }

  async function ask() {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(box.dataset.progress, { cache: "no-store" });
      if (answer.ok) update(await answer.json());
      if (!live) connection("polling");
    } catch {
      connection("offline");
    }
    asking = false;
    if (again) { again = false; ask(); }
  }

  function update(news) {
    const fresh = asWritten(news.progress_html);
    if (shown !== fresh) {
      shown = fresh;
      parts.progress.innerHTML = fresh;
      parts.progress.firstElementChild.classList.add("changed");
      one("new", box).hidden = true; // thanks for the report are no longer the news
    }
    if (parts.answers.dataset.answers !== news.answers) {
      parts.answers.dataset.answers = news.answers;
      parts.answers.innerHTML = news.answers_html;
      enhance(parts.answers);
    }
  }

  document.addEventListener("jiceng:progress", ask);
  document.addEventListener("jiceng:connection", ({ detail }) => {
    live = detail.state === "open";
    if (live) connection("live");
    if (detail.state === "lost" || detail.state === "refused") connection("polling");
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !live) ask(); });
  setInterval(() => { if (!live && !document.hidden) ask(); }, ASK_EVERY);
  if (location.hash === "#new") arrived(box);
  links(box);
}

// HTML as this browser writes it, to be compared with what it shows.
function asWritten(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.innerHTML.trim();
}

function arrived(box) {
  const kept = { number: box.dataset.number, path: location.pathname, at: Date.now() };
  remember([kept, ...remembered().filter(({ path }) => path !== kept.path)]);
  one("new", box).hidden = false;
  history.replaceState(null, "", location.pathname);
}

function links(box) {
  const link = one("link", box);
  const note = one("link-note", box);
  one("link-buttons", box).hidden = false;
  one("copy", box).addEventListener("click", async () => {
    link.select();
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(link.value);
      else if (!document.execCommand("copy")) throw new Error("refused");
      say(note, texts.copied);
    } catch {
      say(note, texts.copyFailed);
    }
  });
  const share = one("share", box);
  share.hidden = !navigator.share;
  share.addEventListener("click", () => navigator.share({ title: document.title, url: link.value }).catch(() => undefined));
}

function enhance(within) {
  within.querySelectorAll("[data-photos]").forEach(photos);
  within.querySelectorAll("form[data-once]").forEach(once);
}

enhance(document);
if (one("place")) {
  place(one("place"));
  if (one("place").form.elements.street) communitiesOfStreet(one("place").form);
}
if (one("mine")) mine(one("mine"));
if (one("follow")) follow(one("follow"));
