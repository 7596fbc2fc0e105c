/**
 * The service worker: serves files and holds no business rules. It answers from what install stored and from whole
 * courses, without waiting for a network that is "connected" but dead. It touches no result and no cache it does not
 * own, and takes over from an older one only when a page says so.
 *
 * training/app.py assembles it behind answers.js and puts BUILD in front: version, files to store, shells.
 * Background Sync only wakes open pages: sending needs the store and the keys, and those live in one place, the page.
 */
import { WHOLE, digestOf, headersFrom, join, kindOf, languageOf, parts, ranged, within } from './answers.js';

/** @typedef {{version: string, files: string[], later: string[], shells: Record<string, string>,
 *   digests: Record<string, string>}} Build later: not before a course is kept; shells: with the app's own pages behind
 *   each; digests: by address, of those */
/** @type {Build} */
const build = /** @type {any} */ (globalThis).BUILD;
const worker = /** @type {any} */ (globalThis);
const OWN = `app-${build.version}`;
/** How long (ms) a page may wait for the network before the person is told. */
const PATIENCE = 8_000;

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener('message', (/** @type {any} */ event) => {
  if (event.data === 'update') worker.skipWaiting();
  if (event.data === 'claim') event.waitUntil(worker.clients.claim());
  if (event.data === 'course') {
    const answer = () => event.ports[0] && event.ports[0].postMessage('stored');
    event.waitUntil(keep(build.later).then(answer, answer));
  }
});
worker.addEventListener('sync', (/** @type {any} */ event) => event.waitUntil(wakePages()));
worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const kind = kindOf(request, location.origin);
  if (kind === 'page') event.respondWith(page(request, event));
  if (kind === 'media') event.respondWith(media(request));
  if (kind === 'static') event.respondWith(file(request));
});

/** The other language and what only courses need are stored when this phone has a use for them, or had before. */
async function install() {
  const files = build.files.slice();
  const open = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const language of Object.keys(build.shells)) {
    const used = open.some((/** @type {any} */ { url }) => languageOf(new URL(url).pathname) === language);
    if (files.includes(build.shells[language])) continue;
    if (used || (await caches.match(build.shells[language]))) files.push(build.shells[language]);
  }
  if ((await caches.keys()).some((name) => name.startsWith('course-'))) files.push(...build.later);
  await keep(files);
}

/**
 * Store what is missing; what an interrupted install or an older version has under the same hash is not fetched.
 * @param {string[]} urls
 */
async function keep(urls) {
  const cache = await caches.open(OWN);
  const queue = urls.slice();
  const next = async () => {
    for (let url = queue.shift(); url; url = queue.shift()) {
      if (await cache.match(url)) continue;
      const hashed = url.startsWith('/static/');
      const known = hashed && (await caches.match(url));
      const response = known || (await fetch(url, { cache: hashed ? 'default' : 'reload' }));
      // A sign-in page, a captive portal, a "back soon", or a shell of the release before from a server not yet restarted
      // must not be kept as our file: the install fails and is tried again. The only HTML of ours are the shells.
      const html = /html/.test(response.headers.get('Content-Type') || 'html');
      const ours = !html || (await digestOf(await response.clone().text())) === build.digests[url];
      if (response.status !== 200 || response.redirected || !ours) throw new Error(url);
      await cache.put(url, response);
    }
  };
  await Promise.all([next(), next(), next()]);
}

/** What came with the first course, if that was cut: else a page of the app would be missing until the next version. */
async function keepLater() {
  const kept = await Promise.all(build.later.map(own));
  if (!kept.every(Boolean) && (await caches.keys()).some((name) => name.startsWith('course-'))) await keep(build.later);
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith('app-') && name !== OWN) await caches.delete(name);
  }
  await worker.clients.claim();
}

async function wakePages() {
  for (const client of await worker.clients.matchAll({ type: 'window' })) client.postMessage('deliver');
}

/** @param {string} url @returns {Promise<Response | undefined>} */
const own = (url) => caches.match(url, { cacheName: OWN });

/** @param {Request} request */
async function file(request) {
  return (await own(new URL(request.url).pathname)) || fetch(request);
}

/**
 * A worker that was just started answers from storage, where each look-up is a trip to another process: those that
 * need nothing of each other go together.
 * @param {Request} request @param {any} event
 */
async function page(request, event) {
  const path = new URL(request.url).pathname;
  const shell = shellOf(languageOf(path));
  const kept = (await coursePage(path, shell)) || (await appPage(path, shell));
  event.waitUntil(keepLater().catch(() => {}));
  if (kept) return kept;
  try {
    const response = await within(fetch(request), PATIENCE);
    // The first page in a language that this phone had no use for until now.
    if (!(await own(build.shells[languageOf(path)]))) event.waitUntil(keep([build.shells[languageOf(path)]]).catch(() => {}));
    if (![502, 503, 504].includes(response.status)) return response;
  } catch (error) {
    // No network, or none that answers.
  }
  // Without the language's own, in the first one.
  const plain = path.replace(/^\/en(?=\/)/, '');
  const instead = languageOf(path) === 'en' && (await appPage('/en/offline/'));
  return instead || (await appPage(plain)) || (await appPage('/offline/')) || Response.error();
}

/**
 * A page of a course this phone holds whole; the newest if two editions are whole for a moment.
 * @param {string} path @param {Shell} shell
 */
async function coursePage(path, shell) {
  const courses = (await caches.keys()).filter((name) => name.startsWith('course-')).reverse();
  const look = (/** @type {string} */ cacheName) =>
    Promise.all([path, WHOLE].map((url) => caches.match(url, { cacheName }))).then(([kept, whole]) => whole && kept);
  const kept = (await Promise.all(courses.map(look))).find(Boolean);
  if (!kept) return null;
  return compose(path, shell, {
    title: decodeURIComponent(kept.headers.get('X-Title') || ''),
    description: decodeURIComponent(kept.headers.get('X-Description') || ''),
    lang: kept.headers.get('Content-Language') || languageOf(path),
    main: await kept.text(),
  });
}

/**
 * My courses, results, storage, offline: without a person in them; their scripts fill them in.
 * @param {string} path @param {Shell} [shell]
 */
async function appPage(path, shell = shellOf(languageOf(path))) {
  const kept = await shell;
  const found = kept && JSON.parse(kept.pages)[path];
  return found ? compose(path, shell, found) : null;
}

/** @typedef {Promise<{text: string, pages: string, headers: Headers} | null>} Shell */

/** Where the language has no shell here, the first one's. @param {string} language @returns {Shell} */
async function shellOf(language) {
  const kept = (await own(build.shells[language])) || (await own(build.shells.vi));
  return kept ? { ...parts(await kept.text()), headers: kept.headers } : null;
}

/** @param {string} path @param {Shell} shell @param {Parameters<typeof join>[1]} content */
async function compose(path, shell, content) {
  const found = await shell;
  return found && new Response(join(found.text, content, languageOf(path)), { headers: headersFrom(found.headers) });
}

/** Files of courses: by address, never by request (Vary would make it miss). @param {Request} request */
async function media(request) {
  const { pathname, searchParams } = new URL(request.url);
  const kept = await caches.match(pathname);
  if (kept) return ranged(kept, request.headers.get('Range'));
  const small = /^[0-9a-f]{64}$/.test(searchParams.get('s') || '') && searchParams.get('s');
  const instead = small && (await caches.match(pathname.replace(/[0-9a-f]{64}/, small)));
  if (!instead) return fetch(request);
  // The wide variant of a picture is never downloaded; offline the small one shows the same.
  return within(fetch(request), 3_000).catch(() => instead);
}
