// What every console page gains from JavaScript: keys, copying, filters that apply at once, times that tick.
"use strict";

const at = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

// Keys. Letters mean nothing while the reader types.
const GO = { o: "overview", l: "live", c: "calls", p: "problems", r: "reports", f: "fixes", i: "policies", s: "setup" };
const PREFIX_MS = 1200;
let prefixUntil = 0;

function isTyping(target) {
  return target.closest && target.closest("input, select, textarea, [contenteditable], dialog[open]");
}

function rowsStep(step) {
  const rows = all("[data-row]").filter((row) => row.offsetParent !== null);
  if (!rows.length) return;
  const current = rows.findIndex((row) => row.classList.contains("is-at") || row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(current + step, 0), rows.length - 1)];
  rows.forEach((row) => row.classList.remove("is-at"));
  next.classList.add("is-at");
  const target = at(".row-link", next) || at(".permalink", next) || next;
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function keysOpen() {
  const dialog = at("#keys");
  if (dialog && !dialog.open) dialog.showModal();
}

const KEYS = {
  "?": keysOpen,
  "j": () => rowsStep(1),
  "k": () => rowsStep(-1),
  "/": () => {
    const search = at("[data-search]");
    if (search) search.focus();
    else at('[data-go="calls"]')?.click();
  },
  "g": () => { prefixUntil = Date.now() + PREFIX_MS; },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") {
    if (isTyping(event.target)) event.target.blur();
    all("details.menu[open]").forEach((menu) => { menu.open = false; at("summary", menu).focus(); });
    return;
  }
  if (isTyping(event.target)) return;
  if (Date.now() < prefixUntil && GO[event.key]) {
    prefixUntil = 0;
    event.preventDefault();
    at(`[data-go="${GO[event.key]}"]`)?.click();
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

document.addEventListener("click", (event) => {
  all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

// On a phone the sections scroll sideways; the present one is in view.
const here = at(".nav a[aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetWidth / 2 + here.offsetWidth / 2;

// The theme: the cookie is the server's to set; the page changes without waiting for it.
const themes = at("[data-theme-form]");
themes?.addEventListener("submit", (event) => {
  if (!event.submitter) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  all("button", themes).forEach((button) => button.setAttribute("aria-pressed", String(button === event.submitter)));
  const form = new FormData(themes);
  form.set("theme", chosen);
  fetch(themes.action, { method: "POST", body: form, redirect: "manual" });
});

all("[data-auto-submit]").forEach((field) => field.addEventListener("change", () => field.form.requestSubmit()));

all("[data-open-keys]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", keysOpen);
});

if (navigator.clipboard) {
  all("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(at("pre", button.closest(".snippet")).textContent.trim());
      const label = button.lastChild;
      label.textContent = "Copied";
      setTimeout(() => { label.textContent = "Copy"; }, 1500);
    });
  });
}

// Durations of running calls.
function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function tick() {
  all("[data-ticks-since]").forEach((time) => { time.textContent = clock(Date.now() - Number(time.dataset.ticksSince)); });
}

if (at("[data-ticks-since]") || document.body.dataset.liveFragment) setInterval(tick, 1000);
