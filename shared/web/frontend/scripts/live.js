// One live connection per browser: the tab that holds the lock listens to the server and tells the others.
//
// The server sends default messages, `id:` and JSON `{kind, title?, url?, unread?, …}`, and an `event: heartbeat`.
// Every tab remembers the last id, so whichever listens next goes on from there (`?last=`).

import { say } from "./connection.js";
import { toast } from "./toasts.js";

// The page's own language, so that what the server says reads like the page.
const ADDRESS = document.documentElement.lang === "en" ? "/en/notifications/stream" : "/notifications/stream";
// The server speaks every 15 s: two silences and a margin mean a dead link.
const SILENCE = 40_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
// A restart of the server is shorter than this: nobody needs to read about it.
const GRACE = 3_000;

const { body } = document;
const room = `boucle-live:${body.dataset.owner ?? ""}`;
// What happens between two pages is told to the second one.
const kept = `${room}:last`;
const channel = new BroadcastChannel(room);
let last = body.dataset.live || sessionStorage.getItem(kept) || "";
let source;
let watchdog;
let grace;
let wait = FIRST_WAIT;

function setUnread(count) {
  body.dataset.unread = count;
  for (const bell of document.querySelectorAll("[data-bell]")) {
    const number = bell.querySelector(".cnt");
    number.textContent = count > 99 ? "99+" : count;
    number.hidden = !count;
    bell.setAttribute("aria-label", bell.dataset.bell.replace("{n}", count));
  }
}

function show({ id, data }) {
  if (id && id === last && data.kind !== "unread") return;
  last = id || last;
  sessionStorage.setItem(kept, last);
  if (Number.isInteger(data.unread)) setUnread(data.unread);
  // Only the tab in front says it; the others have the count on their bell.
  if (data.title && document.visibilityState === "visible") toast({ text: data.title, url: data.url });
  body.dispatchEvent(new CustomEvent(`live:${data.kind}`, { detail: data }));
}

function setState(state) {
  if (state === (body.dataset.liveState ?? "on")) return;
  body.dataset.liveState = state;
  say(state);
  // Fragments may refresh what changed meanwhile: hx-trigger="live:back from:body".
  if (state === "back") {
    body.dispatchEvent(new CustomEvent("live:back"));
    setTimeout(() => body.dataset.liveState === "back" && setState("on"), GRACE);
  }
}

function receive(message) {
  if (message.state) setState(message.state);
  else show(message);
}

function tell(message) {
  receive(message);
  channel.postMessage(message);
}

function alive() {
  wait = FIRST_WAIT;
  clearTimeout(grace);
  grace = undefined;
  clearTimeout(watchdog);
  watchdog = setTimeout(reconnect, SILENCE);
  if (body.dataset.liveState === "lost") tell({ state: "back" });
}

function faltering() {
  grace ??= setTimeout(() => tell({ state: "lost" }), GRACE);
}

function disconnect() {
  clearTimeout(watchdog);
  clearTimeout(grace);
  grace = undefined;
  source?.close();
  source = undefined;
}

function reconnect() {
  source?.close();
  faltering();
  connect();
}

function connect() {
  clearTimeout(watchdog);
  // A connection that neither opens nor fails is dead too.
  watchdog = setTimeout(reconnect, SILENCE);
  const current = new EventSource(last ? `${ADDRESS}?last=${encodeURIComponent(last)}` : ADDRESS);
  source = current;
  current.addEventListener("open", alive);
  current.addEventListener("heartbeat", alive);
  current.addEventListener("message", ({ data, lastEventId }) => {
    alive();
    tell({ id: lastEventId, data: JSON.parse(data) });
  });
  current.addEventListener("error", () => {
    if (current !== source) return;
    faltering();
    // The browser retries a cut connection by itself; a refused one it gives up on.
    if (current.readyState !== EventSource.CLOSED) return;
    clearTimeout(watchdog);
    watchdog = setTimeout(connect, wait * (1 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

/** Listens for as long as this page lives, and only while it holds the lock. */
function listen() {
  connect();
  addEventListener("online", reconnect);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", ({ persisted }) => persisted && connect());
  return new Promise(() => {});
}

if ("live" in body.dataset) {
  channel.addEventListener("message", ({ data }) => receive(data));
  // Locks need a secure origin: on plain http to another machine each tab listens for itself.
  if (navigator.locks) navigator.locks.request(room, listen);
  else listen();
}
