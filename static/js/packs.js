/**
 * Courses kept on this phone (docs/course-packs.md): downloaded whole or not at all, every item and file checked by
 * its hash. All parts go into a cache of their own, which the pointer in the store names as the next; with one mark in
 * that cache it is whole, served and pointed at; then the older one goes. Used by the course and storage pages.
 */
import { DEVICE, StoreError, WHOLE, alone, change, dropPack, emit, get, on, packs, putPack } from './store.js';
import { sha256, soon, state } from './identity.js';
import { record } from './outbox.js';

const MIB = 1 << 20;
const AT_ONCE = 3;

const running = /** @type {Map<string, AbortController>} */ (new Map());
on('stop', (course) => running.get(course)?.abort());

/** @param {string} code @param {unknown} [cause] @returns {never} */
function fail(code, cause) {
  throw new StoreError(code, cause);
}

/** JSON in the one spelling hashes are made of. @param {any} value */
function canonical(value) {
  const sorted = (/** @type {string} */ key, /** @type {any} */ found) =>
    found && typeof found === 'object' && !Array.isArray(found)
      ? Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)))
      : found;
  return JSON.stringify(value, sorted).normalize('NFC');
}

export const itemHash = (/** @type {PackItem} */ { path, title, lang, html, data }) =>
  sha256([path, title, lang, html, canonical(data)].join('\n'));

/** @param {string[]} order @param {Record<string, {hash: string}>} items @param {PackMedia[]} media @param {string} edition */
export function packHash(order, items, media, edition) {
  const lines = order.map((key) => `${key} ${items[key] ? items[key].hash : ''}`);
  return sha256([...lines, ...media.map((file) => `media ${file.sha256}`).sort(), `edition ${edition}`].join('\n'));
}

/** Where nothing comes for half a minute, there is no network: download() ends what hangs. @template T @param {Promise<T>} coming */
async function come(coming) {
  const reason = (/** @type {any} */ error) => fail(error && error.name === 'AbortError' ? 'cancelled' : 'offline', error);
  return (await soon(coming, 30_000).catch(reason)) || fail('offline');
}

/**
 * An answer that really is the server's: not a sign-in page, not a captive portal, not an error.
 * @param {string} url @param {RequestInit} options @param {number[]} expected
 */
async function ask(url, options, ...expected) {
  const response = await come(fetch(url, options));
  if (response.redirected) fail('portal');
  const { status } = response;
  if (expected.length ? expected.includes(status) : status === 200) return response;
  return fail({ 401: 'signed_out', 403: 'gone', 404: 'gone' }[status] || (status < 400 ? 'portal' : 'server'), status);
}

/** The body, telling of each part as it comes. @param {Response} response @param {(bytes: number) => void} came */
async function bodyOf(response, came) {
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader();
  const parts = [];
  for (;;) {
    const { done, value } = await come(reader.read());
    if (done) return new Blob(parts).arrayBuffer();
    parts.push(value);
    came(value.byteLength);
  }
}

/** Storage that is full says so under several names. @param {any} error @returns {never} */
function refused(error) {
  if (error instanceof StoreError) throw error;
  return fail(error && /quota/i.test(`${error.name} ${error.message}`) ? 'full' : 'failed', error);
}

/**
 * One file into the new cache, fetched unless any cache has it: it is named by its content.
 * @param {Cache} cache @param {PackMedia} file @param {AbortSignal} signal @param {(bytes: number) => void} came
 */
async function keepMedia(cache, file, signal, came) {
  if (await cache.match(file.url)) return came(file.bytes);
  const elsewhere = await caches.match(file.url);
  if (elsewhere) {
    await cache.put(file.url, elsewhere).catch(refused);
    return came(file.bytes);
  }
  if (file.pieces.length) return keepPieces(cache, file, signal, came);
  const response = await ask(file.url, { signal });
  const travelled = file.bytes / file.raw_bytes || 0;
  const body = await bodyOf(response, (bytes) => came(bytes * travelled));
  if ((await sha256(body)) !== file.sha256) fail('damaged', file.url);
  await cache.put(file.url, new Response(body, { headers: headersOf(response, file) })).catch(refused);
}

/**
 * A large file, MiB by MiB: each is checked and kept, so that a cut costs at most one.
 * @param {Cache} cache @param {PackMedia} file @param {AbortSignal} signal @param {(bytes: number) => void} came
 */
async function keepPieces(cache, file, signal, came) {
  /** @type {Headers | undefined} */
  let headers;
  const blobs = [];
  for (let n = 0; n < file.pieces.length; n += 1) {
    const name = `${file.url}?piece=${n}`;
    let piece = await cache.match(name);
    if (piece) came(Math.min(MIB, file.raw_bytes - n * MIB));
    else {
      const last = Math.min((n + 1) * MIB, file.raw_bytes) - 1;
      const response = await ask(file.url, { signal, headers: { Range: `bytes=${n * MIB}-${last}` } }, 206);
      const body = await bodyOf(response, came);
      if ((await sha256(body)) !== file.pieces[n]) fail('damaged', name);
      await cache.put(name, new Response(body, { headers: headersOf(response, file) })).catch(refused);
      piece = /** @type {Response} */ (await cache.match(name));
    }
    headers = piece.headers;
    blobs.push(await piece.blob());
  }
  await cache.put(file.url, new Response(new Blob(blobs), { headers })).catch(refused);
  for (let n = 0; n < file.pieces.length; n += 1) await cache.delete(`${file.url}?piece=${n}`);
}

/** @param {Response} response @param {PackMedia} file */
function headersOf(response, file) {
  const headers = new Headers({ 'Content-Type': file.type });
  for (const name of ['Content-Security-Policy', 'X-Content-Type-Options', 'Content-Disposition']) {
    const value = response.headers.get(name);
    if (value) headers.set(name, value);
  }
  return headers;
}

/** @param {PackItem} item */
function pageOf(item) {
  const [title, description] = [item.title, item.description || ''].map(encodeURIComponent);
  const type = 'text/html; charset=utf-8';
  return new Response(item.html, {
    headers: { 'Content-Type': type, 'Content-Language': item.lang, 'X-Title': title, 'X-Description': description },
  });
}

/** @param {string} course @param {string} lang */
const idOf = (course, lang) => `${course} ${lang}`;

/**
 * Download a course, or what changed of it. Rejects with a StoreError whose code says why; what the phone held
 * before stays whole and in use.
 * @param {string} course @param {string} lang
 * @param {(progress: {done: number, total: number}) => void} [onProgress] in bytes as they travel
 * @returns {Promise<HeldPack>}
 */
export async function download(course, lang, onProgress = () => {}) {
  if (!('caches' in globalThis)) fail('unsupported');
  const control = new AbortController();
  let told = -Infinity;
  const tell = (/** @type {{done: number, total: number}} */ progress) => {
    onProgress(progress);
    if (performance.now() - told < 150) return;
    told = performance.now();
    emit('progress', { course, ...progress });
  };
  const work = async () => {
    running.set(course, control);
    await change(DEVICE, 'wanted', (wanted) => ({ ...wanted, [course]: lang }));
    emit('packs', course);
    try {
      const now = await fetchPack(course, lang, control.signal, tell).catch(async (error) => {
        // A difference that doesn't fit what is here: once more, for everything.
        const differs = error.code === 'damaged' && (await held()).some(({ id }) => id === idOf(course, lang));
        return differs ? fetchPack(course, lang, control.signal, tell, true) : Promise.reject(error);
      });
      await unwant(course);
      return now;
    } catch (error) {
      // A cut is taken up again by itself; everything else waits for the person.
      if (!(error instanceof StoreError && error.code === 'offline')) await unwant(course);
      throw error;
    } finally {
      control.abort();
      running.delete(course);
    }
  };
  try {
    return (await alone(`pack-${course}`, work, true)) || fail('busy');
  } finally {
    // Not before other tabs see that nobody is at it any more.
    emit('packs', course);
  }
}

/** @param {string} course */
function unwant(course) {
  return change(DEVICE, 'wanted', ({ [course]: gone, ...rest } = {}) => rest);
}

/** Take up downloads that a lost network cut. */
export async function resume() {
  for (const [course, lang] of Object.entries((await get(DEVICE, 'wanted')) || {})) {
    await download(course, lang).catch(() => {});
  }
}

/** Also what another tab downloads. @param {string} course */
export const cancel = (course) => emit('stop', course);

/**
 * @param {string} course @param {string} lang @param {AbortSignal} signal
 * @param {(progress: {done: number, total: number}) => void} onProgress @param {boolean} [whole] not what changed
 */
async function fetchPack(course, lang, signal, onProgress, whole = false) {
  const before = (await held()).find(({ id }) => id === idOf(course, lang));
  const have = whole ? undefined : before;
  if (!before && navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => false);
  const heard = await state();
  const known = heard && heard.courses.find((candidate) => candidate.course === course);
  const size = (known && known.packs[lang]) || { bytes: 0, media_bytes: 0 };
  let total = before ? 0 : size.bytes + size.media_bytes;
  let done = 0;
  const came = (/** @type {number} */ bytes) => {
    done += bytes;
    onProgress({ done: Math.min(Math.round(done), total), total });
  };
  came(0);

  const url = `/api/courses/${course}/pack/?lang=${lang}${have ? `&have=${have.pack}` : ''}`;
  // Not by way of the browser's cache: over plain HTTP it takes headers cut off for an empty answer, keeps that under the
  // ETag, and serves it for good.
  const response = await ask(url, { signal, cache: 'no-store' }, 200, have ? 304 : 200);
  // The phone heard of another pack than there is now: what it holds is the newest.
  if (have && response.status === 304) return settle(have);
  const text = await bodyOf(response, () => {});
  /** @type {Pack} */
  let pack;
  try {
    pack = JSON.parse(new TextDecoder().decode(text));
  } catch (error) {
    return fail('portal', error);
  }
  if (pack.format !== 1 || pack.course !== course || pack.lang !== lang) fail('damaged', 'not the pack asked for');
  const old = have && pack.from === have.pack ? have : null;
  if (pack.from && !old) fail('damaged', 'a difference to another pack');

  const pages = await checkedPages(pack, old);
  const media = mediaOf(pack, old, pages);
  const items = Object.fromEntries(Object.entries(pages).map(([key, { path, hash, title }]) => [key, { path, hash, title }]));
  if ((await packHash(pack.order, items, media, pack.edition)) !== pack.pack) fail('damaged', 'hash of the pack');

  const name = `course-${course}-${lang}-${pack.pack}`;
  const textBytes = Number(response.headers.get('Content-Length')) || (old ? text.byteLength : size.bytes);
  total = textBytes + media.reduce((sum, file) => sum + file.bytes, 0);
  came(textBytes);
  await makeRoom(media, text.byteLength);
  /** @type {HeldPack} */
  const pointer = {
    id: idOf(course, lang), course, lang, pack: pack.pack, edition: pack.edition, cache: name, order: pack.order, items, media,
    bytes: total, at: new Date().toISOString(),
  };
  try {
    const cache = await caches.open(name);
    for (const { path, page } of Object.values(pages)) await cache.put(path, page).catch(refused);
    const queue = media.slice();
    const fetchNext = async () => {
      for (let file = queue.shift(); file; file = queue.shift()) await keepMedia(cache, file, signal, came);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fetchNext));
    await putPack({ ...(before || { id: pointer.id }), next: pointer });
    await cache.put(WHOLE, new Response(pack.pack)).catch(refused);
    await settle(pointer);
  } catch (error) {
    // No room: what came is given back, results need the place. After a cut it stays and the next try goes on.
    if (error instanceof StoreError && ['full', 'damaged'].includes(error.code)) await caches.delete(name);
    throw error;
  }
  await tellWorker();
  // Evidence that she has it; she may be studying a public course without having signed in.
  await record('course_downloaded', course, pack.edition, { pack: pack.pack }).catch(() => {});
  return pointer;
}

/**
 * The worker stores now what only phones with courses need: without it the page of what is stored would not open
 * offline. A worker that does not answer keeps nobody waiting for long.
 */
async function tellWorker() {
  const worker = typeof navigator === 'object' && navigator.serviceWorker;
  if (!worker) return;
  const { port1, port2 } = new MessageChannel();
  const stored = worker.ready.then(({ active }) => new Promise((done) => {
    port1.onmessage = done;
    if (active) active.postMessage('course', [port2]);
  }));
  await soon(stored);
  port1.close();
}

/**
 * What an update would download, in bytes as they travel; null while the server can't be asked.
 * @param {string} course @param {string} lang @returns {Promise<number | null>}
 */
export async function updateSize(course, lang) {
  const before = (await held()).find(({ id }) => id === idOf(course, lang));
  if (!before) return null;
  const url = `/api/courses/${course}/pack/?lang=${lang}&have=${before.pack}`;
  const response = await soon(fetch(url, { method: 'HEAD', cache: 'no-store' }).catch(() => null));
  return (response && response.status === 200 && !response.redirected && Number(response.headers.get('X-Download-Bytes'))) || null;
}

/**
 * Every page of the new pack with its hash checked: changed ones from the answer, the others from the old cache.
 * @param {Pack} pack @param {HeldPack | null} old
 */
async function checkedPages(pack, old) {
  /** @type {Record<string, {path: string, hash: string, title: string, html: string, page: Response}>} */
  const pages = {};
  for (const item of pack.items) {
    if ((await itemHash(item)) !== item.hash) fail('damaged', item.path);
    pages[item.key] = { ...item, page: pageOf(item) };
  }
  const oldCache = old && (await caches.open(old.cache));
  for (const key of pack.order) {
    if (pages[key]) continue;
    const kept = old && old.items[key];
    const page = kept && oldCache && (await oldCache.match(kept.path));
    if (!page) return fail('damaged', `no item ${key}`);
    pages[key] = { ...kept, html: await page.clone().text(), page };
  }
  return pages;
}

/**
 * The files of the new pack. A difference names only the new ones: of the old those stay that a page still shows.
 * @param {Pack} pack @param {HeldPack | null} old @param {Record<string, {html: string}>} pages
 */
function mediaOf(pack, old, pages) {
  if (!old) return pack.media;
  const html = Object.values(pages).map((page) => page.html).join();
  const named = new Set(pack.media.map((file) => file.sha256));
  return [...pack.media, ...old.media.filter((file) => !named.has(file.sha256) && html.includes(file.sha256))];
}

/** @param {PackMedia[]} media @param {number} text */
async function makeRoom(media, text) {
  const needed = media.reduce((sum, file) => sum + file.raw_bytes, text * 2);
  const { free } = await room();
  if (free !== null && free < needed) fail('full', needed - free);
}

/** The edition that is served is the only one; a cut may have left this undone. @param {HeldPack} pointer */
async function settle(pointer) {
  await putPack(pointer);
  await dropCaches(pointer.course, pointer.lang, pointer.cache);
  return pointer;
}

/** Older and half-made caches of a course go. @param {string} course @param {string} lang @param {string} [except] */
async function dropCaches(course, lang, except) {
  for (const name of await caches.keys()) {
    if (name.startsWith(`course-${course}-${lang}`) && name !== except) await caches.delete(name);
  }
}

/** Free the room a course takes in a language; results are elsewhere and stay. @param {string} course @param {string} lang */
export async function remove(course, lang) {
  cancel(course);
  await unwant(course);
  await dropCaches(course, lang);
  await dropPack(idOf(course, lang));
  emit('packs', course);
}

/** What this phone holds whole. A cache that the browser took away is no longer held. */
export async function held() {
  const whole = [];
  for (const pack of await packs()) {
    if (await caches.match(WHOLE, { cacheName: pack.cache })) whole.push(pack);
    else await dropPack(pack.id, pack.cache);
  }
  return whole;
}

/**
 * @param {string} course @param {PersonalState | null} heard @param {string} lang
 * @returns {Promise<'none' | 'downloading' | 'ready' | 'update'>}
 */
export async function statusOf(course, heard, lang) {
  const { locks } = navigator;
  const elsewhere = locks && locks.query && ((await locks.query()).held || []).some(({ name }) => name === `pack-${course}`);
  if (running.has(course) || elsewhere) return 'downloading';
  const pack = 'caches' in globalThis && (await held()).find(({ id }) => id === idOf(course, lang));
  if (!pack) return 'none';
  const known = heard && heard.courses.find((candidate) => candidate.course === course);
  const newest = known && known.packs[lang];
  return newest && newest.hash !== pack.pack ? 'update' : 'ready';
}

/** @returns {Promise<{used: number | null, free: number | null, persisted: boolean}>} null: the browser won't say */
export async function room() {
  const { storage } = navigator;
  const { usage = null, quota = null } = storage && storage.estimate ? await storage.estimate() : {};
  const persisted = Boolean(storage && storage.persisted && (await storage.persisted()));
  return { used: usage, free: quota === null || usage === null ? null : quota - usage, persisted };
}
