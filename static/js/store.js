/**
 * All that this phone keeps, and the only module that touches IndexedDB. One database for the device (what it is
 * working on, server key, packs) and one for each official (events, state, drafts), so that nobody reads another's.
 * Also tells this tab and the others what changed: on(), emit().
 *
 * Places are named by the official's public id; DEVICE is the device's own database.
 */

export const DEVICE = '';

/** What the store refused, in one word a page has a sentence for: refused, blocked, full, failed. */
export class StoreError extends Error {
  /** @param {string} code @param {unknown} [cause] */
  constructor(code, cause) {
    super(`${code}: ${cause || ''}`);
    this.code = code;
  }
}

/** @param {any} error */
function refusal(error) {
  if (error instanceof StoreError) return error;
  const name = error && error.name;
  if (name === 'QuotaExceededError') return new StoreError('full', error);
  return new StoreError(name === 'SecurityError' || name === 'InvalidStateError' ? 'refused' : 'failed', error);
}

/** @type {Map<string, Promise<IDBDatabase>>} */
const opened = new Map();

/** @param {string} place @returns {Promise<IDBDatabase>} */
function open(place) {
  let database = opened.get(place);
  if (!database) {
    database = new Promise((resolve, reject) => {
      const request = indexedDB.open(place ? `official-${place}` : 'device', 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('kv');
        if (!place) {
          request.result.createObjectStore('rows', { keyPath: 'id' });
          return;
        }
        const events = request.result.createObjectStore('rows', { keyPath: 'seq' });
        events.createIndex('id', 'id', { unique: true });
        events.createIndex('open', 'open');
      };
      request.onblocked = () => reject(new StoreError('blocked'));
      request.onerror = () => reject(refusal(request.error));
      request.onsuccess = () => {
        // A newer version of this page in another tab, or the browser itself, may want the database back.
        request.result.onversionchange = () => {
          request.result.close();
          opened.delete(place);
        };
        request.result.onclose = () => opened.delete(place);
        resolve(request.result);
      };
    });
    opened.set(place, database);
    database.catch(() => opened.delete(place));
  }
  // Where IndexedDB itself is missing or forbidden, naming it throws: that rejects too.
  return database;
}

/**
 * One transaction; resolves after it is on the disk (strict), with what body handed to `give`.
 * @template T
 * @param {string} place
 * @param {IDBTransactionMode} mode
 * @param {(kv: IDBObjectStore, rows: IDBObjectStore, give: (value: T) => void) => void} body
 * @returns {Promise<T>}
 */
async function transact(place, mode, body) {
  const tx = await begin(place, mode).catch(() => {
    // Browsers close databases of pages in the background: open it anew, once.
    opened.delete(place);
    return begin(place, mode);
  });
  return new Promise((resolve, reject) => {
    /** @type {any} */
    let result;
    tx.oncomplete = () => resolve(result);
    tx.onabort = () => reject(refusal(tx.error));
    body(tx.objectStore('kv'), tx.objectStore('rows'), (value) => (result = value));
  });
}

/** @param {string} place @param {IDBTransactionMode} mode */
async function begin(place, mode) {
  try {
    return (await open(place)).transaction(['kv', 'rows'], mode, { durability: 'strict' });
  } catch (error) {
    throw error instanceof StoreError ? error : new StoreError('refused', error);
  }
}

/** @template T @param {IDBRequest<T>} request @param {(value: T) => void} then */
const after = (request, then) => (request.onsuccess = () => then(request.result));

/** @param {string} place @param {string} key @returns {Promise<any>} undefined when there is none */
export function get(place, key) {
  return transact(place, 'readonly', (kv, rows, give) => after(kv.get(key), give));
}

/** @param {string} place @param {string} key @param {any} value undefined deletes */
export function put(place, key, value) {
  return transact(place, 'readwrite', (kv) => void (value === undefined ? kv.delete(key) : kv.put(value, key)));
}

/**
 * Read, change and write one value with nobody in between.
 * @param {string} place @param {string} key @param {(old: any) => any} how @returns {Promise<any>} the new value
 */
export function change(place, key, how) {
  return transact(place, 'readwrite', (kv, rows, give) =>
    after(kv.get(key), (old) => {
      const value = how(old);
      kv.put(value, key);
      give(value);
    }),
  );
}

// --- events of an official ---------------------------------------------------------------------------------------

/**
 * The seq the next event gets: one more than any that was ever used, also by events that are pruned since.
 * @param {string} official @returns {Promise<number>}
 */
export async function nextSeq(official) {
  return ((await get(official, 'seq')) || 0) + 1;
}

/**
 * Write an event, the counter and what must not be without it together. False, and nothing written, when another tab
 * took the seq meanwhile.
 * @param {string} official @param {StoredEvent} event @param {[string, any]} [beside] key and value
 * @returns {Promise<boolean>}
 */
export function addEvent(official, event, beside) {
  return transact(official, 'readwrite', (kv, rows, give) =>
    after(kv.get('seq'), (used) => {
      if ((used || 0) + 1 !== event.seq) return give(false);
      const request = rows.add(event);
      request.onerror = (failure) => {
        if (request.error && request.error.name === 'ConstraintError') {
          failure.preventDefault();
          // The counter is behind the events (half of it was lost): step over what is taken.
          kv.put(event.seq, 'seq');
          give(false);
        }
      };
      after(request, () => {
        kv.put(event.seq, 'seq');
        if (beside) kv.put(beside[1], beside[0]);
        give(true);
      });
    }),
  );
}

/** @param {string} official @param {number} [above] only those with a higher seq @returns {Promise<StoredEvent[]>} */
export function events(official, above = 0) {
  return transact(official, 'readonly', (kv, rows, give) =>
    after(rows.getAll(IDBKeyRange.lowerBound(above, true)), give),
  );
}

/** Events without a final verdict. @param {string} official @returns {Promise<StoredEvent[]>} */
export function openEvents(official) {
  return transact(official, 'readonly', (kv, rows, give) => after(rows.index('open').getAll(), give));
}

/**
 * Change events in one transaction; `how` gets each as it is now and changes it in place.
 * @param {string} official @param {number[]} seqs @param {(event: StoredEvent) => void} how
 */
export function changeEvents(official, seqs, how) {
  return transact(official, 'readwrite', (kv, rows) => {
    for (const seq of seqs) {
      after(rows.get(seq), (event) => {
        if (!event) return;
        how(event);
        rows.put(event);
      });
    }
  });
}

/** Forget events; their seqs stay used. @param {string} official @param {number[]} seqs */
export function dropEvents(official, seqs) {
  return transact(official, 'readwrite', (kv, rows) => seqs.forEach((seq) => rows.delete(seq)));
}

// --- packs of the device -----------------------------------------------------------------------------------------

/** The entry that makes a course's cache whole, which is what is served from; static/js/worker/answers.js knows it too. */
export const WHOLE = '/_whole';

/**
 * Courses on this phone. Between two editions the row has both: that one counts whose cache the worker serves.
 * @returns {Promise<HeldPack[]>}
 */
export async function packs() {
  /** @type {HeldPack[]} */
  const kept = await transact(DEVICE, 'readonly', (kv, rows, give) => after(rows.getAll(), give));
  const served = kept.map(async (row) => (row.next && (await caches.match(WHOLE, { cacheName: row.next.cache })) ? row.next : row));
  return (await Promise.all(served)).filter(({ cache }) => cache);
}

/** @param {HeldPack | {id: string, next: HeldPack}} pack */
export function putPack(pack) {
  return transact(DEVICE, 'readwrite', (kv, rows) => void rows.put(pack));
}

/** @param {string} id @param {string} [cache] only if it is still in this one */
export function dropPack(id, cache) {
  return transact(DEVICE, 'readwrite', (kv, rows) =>
    after(rows.get(id), (row) => {
      if (cache && (!row || row.cache !== cache)) return;
      if (cache && row.next) rows.put({ id, next: row.next });
      else rows.delete(id);
    }),
  );
}

// --- one at a time -----------------------------------------------------------------------------------------------

/** @type {Map<string, Promise<any>>} */
const queues = new Map();

/**
 * Run alone under a name, among all tabs where the browser has Web Locks, else in this tab. With `ifFree` it does
 * not wait: it resolves to undefined when somebody else is at it.
 * @template T
 * @param {string} name @param {() => Promise<T>} work @param {boolean} [ifFree] @returns {Promise<T|undefined>}
 */
export async function alone(name, work, ifFree = false) {
  if (typeof navigator === 'object' && navigator.locks) {
    return navigator.locks.request(name, { ifAvailable: ifFree }, (lock) => (lock ? work() : undefined));
  }
  const before = queues.get(name);
  if (before && ifFree) return undefined;
  const turn = (before || Promise.resolve()).then(work, work);
  const settled = turn.then(
    () => {},
    () => {},
  );
  queues.set(name, settled);
  settled.then(() => queues.get(name) === settled && queues.delete(name));
  return turn;
}

// --- what changed ------------------------------------------------------------------------------------------------

/** @typedef {(detail?: any, elsewhere?: boolean) => void} Listener `elsewhere`: it happened in another tab */
/** @type {Map<string, Set<Listener>>} */
const listeners = new Map();
const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('phone') : null;
if (channel) channel.onmessage = ({ data }) => tell(data.name, data.detail, true);

/** @param {string} name @param {any} detail @param {boolean} [elsewhere] */
function tell(name, detail, elsewhere = false) {
  for (const listener of listeners.get(name) || []) listener(detail, elsewhere);
}

/**
 * @param {string} name recorded, results, counted; state, reached, registered; identity, session, other; packs, progress,
 * stop
 * @param {Listener} listener
 */
export function on(name, listener) {
  listeners.set(name, (listeners.get(name) || new Set()).add(listener));
}

/** @param {string} name @param {any} [detail] */
export function emit(name, detail) {
  tell(name, detail);
  if (channel) channel.postMessage({ name, detail });
}
