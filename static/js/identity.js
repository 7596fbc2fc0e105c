/**
 * Who this phone works for, and with which key she signs. The key pair is made here at the first sign-in, is not
 * extractable and never leaves; the server learns the public half (docs/sync-protocol.md, section 1). Also holds the
 * personal state as last heard. The session only says who signed in; everything else works without one.
 */
import { DEVICE, alone, change, emit, get, packs, put } from './store.js';

const { subtle } = globalThis.crypto || {};
const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** How long (ms) a sign-out waits for each answer: a sign-in waits behind it. */
const PATIENCE = 8_000;
/** How long (ms) a person waits who pressed something, before she is told. */
const A_PRESS = 5_000;

/** @param {ArrayBuffer | Uint8Array} bytes */
export function base64url(bytes) {
  let text = '';
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function bytesOf(text) {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
}

/** SHA-256 in hex. @param {string | ArrayBuffer} content */
export async function sha256(content) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A random UUID (crypto.randomUUID is younger than the oldest browser we serve). */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * Ask the server, but not for ever: a network may be there and dead. Status 0 is no answer, or not from where we asked.
 * @param {string} url @param {RequestInit} [options] @param {number} [patience] ms for the whole of it
 * @returns {Promise<{status: number, text: string, answer: any, headers: Headers}>} answer: what the text says as JSON
 */
export async function ask(url, options = {}, patience = 30_000) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  const none = { status: 0, text: '', answer: null, headers: new Headers() };
  try {
    const response = await fetch(url, { cache: 'no-store', signal: control.signal, ...options });
    const { status, redirected, headers } = response;
    const text = await response.text();
    return redirected ? none : { status, text, answer: parsed(text), headers };
  } catch (error) {
    return none;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}

/**
 * Undefined where it takes longer than a person waits who pressed something.
 * @template T
 * @param {Promise<T>} answer @param {number} [patience] ms @returns {Promise<T | undefined>}
 */
export function soon(answer, patience = A_PRESS) {
  /** @type {any} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

// --- who -----------------------------------------------------------------------------------------------------

/** @type {Promise<Who | null> | undefined} */
let bound;
let atWork = false;

/** The official this page works for: fixed when the page first asks, changed only by adopt() and leave(). */
export function current() {
  bound = bound || get(DEVICE, 'current').then((who) => (who && who.official ? who : null));
  return bound;
}

/** True while something is under way that must end under the name it began with: a quiz. @param {boolean} on */
export function busy(on) {
  atWork = on;
}

/**
 * Sign-out: from now on the phone works for nobody. What she has not sent stays and goes. Her session ends when there
 * is a network (finishLeaving); the mark says which sign-in it was. In her place stays which sign-out it was, so that
 * an answer asked for before it takes nobody up (adopt).
 * @param {boolean} [ended] her session has ended already
 */
export async function leave(ended = false) {
  await put(DEVICE, 'current', { left: uuid(), leaving: ended ? undefined : { mark: signInMark() } });
  bound = Promise.resolve(null);
  emit('identity', null);
}

const leaving = async () => ((await get(DEVICE, 'current')) || {}).leaving;
/** The last sign-out on this phone. @returns {Promise<string | undefined>} */
const lastLeft = async () => ((await get(DEVICE, 'current')) || {}).left;

/** Whether a sign-out still waits for a network. @returns {Promise<boolean>} */
export const isLeaving = async () => Boolean(await leaving());

/**
 * End the session a sign-out left behind, before anything takes its cookie for a person at the phone. False while it
 * can't be done. Whoever signed in since has a session of her own, which an old mark does not end.
 * @returns {Promise<boolean | undefined>}
 */
export function finishLeaving() {
  return alone('leaving', async () => {
    const waits = await leaving();
    if (!waits) return true;
    const now = signInMark();
    if ((!now || now === waits.mark) && !(await endSession())) return false;
    await change(DEVICE, 'current', ({ leaving: done, ...rest }) => rest);
    await session('out');
    return true;
  });
}

/** Nothing but the server's own "signed out" is believed: a Wi-Fi's page answers a sign-out too. */
async function endSession() {
  // The form's own token, which other sites can't read: a sign-out without it stays refused.
  const page = await ask('/accounts/logout/', {}, PATIENCE);
  const [, token = ''] = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page.text) || [];
  if (!token) return false;
  const body = new URLSearchParams({ csrfmiddlewaretoken: token });
  await ask('/accounts/logout/', { method: 'POST', body, redirect: 'manual' }, PATIENCE);
  const { status, text } = await ask('/api/me/', {}, PATIENCE);
  return status === 401 && /"signed_out"/.test(text);
}

/**
 * Take over a personal state: into the database of the official it names, and of nobody else. Another official than
 * the page works for has signed in on this phone: the phone works for her from now on, unless a quiz is under way.
 * @param {PersonalState} state @param {string} [left] the last sign-out when it was asked for: after another one it
 * takes nobody up, 'offline' @returns {Promise<'fresh' | 'other' | 'offline'>}
 */
async function adopt(state, left) {
  const { official, name, language } = state;
  const was = await current();
  const switches = !was || was.official !== official;
  if (was && switches && atWork) {
    emit('other', name);
    return 'other';
  }
  await put(official, 'state', state);
  await change(DEVICE, 'officials', (known) => Array.from(new Set(known || []).add(official)));
  const device = await ownDevice(official);
  const who = { official, name, kid: device.kid, language, left };
  const same = (/** @type {any} */ now) => now && !now.leaving && now.left === left;
  const taken = await change(DEVICE, 'current', (now) => (same(now || {}) ? who : now));
  if (!same(taken)) return 'offline';
  if (switches || was.kid !== device.kid || was.name !== name || was.language !== language) {
    bound = Promise.resolve(who);
    emit('identity', who);
  }
  if (!device.registered || !state.device[device.kid]) await register(official, device, state.csrf);
  emit('state', official);
  return 'fresh';
}

// --- the key ---------------------------------------------------------------------------------------------------

/** Her device on this phone, made at first need. @param {string} official @returns {Promise<Device>} */
function ownDevice(official) {
  const make = async () => {
    const made = await get(official, 'device');
    if (made) return made;
    const { privateKey, publicKey } = await subtle.generateKey(ES256, false, ['sign', 'verify']);
    const { kty, crv, x, y } = /** @type {any} */ (await subtle.exportKey('jwk', publicKey));
    // RFC 7638: the SHA-256 of the required members in this order.
    const text = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
    const kid = base64url(await subtle.digest('SHA-256', text));
    const device = { kid, key: privateKey, jwk: { kty, crv, x, y }, registered: false, through: 0 };
    await put(official, 'device', device);
    return device;
  };
  return /** @type {Promise<Device>} */ (alone(`device-${official}`, make));
}

/** @param {string} official @returns {Promise<Device | undefined>} */
export function deviceOf(official) {
  return get(official, 'device');
}

/** @param {string} official @param {Device} device @param {string} csrf */
async function register(official, device, csrf) {
  const { status, answer } = await ask('/api/devices/', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf },
    body: JSON.stringify({ jwk: device.jwk, name: browserName() }),
  });
  if (status !== 200 || !answer || answer.official !== official || answer.kid !== device.kid) return;
  // The server's keys are learned here, under a session, and nowhere else; an old one stays good for old replies.
  await change(DEVICE, 'serverKeys', (keys) => ({ ...keys, [answer.server_key.kid]: answer.server_key }));
  await change(official, 'device', (known) => ({ ...known, registered: true }));
  await hear(answer.server_time);
  emit('registered', official);
}

/** Browser and system in two words, so that its owner knows it in a list. */
function browserName() {
  const { userAgent } = navigator;
  const find = (/** @type {string[]} */ words) => words.find((word) => userAgent.includes(word)) || '';
  const browser = find(['Zalo', 'SamsungBrowser', 'coc_coc', 'Edg', 'OPR', 'Firefox', 'Chrome', 'Safari']);
  return [browser, find(['Android', 'iPhone', 'Windows', 'Mac', 'Linux'])].filter(Boolean).join(', ');
}

/**
 * Compact JWS, ES256, header {alg, kid} and nothing else.
 * @param {Device} device @param {object} payload
 */
export async function sign(device, payload) {
  const part = (/** @type {object} */ value) => base64url(new TextEncoder().encode(JSON.stringify(value)));
  const text = `${part({ alg: 'ES256', kid: device.kid })}.${part(payload)}`;
  return `${text}.${base64url(await subtle.sign(ES256, device.key, new TextEncoder().encode(text)))}`;
}

/**
 * The payload of what the server signed, or null for anything else: another key, another algorithm, no JWS at all.
 * @param {string} jws
 */
export async function readSigned(jws) {
  try {
    const [head, body, signature] = jws.trim().split('.');
    const { alg, kid } = JSON.parse(new TextDecoder().decode(bytesOf(head)));
    const jwk = ((await get(DEVICE, 'serverKeys')) || {})[kid];
    if (alg !== 'ES256' || !jwk) return null;
    const { kty, crv, x, y } = jwk;
    const key = await subtle.importKey('jwk', { kty, crv, x, y }, ES256, false, ['verify']);
    const text = new TextEncoder().encode(`${head}.${body}`);
    if (!(await subtle.verify(ES256, key, bytesOf(signature), text))) return null;
    return JSON.parse(new TextDecoder().decode(bytesOf(body)));
  } catch (error) {
    return null;
  }
}

/** Remember the server's time as just heard, beside this phone's. @param {string} server */
export async function hear(server) {
  if (server) await put(DEVICE, 'clock', { server, device: new Date().toISOString() });
}

// --- personal state ----------------------------------------------------------------------------------------------

/** The personal state as last heard, of the official this page works for. @returns {Promise<PersonalState | null>} */
export async function state() {
  const who = await current();
  return (who && (await get(who.official, 'state'))) || null;
}

/**
 * The edition a page shows, asked for as it opens: what comes later must not change what its results say. That of the
 * downloaded course, else the newest heard of that has the activity.
 * @param {string} course @param {string} activity @param {string} language @param {Promise<string>} refreshed
 * @returns {Promise<string>} '' when unknown
 */
export async function editionShown(course, activity, language, refreshed) {
  const held = (await packs()).find((one) => one.course === course && one.lang === language && activity in one.items);
  if (held) return held.edition;
  const heard = async () => {
    const now = await state();
    const found = now && now.courses.find((one) => one.course === course);
    return found && found.steps.some((step) => step.activity === activity) ? found.edition : '';
  };
  // Such a page came from the server just now; what was heard before may be of months ago.
  await soon(refreshed.catch(() => {}));
  const known = await heard();
  // "The same" may have been said without asking.
  if (!known && (await refreshed) === 'same') await refresh();
  return known || heard();
}

/** @param {string} name */
const cookie = (name) => (new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie) || [])[1] || '';
/** Django changes this cookie at every sign-in, so that a change of person is noticed without asking. */
const signInMark = () => cookie('csrftoken');

/**
 * Whether this page may still take its person for the one at the phone: false when somebody signed in and the server
 * has not yet said who. Work that has begun goes on under the name it began with.
 */
export async function certain() {
  const mark = signInMark();
  if (atWork || !mark || (await get(DEVICE, 'mark')) === mark) return true;
  // The sign-in itself says whose it was (training/officials/views.py).
  const who = await current();
  if (who && who.official === cookie('official')) return true;
  await soon(refresh());
  return (await get(DEVICE, 'mark')) === mark;
}

/**
 * Ask the server for the personal state. With `maxAge` (ms) it asks only if the last answer is older, or if somebody
 * signed in since. 'offline' is every answer that is not the server's own.
 * @param {{maxAge?: number, whole?: boolean}} [options] whole: not satisfied with "unchanged"
 * @returns {Promise<'fresh' | 'same' | 'other' | 'signed_out' | 'offline'>}
 */
export async function refresh({ maxAge = 0, whole = false } = {}) {
  if ((await isLeaving()) && !(await finishLeaving())) return 'offline';
  const left = await lastLeft();
  const mark = signInMark();
  const last = (await get(DEVICE, 'asked')) || {};
  const who = await current();
  if (!who && !mark) return 'signed_out';
  if (last.mark === mark && who && Date.now() - last.at < maxAge && Date.now() >= last.at) return 'same';
  const etag = who && !whole && (await get(who.official, 'etag'));
  // Which of her phones this is: so that it is heard from when it has nothing to send.
  const { status, answer: said, headers } = await ask(`/api/me/${who ? `?device=${who.kid}` : ''}`, {
    headers: etag ? { 'If-None-Match': etag } : {},
  });
  const unchanged = status === 304;
  const answer = unchanged ? {} : said;
  // Signed out while the answer was on its way: nobody takes her up again.
  if (![200, 304, 401].includes(status) || !answer || (await isLeaving())) return 'offline';
  if (status === 401) {
    if (answer.code !== 'signed_out') return 'offline';
    await session('out');
    return 'signed_out';
  }
  if (!unchanged && !(answer.official && answer.device && answer.courses)) return 'offline';
  // "Unchanged" has no body: its time is in the header.
  const date = Date.parse(headers.get('Date') || '');
  await hear(answer.server_time || (date ? new Date(date).toISOString() : ''));
  const outcome = unchanged ? 'same' : await adopt(answer, left);
  if (outcome === 'offline') return outcome;
  if (outcome !== 'other') await put(DEVICE, 'mark', mark);
  const device = outcome === 'fresh' && (await deviceOf(answer.official));
  if (outcome === 'same' || (device && device.registered)) {
    // Only now: as long as the key isn't registered, every page asks again.
    if (!unchanged) await put(answer.official, 'etag', headers.get('ETag') || '');
    await put(DEVICE, 'asked', { at: Date.now(), mark });
  }
  await session('in');
  emit('reached');
  return outcome;
}

/** Register her key once more under the session, if there is one: the server lost it, or has a new key itself. */
export async function registerAgain() {
  const who = await current();
  if (who) {
    await change(who.official, 'device', (device) => ({ ...device, registered: false }));
    // Should it fail now, "unchanged" must not keep the next page from it.
    await put(who.official, 'etag', undefined);
  }
  return refresh({ whole: true });
}

/** @param {'in' | 'out'} now */
async function session(now) {
  if ((await get(DEVICE, 'session')) === now) return;
  await put(DEVICE, 'session', now);
  emit('session', now);
}
