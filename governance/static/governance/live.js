/* Live push for pages: keeps one WebSocket open and tells the page what happens, as events on `document`.
 *
 *   <script src=".../governance/live.js" defer data-live-url="{{ LIVE_URL }}" data-live-port="{{ LIVE_PORT }}"
 *           data-live-path="/ws/v1/events/"></script>
 *
 * data-live-url   ws(s)://host[:port] of the live server; empty: this page's host and data-live-port
 * data-live-path  default /ws/v1/events/ ; /ws/v1/reports/<token>/ on a tracking page
 * The three attributes may stand on <body> instead.
 *
 * jiceng:event       detail: the message {id, name, label, at, subject, payload, ...}, once per id;
 *                    detail.replayed is true for what happened while there was no connection
 * jiceng:update      detail: many events in one area of what comes in storms, told as one: {count, names, label, area,
 *                    url, ids, about: the keys of what they happened to by model}
 * jiceng:progress    detail: the state of the followed report
 * jiceng:connection  detail: {state: "connecting" | "open" | "lost" | "refused", reset: the page should be loaded anew
 *                    because what happened in the meantime cannot be told}
 * window.jicengLive  {state, close()}; the class is window.JicengLive for pages that open a socket of their own
 */
(function () {
  "use strict";

  const SHORTEST_GAP = 500; // ms
  const LONGEST_GAP = 30000; // ms
  const SILENCE = 60000; // ms without a message: the connection is dead, the server speaks every 25 s or so
  const REMEMBERED = 2000; // ids
  const BAD_CURSOR = 4400;
  const FINAL = [4401, 4403, 4404]; // signed out, not staff, no such report

  class JicengLive {
    constructor(options) {
      this.address = options.address;
      this.key = "jiceng-cursor " + options.address;
      this.target = options.target || document;
      this.ids = new Set();
      this.gap = SHORTEST_GAP;
      this.state = "";
      this.closed = false;
      this.reset = false;
      window.addEventListener("online", () => this.hurry());
      document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
      window.addEventListener("pagehide", () => this.close());
      window.addEventListener("pageshow", (event) => event.persisted && this.reopen());
      this.connect();
    }

    get cursor() {
      try {
        return sessionStorage.getItem(this.key) || this.memory || "";
      } catch (error) {
        return this.memory || ""; // storage is switched off: the cursor lives as long as the page
      }
    }

    set cursor(value) {
      this.memory = value;
      try {
        sessionStorage.setItem(this.key, value);
      } catch (error) {
        console.debug("jiceng live: no session storage", error);
      }
    }

    connect() {
      clearTimeout(this.timer);
      this.timer = null;
      this.report("connecting");
      const cursor = this.cursor;
      this.replaying = Boolean(cursor);
      const query = cursor ? "?after=" + encodeURIComponent(cursor) : "";
      let socket;
      try {
        socket = new WebSocket(this.address + query);
      } catch (error) {
        console.error("jiceng live: " + this.address, error);
        this.report("refused");
        return;
      }
      this.socket = socket;
      socket.onmessage = (message) => socket === this.socket && this.receive(JSON.parse(message.data));
      socket.onclose = (event) => socket === this.socket && this.lost(event.code);
      this.listen();
    }

    receive(message) {
      this.listen();
      if (message.type === "error") return;
      this.gap = SHORTEST_GAP;
      this.report("open");
      if (message.type === "event") this.deliver(message);
      if (message.type === "events") message.events.forEach((event) => this.deliver(event));
      if (message.type === "update") this.deliverTogether(message);
      if (message.type === "progress") this.tell("jiceng:progress", message);
      if (message.type === "cursor") this.replaying = false;
      if (message.cursor) this.cursor = message.cursor;
    }

    deliver(message) {
      if (!this.remember(message.id)) return;
      message.replayed = this.replaying;
      this.tell("jiceng:event", message);
    }

    deliverTogether(message) {
      const fresh = message.ids.filter((id) => this.remember(id));
      if (fresh.length) this.tell("jiceng:update", message);
    }

    remember(id) {
      if (this.ids.has(id)) return false;
      this.ids.add(id);
      if (this.ids.size > REMEMBERED) this.ids.delete(this.ids.values().next().value);
      return true;
    }

    lost(code) {
      clearTimeout(this.watch);
      this.socket = null;
      if (this.closed) return;
      if (FINAL.includes(code)) {
        this.report("refused");
        return;
      }
      if (code === BAD_CURSOR) {
        this.cursor = "";
        this.reset = true;
      }
      this.report("lost");
      const wait = this.gap * (0.5 + Math.random());
      this.gap = Math.min(this.gap * 2, LONGEST_GAP);
      this.timer = setTimeout(() => this.connect(), wait);
    }

    listen() {
      clearTimeout(this.watch);
      this.watch = setTimeout(() => {
        const socket = this.socket;
        if (!socket) return;
        this.lost(0);
        socket.close();
      }, SILENCE);
    }

    hurry() {
      if (this.timer && !this.closed) this.connect();
    }

    reopen() {
      this.closed = false;
      if (!this.socket) this.connect();
    }

    close() {
      this.closed = true;
      clearTimeout(this.timer);
      clearTimeout(this.watch);
      this.timer = null;
      const socket = this.socket;
      this.socket = null;
      if (socket) socket.close();
    }

    report(state) {
      if (state === this.state) return;
      this.state = state;
      this.tell("jiceng:connection", { state: state, reset: this.reset });
      if (state === "open") this.reset = false;
    }

    tell(name, detail) {
      this.target.dispatchEvent(new CustomEvent(name, { detail: detail }));
    }
  }

  function addressFor(data) {
    const path = data.livePath || "/ws/v1/events/";
    if (data.liveUrl) return data.liveUrl.replace(/\/+$/, "") + path;
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    return scheme + location.hostname + (data.livePort ? ":" + data.livePort : "") + path;
  }

  window.JicengLive = JicengLive;
  const script = document.currentScript;
  const open = () => {
    const data = Object.assign({}, document.body.dataset, script ? script.dataset : {});
    if (data.livePort || data.liveUrl) window.jicengLive = new JicengLive({ address: addressFor(data) });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", open);
  else open();
})();
