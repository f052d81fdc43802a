// Keeps a page up to date while calls run. The socket only says that something changed; the page fetches what it shows.
"use strict";

const page = document.body.dataset;
const POLL_MS = 4000;         // while the socket is down
const REFRESH_MS = 20000;     // while it is up: a message may be lost
// Changes that come together are fetched together; the desk hears of every call of the tenant, a call page of one.
const GATHER_MS = document.getElementById("transcript") ? 120 : 600;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
const AFTER_END_MS = [100, 2500, 6000, 15000];
const NEAR_END_PX = 140;

// What the server last sent for an element, because ticking times and opened details change the element itself.
const sent = new WeakMap();
const source = (element) => sent.get(element) ?? element.outerHTML;

function remember(root) {
  root.querySelectorAll("[data-part], [data-keyed] > [id]").forEach((element) => sent.set(element, element.outerHTML));
}

function replace(old, fresh) {
  const html = fresh.outerHTML;
  if (source(old) === html) return false;
  const opened = Array.from(old.querySelectorAll("details"), (details) => details.open);
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const kept = old.querySelector("[data-keep]");
  fresh.querySelectorAll("details").forEach((details, place) => { details.open = opened[place] ?? details.open; });
  if (old.classList.contains("is-at")) fresh.classList.add("is-at");
  if (kept) fresh.querySelector("[data-keep]")?.replaceWith(kept);
  old.replaceWith(fresh);
  sent.set(fresh, html);
  if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  return true;
}

// Children are matched by id. "exact" also drops the absent and keeps the server's order; "append" only adds.
function patchChildren(old, fresh) {
  let isGrown = false, before = null;
  Array.from(fresh.children).forEach((child) => {
    const present = document.getElementById(child.id);
    if (present && present.parentElement === old) {
      replace(present, child);
    } else {
      const html = child.outerHTML;
      if (old.dataset.keyed === "exact") old.insertBefore(child, before ? before.nextSibling : old.firstChild);
      else insertByTurn(old, child);
      sent.set(child, html);
      isGrown = true;
    }
    before = document.getElementById(child.id);
  });
  if (old.dataset.keyed === "exact") {
    const order = Array.from(fresh.dataset.order ? fresh.dataset.order.split(" ") : []);
    Array.from(old.children).filter((child) => !order.includes(child.id)).forEach((child) => child.remove());
    order.forEach((id, place) => {
      const child = document.getElementById(id);
      if (child && old.children[place] !== child) old.insertBefore(child, old.children[place] ?? null);
    });
  }
  return isGrown;
}

// A turn that was recorded late belongs before later ones.
function insertByTurn(list, child) {
  const index = (element) => Number(element.id.split("-")[1]);
  const later = Array.from(list.children).find((element) => index(element) > index(child));
  list.insertBefore(child, later ?? null);
}

function patch(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  let isGrown = false;
  fresh.querySelectorAll("[data-part]").forEach((part) => {
    const old = document.getElementById(part.id);
    if (!old) return;
    const keyed = part.matches("[data-keyed]") ? part : part.querySelector("[data-keyed]");
    const oldKeyed = keyed && document.getElementById(keyed.id);
    if (keyed && oldKeyed) {
      keyed.dataset.order = Array.from(keyed.children, (child) => child.id).join(" ");
      const count = part.querySelector(".count-line");
      if (count) old.querySelector(".count-line")?.replaceWith(count);
      isGrown = patchChildren(oldKeyed, keyed) || isGrown;
      if (keyed.dataset.lastN) oldKeyed.dataset.lastN = keyed.dataset.lastN;
    } else {
      if (replace(old, part)) remember(part);
    }
  });
  return isGrown;
}

const transcript = document.getElementById("transcript");
const jump = document.querySelector("[data-jump]");
const isNearEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - NEAR_END_PX;

function jumpToEnd() {
  window.scrollTo({ top: document.documentElement.scrollHeight });
  if (jump) jump.hidden = true;
}

if (jump) {
  jump.addEventListener("click", jumpToEnd);
  window.addEventListener("scroll", () => { if (isNearEnd()) jump.hidden = true; }, { passive: true });
}

function isEnded() {
  return document.getElementById("call-head")?.dataset.status === "ended";
}

let isFetching = false, isWanted = false, gathering = 0;

async function refresh(isWhole = false) {
  if (isFetching) { isWanted = true; return; }
  isFetching = true;
  try {
    const after = transcript ? `?after=${isWhole ? 0 : transcript.dataset.lastN}` : "";
    const answer = await fetch(page.liveFragment + after, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return;
    const wasNearEnd = isNearEnd(), wasLive = !isEnded();
    const isGrown = patch(await answer.text());
    if (transcript?.children.length) document.getElementById("transcript-empty")?.remove();
    if (transcript && isGrown) {
      if (wasNearEnd) jumpToEnd();
      else if (jump) jump.hidden = false;
    }
    if (transcript && wasLive && isEnded()) finish();
  } catch {
    // The network is away: the next change, poll or reconnection asks again.
  } finally {
    isFetching = false;
    if (isWanted) { isWanted = false; changed(); }
  }
}

// Not a debounce: under a steady stream of changes the page must still move.
function changed() {
  gathering ||= setTimeout(() => { gathering = 0; refresh(); }, GATHER_MS);
}

// The socket.
let socket = null, tries = 0, isFinished = false, timer = 0;

function linkState(isOn) {
  const state = document.querySelector("[data-link-state]");
  if (!state) return;
  state.hidden = isFinished;
  state.textContent = isOn ? "Live" : "Reconnecting, polling meanwhile";
  state.classList.toggle("is-on", isOn);
}

function pace(ms) {
  clearInterval(timer);
  if (!isFinished) timer = setInterval(() => { if (!document.hidden) refresh(); }, ms);
}

function connect() {
  if (isFinished) return;
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${page.liveSocket}`);
  socket.addEventListener("open", () => { tries = 0; linkState(true); pace(REFRESH_MS); changed(); });
  socket.addEventListener("message", changed);
  socket.addEventListener("close", () => {
    if (isFinished) return;
    linkState(false);
    pace(POLL_MS);
    const wait = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
    tries += 1;
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
  });
}

function finish() {
  isFinished = true;
  clearInterval(timer);
  linkState(false);
  socket?.close();
  // The end settles what was heard in any turn, so these take them all; the report is written a moment later.
  AFTER_END_MS.forEach((ms) => setTimeout(() => refresh(true), ms));
}

if (page.liveFragment) {
  remember(document);
  connect();
  pace(POLL_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !isFinished) changed(); });
  window.addEventListener("pagehide", () => { isFinished = true; clearInterval(timer); socket?.close(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
