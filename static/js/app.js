/**
 * The entry module of every learner page. Starts delivery and the service worker, writes the person's name and the
 * network bar into the shell, asks for the personal state, then starts the module of the page.
 *
 * A page whose <main> has data-module="lesson" gets pages/lesson.js started: `start(main, app)`, with `app` as made
 * at the end of this file (type App in types.d.ts). A page module takes what else it needs straight from identity.js,
 * outbox.js, deliver.js, packs.js, marking.js and on() of store.js, never from here: a circle has no stable hash.
 * A new page module is a new line in PAGES.
 *
 * Hooks in the shell: [data-who], [data-net] with [data-net-text] in it, [data-waiting], #words. Anywhere:
 * [data-action="send-now"].
 */
import { DEVICE, alone, get, on } from './store.js';
import { ask, busy as holdPerson, current, finishLeaving, isLeaving, refresh } from './identity.js';
import { pendingCount } from './outbox.js';
import { kick, lastSent, sendNow, watch } from './deliver.js';

/** Spelled out one by one, because each name is replaced by its hashed one.
 * @type {Record<string, () => Promise<{start(main: HTMLElement, app: App): void | Promise<void>}>>} */
const PAGES = {
  account: () => import('./pages/account.js'),
  course: () => import('./pages/course.js'),
  lesson: () => import('./pages/lesson.js'),
  me: () => import('./pages/me.js'),
  offline: () => import('./pages/offline.js'),
  open: () => import('./pages/open.js'),
  quiz: () => import('./pages/quiz.js'),
  results: () => import('./pages/results.js'),
  signin: () => import('./pages/signin.js'),
  storage: () => import('./pages/storage.js'),
};
/** Pages that are somebody's: without a person they lead to the sign-in. */
const PERSONAL = ['me', 'results', 'account'];
/** How old (ms) the personal state may be before a page that only shows a lesson asks again. */
const FRESH = { lesson: 600_000, storage: 600_000, offline: 600_000 };

const main = /** @type {HTMLElement} */ (document.querySelector('main') || document.body);
const kind = main.dataset.module || '';
const language = location.pathname.startsWith('/en/') ? 'en' : 'vi';
const words = JSON.parse((document.getElementById('words') || {}).textContent || '{}');

/** @param {string} key @param {Record<string, string | number>} [values] */
function t(key, values = {}) {
  const word = words[key] || key;
  const text = Array.isArray(word) ? word[values.n === 1 ? 0 : word.length - 1] : word;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ hole, /** @type {string} */ name) =>
    name in values ? (typeof values[name] === 'number' ? number(/** @type {number} */ (values[name])) : values[name]) : hole,
  );
}

/** @param {number} value */
const number = (value, digits = 0) => value.toLocaleString(language, { maximumFractionDigits: digits });

/** 1 MB = 1,000,000 bytes, as phones count. @param {number} value */
function bytes(value) {
  if (value < 1000) return `${number(value)} B`;
  if (value < 999_500) return `${number(value / 1000)} KB`;
  return value < 999.5e6 ? `${number(value / 1e6, 1)} MB` : `${number(value / 1e9, 1)} GB`;
}

/** Today by the clock, another day with its date. @param {string | number} when */
function time(when) {
  const date = new Date(when);
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date().toDateString()) return clock;
  return `${clock}, ${two(date.getDate())}/${two(date.getMonth() + 1)}/${date.getFullYear()}`;
}

/** @param {Element | null} svg @param {string} name */
function icon(svg, name) {
  const use = svg && svg.querySelector('use');
  const was = use && String(use.getAttribute('href'));
  // Pages of ours have the icons inside; fragments name them at their stable address.
  const href = was && was.replace(/(#i-|#).*/, `$1${name}`);
  if (use && href && href !== was) use.setAttribute('href', href);
}

/** The same again would lay the page out anew and be read aloud once more. @param {Element | null} place @param {string} text */
function write(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

/** A sentence above the page, with at most one thing to do about it. @param {string} text @param {string} [label] @param {() => void} [act] */
function notice(text, label, act) {
  const note = document.createElement('section');
  note.className = 'note';
  note.setAttribute('role', 'status');
  note.append(Object.assign(document.createElement('p'), { textContent: text }));
  if (label && act) {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn2', textContent: label });
    button.addEventListener('click', act);
    note.append(button);
  }
  main.prepend(note);
}

// --- the frame: who, network, what waits -------------------------------------------------------------------------

/** Shells are the same for every page: which tab this is, the address says. */
function showTab() {
  const here = document.querySelector(`.nav a[href="${location.pathname}"]`);
  if (!here) return;
  document.querySelectorAll('.nav [aria-current]').forEach((tab) => tab.removeAttribute('aria-current'));
  here.setAttribute('aria-current', 'page');
}

async function showPerson() {
  const who = await current();
  const left = !who && (await isLeaving());
  if (who || left) document.querySelectorAll('[data-who]').forEach((place) => (place.textContent = who ? who.name : ''));
}

async function showNetwork() {
  const waiting = await pendingCount();
  const sent = await lastSent();
  const online = navigator.onLine !== false;
  const rest = waiting ? t('pending', { n: waiting }) : sent ? t('allSent', { time: time(sent) }) : t('nothingWaiting');
  document.querySelectorAll('[data-net]').forEach((bar) => {
    bar.setAttribute('data-pending', String(waiting));
    icon(bar.querySelector('svg'), online ? 'net' : 'nonet');
    write(bar.querySelector('[data-net-text]'), `${t(online ? 'online' : 'offline')} · ${rest}`);
  });
  document.querySelectorAll('[data-waiting]').forEach((badge) => {
    write(badge, String(waiting));
    badge.toggleAttribute('hidden', !waiting);
  });
}

// --- the worker --------------------------------------------------------------------------------------------------

/** @type {(() => void) | null} */
let release = null;
let working = false;

/** A quiz is under way: nobody reloads this page, updates the app or changes the person, in any tab. @param {boolean} on */
function busy(on) {
  holdPerson(on);
  working = on;
  if (release) release();
  release = null;
  if (on && navigator.locks) {
    navigator.locks.request('quiz', { mode: 'shared' }, () => new Promise((done) => (release = () => done(null))));
  }
}

/** @param {ServiceWorkerRegistration} registration */
function offerUpdate(registration) {
  if (working || kind === 'quiz' || !registration.waiting || !navigator.serviceWorker.controller) return;
  notice(t('updateReady'), t('updateNow'), () =>
    alone('quiz', async () => {
      if (registration.waiting) registration.waiting.postMessage('update');
    }, true),
  );
}

async function startWorker() {
  if (!('serviceWorker' in navigator)) return;
  const older = navigator.serviceWorker.controller;
  // Another version has taken over, here or in another tab: the modules this page would still load are gone.
  navigator.serviceWorker.addEventListener('controllerchange', () => older && !working && location.reload());
  navigator.serviceWorker.addEventListener('message', ({ data }) => data === 'deliver' && kick({ now: true }));
  const registration = await navigator.serviceWorker.register('/serviceworker.js').catch(() => null);
  if (!registration) return;
  offerUpdate(registration);
  // A page that was on its way while the worker took over was not among those it took.
  navigator.serviceWorker.ready.then(({ active }) => {
    if (active && !navigator.serviceWorker.controller) active.postMessage('claim');
  });
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing;
    if (coming) coming.addEventListener('statechange', () => coming.state === 'installed' && offerUpdate(registration));
  });
  // Where Background Sync exists, the worker wakes an open page when the network returns.
  on('recorded', () => /** @type {any} */ (registration).sync?.register('deliver').catch(() => {}));
}

// --- start -------------------------------------------------------------------------------------------------------

/** Whether this browser can keep results; where it can't, the page stays what the server sent: plain forms. */
async function keeps() {
  try {
    await get(DEVICE, 'current');
    return Boolean(crypto.subtle);
  } catch (error) {
    return false;
  }
}

/** @returns {Promise<string>} */
async function startPerson() {
  /** Whose things this page shows. */
  let shown = await current();
  on('identity', (now, elsewhere) => {
    const before = shown;
    if (!elsewhere) shown = now;
    if (before && now && now.official !== before.official) {
      if (!working) location.reload();
      else notice(t('otherSignedIn', { name: now.name }));
    } else if (!elsewhere) showPerson();
    // Signed out in another tab: what is hers leaves this one too.
    else if (before && !now && !working) location.reload();
  });
  // Brought back by the browser as it was, under whatever name.
  window.addEventListener('pageshow', async ({ persisted }) => {
    const now = await get(DEVICE, 'current');
    if (persisted && shown && !(now && now.official === shown.official)) location.reload();
  });
  on('other', (name) => notice(t('otherSignedIn', { name })));
  on('results', showNetwork);
  on('counted', (detail, elsewhere) => elsewhere || refresh());
  window.addEventListener('online', showNetwork);
  window.addEventListener('offline', showNetwork);
  await Promise.all([showPerson(), showNetwork()]);
  watch();
  window.addEventListener('online', () => finishLeaving());
  if (kind === 'signin') {
    // Who signs in next must not be signed out by the end of the session before.
    document.addEventListener('submit', (submit) => {
      submit.preventDefault();
      finishLeaving().finally(() => /** @type {HTMLFormElement} */ (submit.target).submit());
    });
    await finishLeaving();
    return 'signed_out';
  }
  const outcome = await refresh({ maxAge: /** @type {any} */ (FRESH)[kind] || 0 });
  // Only on the server's own word: without a network there is no sign-in page, but a browser's error.
  const nobody = PERSONAL.includes(kind) && !(await current()) && outcome === 'signed_out' && navigator.onLine !== false;
  if (nobody && (await ask('/api/me/')).status === 401) {
    const back = /out\/$/.test(location.pathname) ? '' : `?next=${encodeURIComponent(location.pathname)}`;
    location.replace(`${language === 'en' ? '/en' : ''}/accounts/login/${back}`);
  }
  if (kind !== 'account' && (await isLeaving())) notice(t('signedOutHere'));
  return outcome;
}

/**
 * What is pressed before the page's module is there waits for it: else a form would leave for a server that can't be
 * reached, or a button do nothing. Where the module doesn't come, the press goes where HTML sends it.
 */
function holdPresses() {
  /** @type {HTMLElement | null} */
  let pressed = null;
  const hold = (/** @type {Event} */ click) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (click.target).closest('main [data-action]'));
    if (!button) return;
    click.preventDefault();
    click.stopPropagation();
    pressed = button;
  };
  document.addEventListener('click', hold, true);
  return () => {
    document.removeEventListener('click', hold, true);
    if (pressed) pressed.click();
  };
}

/** "Send results now": what comes of it is said beside the button. @param {Element} button */
async function send(button) {
  if (button.getAttribute('aria-disabled')) return;
  // Not `disabled`, which takes the focus away.
  button.setAttribute('aria-disabled', 'true');
  const say = (/** @type {string} */ key) => write(main.querySelector('[data-sent]'), t(key));
  say('sending');
  say(`send_${await sendNow().catch(() => 'failed')}`);
  button.removeAttribute('aria-disabled');
}

async function start() {
  showTab();
  const letGo = holdPresses();
  // The long form is for phones without this script: an answer given in it before the quiz is set up would be lost.
  const plain = kind === 'quiz' && main.querySelector('form');
  if (plain) plain.hidden = true;
  const canKeep = await keeps();
  if (plain && !canKeep) plain.hidden = false;
  const refreshed = canKeep ? startPerson() : Promise.resolve('offline');
  refreshed.catch(() => {});
  if (!canKeep && PAGES[kind]) notice(t('cannotKeep'));
  document.addEventListener('click', (click) => {
    const button = /** @type {Element} */ (click.target).closest('[data-action="send-now"]');
    if (!button || !canKeep) return;
    click.preventDefault();
    send(button);
  });
  if (document.readyState === 'complete') startWorker();
  else window.addEventListener('load', startWorker);
  if (PAGES[kind]) {
    try {
      const page = await PAGES[kind]();
      await page.start(main, { t, number, bytes, time, language, canKeep, icon, notice, busy, refreshed });
    } catch (error) {
      if (plain) plain.hidden = false;
      throw error;
    } finally {
      letGo();
    }
  } else letGo();
  if (!canKeep) return;
  window.addEventListener('online', resumeDownloads);
  await resumeDownloads();
}

/** Downloads that a lost network cut go on. */
async function resumeDownloads() {
  if (navigator.onLine === false || !Object.keys((await get(DEVICE, 'wanted')) || {}).length) return;
  (await import('./packs.js')).resume();
}

start();
