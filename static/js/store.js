// What a phone keeps of its reports, in IndexedDB, and nowhere else:
// - outbox: {id, group, report, url, fields, title, text, at, state}: sent by its writer, not known to have arrived
// - typed: {where, fields, base, onServer}: what stands in a form, so that a closed browser loses nothing
"use strict";

/** One of this phone's databases, with these stores; gives `within`. */
function phoneBase(base, stores) {
  let opened;

  function open() {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(base, 1);
      asked.onupgradeneeded = () => {
        for (const [name, options] of Object.entries(stores)) asked.result.createObjectStore(name, options);
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        asked.result.onclose = () => { opened = undefined; };
        resolve(asked.result);
      };
      asked.onerror = () => {
        opened = undefined;
        reject(asked.error);
      };
    });
    return opened;
  }

  /** One transaction; resolves with what `work` gives (a request: its result) once it lies on the disk. */
  return async function within(name, mode, work) {
    const opening = await open();
    return new Promise((resolve, reject) => {
      const whole = opening.transaction(name, mode, { durability: "strict" });
      const asked = work(whole.objectStore(name));
      whole.oncomplete = () => resolve(asked?.result);
      whole.onabort = () => reject(whole.error);
    });
  };
}

/** For `within`: rows go of which this is true. */
const dropIf = (goes) => (store) => {
  store.openCursor().onsuccess = ({ target: { result: row } }) => {
    if (!row) return;
    if (goes(row.value)) row.delete();
    row.continue();
  };
};

const Store = (() => {
  const within = phoneBase("reports", { outbox: { keyPath: "id", autoIncrement: true }, typed: { keyPath: "where" } });

  const items = () => within("outbox", "readonly", (store) => store.getAll());
  const remove = (id) => within("outbox", "readwrite", (store) => store.delete(id));

  /** Another state of an item; nothing if it has gone meanwhile. */
  function mark(id, state) {
    return within("outbox", "readwrite", (store) => {
      store.get(id).onsuccess = (event) => {
        if (event.target.result) store.put({ ...event.target.result, state });
      };
    });
  }

  /** Put a report in line. The same report written again on this phone takes the place of the earlier one. */
  function put(item) {
    let made;
    return within("outbox", "readwrite", (store) => {
      store.getAll().onsuccess = (event) => {
        for (const old of event.target.result) {
          if (old.group === item.group && old.report === item.report) store.delete(old.id);
        }
        made = store.add(item);
      };
    }).then(() => made.result);
  }

  const typed = (where) => within("typed", "readonly", (store) => store.get(where));
  const keepTyped = (record) => within("typed", "readwrite", (store) => store.put(record));
  const dropTyped = (where) => within("typed", "readwrite", (store) => store.delete(where));

  /** Pages that the worker keeps. */
  async function dropPages() {
    if (!("caches" in window)) return;
    const names = (await caches.keys()).filter((name) => name.startsWith("report-"));
    await Promise.all(names.map((name) => caches.delete(name)));
  }

  /** Signing out: nothing of this group stays on the phone. */
  async function clear() {
    await within("outbox", "readwrite", (store) => store.clear());
    await within("typed", "readwrite", (store) => store.clear());
    await dropPages();
  }

  /** One of several cards leaves this phone: what the others wrote stays. */
  async function clearOf(card, groups) {
    await within("outbox", "readwrite", dropIf((item) => groups.includes(item.group)));
    await within("typed", "readwrite", dropIf((record) => record.where.startsWith(`${card} `)));
    await dropPages();
  }

  return { items, put, remove, mark, typed, keepTyped, dropTyped, dropPages, clear, clearOf };
})();
