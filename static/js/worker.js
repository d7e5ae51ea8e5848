// The service worker of reporters' pages, served as /sw.js and registered for /<language>/report/ only.
// It keeps whole pages of the server, with the files that they name, for the card that is signed in on this phone.
// - Only pages that say so themselves (X-Keep-For: whose they are): the first page, the forms. Never staff's or public ones.
// - Network first. A kept page answers where the network does not, or not in time.
// - A card may be for several groups: `?group=` in an address is part of a page's name, any other query is not.
// - One card's pages are never shown to another: a page of another card, or a lost session, throws the others away.
// - Files are kept as long as a kept page names them, so a newer release never breaks an older page.
"use strict";

const PAGES = "report-pages-"; // + whose
const FILES = "report-files";
const STATE = "report-state";
const WHOSE = "/whose";
const MARK = "X-Keep-For";
const PATIENCE = 6000; // ms on a poor line before a kept page is shown
const FRESH = 3600000; // ms in which a kept page is not asked for again
const TWICE = 5000; // ms in which two pages may tell of the same arrival
const REPORT = /^\/[a-z-]+\/report\//;
const WORDS = /^\/[a-z-]+\/report\/parts$/; // what pages say about waiting
const FILE = /\/static\/[\w./-]+/g;

let forced = 0;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && REPORT.test(url.pathname)) {
    event.respondWith(request.method === "GET" ? open(event, named(url)) : pass(request, named(url)));
  } else if (WORDS.test(url.pathname)) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(url.pathname)) ?? Response.error()));
  } else if (request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request, { ignoreVary: true }).then((file) => file ?? fetch(request)));
  }
});

self.addEventListener("message", (event) => {
  if (event.data?.home) event.waitUntil(keepAll(event.data));
});

/** The name under which a page is kept. */
function named(url) {
  const group = url.searchParams.get("group");
  return url.pathname + (group ? `?group=${encodeURIComponent(group)}` : "");
}

async function open(event, path) {
  const began = Date.now();
  const going = fetch(event.request);
  const kept = await find(path);
  try {
    const answer = await (kept ? inTime(going) : going);
    if (answer.status >= 500 && kept) return kept;
    if (answer.headers.get(MARK)) event.waitUntil(keep(path, answer.clone(), began));
    return answer;
  } catch {
    return kept ?? (await caches.match(path.replace(/report\/.*/, "report/offline"))) ?? Response.error();
  }
}

/** A form on its way without JavaScript's help. Where it can't go: back to its kept page, which says so. */
async function pass(request, path) {
  try {
    return await fetch(request);
  } catch {
    const form = path.replace(/(draft|send)(?=\?|$)/, "");
    const home = path.replace(/report\/.*/, "report/");
    const back = (await find(form)) ? form : home;
    return Response.redirect(`${back}#again=${encodeURIComponent(form)}`, 303);
  }
}

function inTime(going) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("slow")), PATIENCE);
    going.then(resolve, reject);
  });
}

/** Whose pages may be shown, and when the page was asked for that said so. */
async function state() {
  const said = await (await caches.open(STATE)).match(WHOSE);
  return said ? said.json() : { card: "", began: 0 };
}

async function find(path) {
  const { card } = await state();
  return card ? (await caches.open(PAGES + card)).match(path) : undefined;
}

/** Is this card's page the newest word on whose phone this is? If so, what was kept for others goes. */
async function belongsTo(card, began) {
  const known = await state();
  if (known.card !== card && known.began > began) return false; // a late answer from before somebody else came in
  const others = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + card);
  await Promise.all(others.map((name) => caches.delete(name)));
  await (await caches.open(STATE)).put(WHOSE, new Response(JSON.stringify({ card, began: Math.max(began, known.began) })));
  return true;
}

/** Keep an answer with its files, marked as kept; the policy and the other headers stay as they were. */
async function keep(path, answer, began) {
  const card = answer.headers.get(MARK);
  const html = await answer.text();
  await keepFiles(html);
  if (card && !(await belongsTo(card, began))) return html;
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  headers.set("X-Kept-At", String(Date.now()));
  const page = new Response(html.replace("<html ", '<html data-kept="" '), { headers });
  await (await caches.open(card ? PAGES + card : FILES)).put(path, page);
  return html;
}

async function keepFiles(html) {
  const files = await caches.open(FILES);
  const named = [...new Set(html.match(FILE) ?? [])];
  const known = await Promise.all(named.map((name) => files.match(name)));
  await files.addAll(named.filter((_name, place) => !known[place]));
}

/** The page as it is kept, or fetched anew; "" where it can't be had, or is nobody's. */
async function keepFresh(path, force, shared = false) {
  const kept = shared ? await caches.match(path) : await find(path);
  if (kept && !force && Date.now() - Number(kept.headers.get("X-Kept-At")) < FRESH) return kept.text();
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
  const card = answer.headers.get(MARK);
  if (!answer.ok || answer.redirected || (!shared && (!card || card !== (await state()).card))) return "";
  return keep(path, answer, (await state()).began);
}

/** The first page names the forms that belong with it (data-keep). `arrived`: a report just did, so all has changed. */
async function keepAll({ card, home, shared, arrived }) {
  const known = await state();
  if (known.card && known.card !== card) return; // a page that is still open from somebody else
  if (!known.card) await belongsTo(card, 0);
  const force = arrived && Date.now() - forced > TWICE;
  if (force) forced = Date.now();
  const html = await keepFresh(home, force);
  const forms = /data-keep="([^"]*)"/.exec(html)?.[1].split(" ").filter(Boolean) ?? [];
  for (const path of forms) await keepFresh(path, force);
  for (const path of shared) await keepFresh(path, false, true);
  await tidy();
}

/** Files that no kept page names any more. */
async function tidy() {
  const named = new Set();
  for (const name of (await caches.keys()).filter((one) => one === FILES || one.startsWith(PAGES))) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (request.url.includes("/static/")) continue;
      for (const file of (await (await cache.match(request)).text()).match(FILE) ?? []) named.add(file);
    }
  }
  const files = await caches.open(FILES);
  for (const request of await files.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/static/") && !named.has(pathname)) await files.delete(request);
  }
}
