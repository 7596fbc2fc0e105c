/**
 * Carries events to the server: those of every official on this phone, whoever is signed in, for the signature is
 * the authorisation (docs/sync-protocol.md, sections 3 and 4). One tab sends at a time. Only a reply that the server
 * signed, to this very delivery, changes anything; whatever else comes back, nothing is forgotten.
 *
 * app.js calls watch() once; pages call sendNow().
 */
import { DEVICE, alone, change, changeEvents, dropEvents, emit, events, get, on, openEvents, put } from './store.js';
import { current, deviceOf, hear, readSigned, registerAgain, uuid } from './identity.js';
import { isPending, isResult } from './outbox.js';

const MOST = 100;
/** The server takes no delivery that names more; a shared computer may know hundreds. */
const NAMED = 50;
const DAY = 86_400_000;
const KEPT = 90 * DAY;
/** Held for a person: asking again soon would change nothing. */
const FOR_A_PERSON = /revoked|conflict|answered/;

/** @typedef {{official: string, event: StoredEvent}} Due */
/** @typedef {'done' | 'waiting' | 'offline' | 'server' | 'untrusted' | 'elsewhere'} Outcome */

/**
 * XMLHttpRequest, because it alone tells when the body has left the phone: that is what "sent" means.
 * @param {BodyInit} body @param {boolean} packed @param {() => void} left
 * @returns {Promise<{status: number, text: string, wait: number}>} status 0: no answer
 */
function post(body, packed, left) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/sync/');
    request.setRequestHeader('Content-Type', 'application/json');
    if (packed) request.setRequestHeader('Content-Encoding', 'gzip');
    request.timeout = 60_000;
    request.upload.onload = left;
    request.onloadend = () => {
      const wait = Number(request.status && request.getResponseHeader('Retry-After')) || 0;
      resolve({ status: request.status, text: request.responseText, wait });
    };
    request.send(/** @type {any} */ (body));
  });
}

/** @param {object} value @returns {Promise<[BodyInit, boolean]>} */
async function pack(value) {
  const text = JSON.stringify(value);
  if (typeof CompressionStream !== 'function') return [text, false];
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return [await new Response(stream).arrayBuffer(), true];
}

/** @returns {Promise<string[]>} */
const officials = async () => (await get(DEVICE, 'officials')) || [];

/**
 * What should go now. An event that is held is asked about again, ever less often.
 * @param {boolean} all also what is not due yet @returns {Promise<Due[]>}
 */
async function due(all) {
  const now = Date.now();
  const found = [];
  for (const official of await officials()) {
    for (const event of await openEvents(official)) {
      if (all || !event.askAt || event.askAt <= now || event.askAt > now + DAY) found.push({ official, event });
    }
  }
  return found;
}

/** What each phone says of itself in a delivery: those it has events of, then who came last. @param {Due[]} batch */
async function devices(batch) {
  /** @type {Record<string, {highest_seq: number, pending: number}>} */
  const said = {};
  const all = [...batch.map(({ official }) => official), ...(await officials()).reverse()];
  for (const official of Array.from(new Set(all)).slice(0, NAMED)) {
    const device = await deviceOf(official);
    if (!device) continue;
    const pending = (await openEvents(official)).filter((event) => isResult(event) && isPending(event)).length;
    said[device.kid] = { highest_seq: (await get(official, 'seq')) || 0, pending };
  }
  return said;
}

/**
 * @param {Due[]} batch @param {(event: StoredEvent) => void} how
 */
async function changeDue(batch, how) {
  for (const official of new Set(batch.map((one) => one.official))) {
    await changeEvents(official, batch.filter((one) => one.official === official).map((one) => one.event.seq), how);
  }
}

/**
 * One delivery.
 * @param {Due[]} batch
 * @returns {Promise<{outcome: Outcome, wait?: number, halve?: boolean, unknown?: string[]}>}
 */
async function deliver(batch) {
  const delivery = uuid();
  const [body, packed] = await pack({
    delivery, sent_at: new Date().toISOString(), devices: await devices(batch), events: batch.map(({ event }) => event.jws),
  });
  /** @type {Promise<void>} */
  let marked = Promise.resolve();
  const { status, text, wait } = await post(body, packed, () => {
    const sentAt = Date.now();
    marked = changeDue(batch, (event) => {
      event.sentAt = sentAt;
      if (event.state === 'saved') event.state = 'sent';
    }).then(() => emit('results'), () => {});
  });
  // Noted or not, what the server says of them counts.
  await marked;
  if (!status) return { outcome: 'offline' };
  const malformed = status === 400 && /"code": *"malformed"/.test(text);
  if (status !== 200) return { outcome: 'server', wait, halve: status === 413 || malformed };
  const reply = await readSigned(text);
  if (!reply || reply.delivery !== delivery || !Array.isArray(reply.results)) return { outcome: 'untrusted' };
  return { outcome: 'done', unknown: await apply(batch, reply) };
}

/**
 * Do what a verified reply says, to events of our own store only.
 * @param {Due[]} batch @param {any} reply @returns {Promise<string[]>} digests of those whose key the server lacks
 */
async function apply(batch, reply) {
  /** @type {Map<string, any>} */
  const verdicts = new Map(reply.results.map((/** @type {any} */ result) => [result.digest, result]));
  const now = Date.now();
  /** @type {string[]} */
  const unknown = [];
  let counted = false;
  await changeDue(batch, (event) => {
    const { verdict, code = '' } = verdicts.get(event.digest) || {};
    if (!['accepted', 'held', 'rejected'].includes(verdict)) return;
    event.code = code;
    // With a key it doesn't know, the server keeps nothing: sent is all it is.
    const lost = code === 'device_unknown';
    if (lost) unknown.push(event.digest);
    event.receivedAt = lost ? undefined : event.receivedAt || now;
    if (verdict === 'held') {
      event.state = lost ? 'sent' : FOR_A_PERSON.test(code) ? 'attention' : 'received';
      event.asked = (event.asked || 0) + 1;
      event.askAt = now + Math.min(60_000 * 2 ** event.asked, DAY / 2);
      return;
    }
    counted = true;
    event.state = verdict === 'accepted' ? 'counted' : 'attention';
    event.countedAt = now;
    delete event.open;
  });
  for (const official of await officials()) {
    const device = await deviceOf(official);
    const { received_through: through } = (device && (reply.devices || {})[device.kid]) || {};
    if (!device || !Number.isInteger(through) || through === device.through) continue;
    if (through < device.through) {
      // The server was restored from an older backup: what it had acknowledged since goes again.
      const lost = (await events(official, through)).filter((event) => !event.open).map(({ seq }) => seq);
      await changeEvents(official, lost, (event) => Object.assign(event, { state: 'saved', open: 1, askAt: 0 }));
    }
    await change(official, 'device', (known) => ({ ...known, through }));
  }
  await hear(reply.received_at);
  await put(DEVICE, 'lastSent', now);
  emit('results');
  if (counted) emit('counted');
  return unknown;
}

/**
 * Send until nothing is due, each event once.
 * @param {boolean} all @param {boolean} greet a delivery even with nothing to send: "I am here"
 * @returns {Promise<Outcome>}
 */
async function run(all, greet) {
  let size = MOST;
  let registered = false;
  /** @type {Set<string>} */
  const tried = new Set();
  for (let first = greet; ; first = false) {
    const batch = (await due(all)).filter(({ event }) => !tried.has(event.digest)).slice(0, size);
    if (!batch.length && !first) break;
    const { outcome, wait, halve, unknown = [] } = await deliver(batch);
    if (halve && batch.length) {
      // Down to the one event the server cannot take: it stays here, the others go.
      if (batch.length === 1) tried.add(batch[0].event.digest);
      size = Math.ceil(batch.length / 2);
      continue;
    }
    const who = await current();
    const ours = (/** @type {Due} */ { official, event }) => who && official === who.official && unknown.includes(event.digest);
    if (!registered && (outcome === 'untrusted' || batch.some(ours))) {
      // The server has a new key, or lost ours: under a session that mends itself.
      registered = true;
      if ((await registerAgain()) === 'fresh') continue;
    }
    if (outcome !== 'done') return backOff(outcome, wait);
    batch.forEach(({ event }) => tried.add(event.digest));
  }
  if ((await due(false)).length) return backOff('waiting');
  await put(DEVICE, 'backOff', undefined);
  return 'done';
}

/** @param {Outcome} outcome @param {number} [wait] seconds the server asked for @returns {Promise<Outcome>} */
async function backOff(outcome, wait = 0) {
  let pause = 0;
  await change(DEVICE, 'backOff', (old) => {
    const times = ((old && old.times) || 0) + 1;
    pause = Math.max(Math.min(2_000 * 2 ** times, 600_000), wait * 1000) * (0.5 + Math.random());
    return { times, outcome, until: Date.now() + pause };
  });
  plan(pause);
  return outcome;
}

/** @type {any} */
let planned;
/** @param {number} pause */
function plan(pause) {
  clearTimeout(planned);
  planned = setTimeout(kick, pause);
  if (planned.unref) planned.unref();
}

/** Once a day: forget what was acknowledged long ago. */
async function prune() {
  const now = Date.now();
  const last = (await get(DEVICE, 'pruned')) || 0;
  if (now - last < DAY && now >= last) return;
  for (const official of await officials()) {
    const old = (await events(official)).filter((event) => !event.open && (event.countedAt || now) < now - KEPT);
    await dropEvents(official, old.map(({ seq }) => seq));
  }
  await put(DEVICE, 'pruned', now);
}

/**
 * Something happened after which sending may succeed.
 * @param {{now?: boolean, greet?: boolean}} [why] now: a sign of network, so a pause for want of it is over
 */
export async function kick({ now = false, greet = false } = {}) {
  if (navigator.onLine === false || !(await officials()).length) return;
  const pause = await get(DEVICE, 'backOff');
  const left = pause ? pause.until - Date.now() : 0;
  // A server that asked for peace gets it; a clock that was set back must not make the pause endless.
  if (left > 0 && left < DAY && (!now || pause.outcome === 'server')) return plan(left);
  const last = (await get(DEVICE, 'lastSent')) || 0;
  const silent = Math.abs(Date.now() - last) > DAY;
  try {
    const outcome = await alone('deliver', () => run(false, greet || silent), true);
    if (!outcome) plan(1_500);
    else await prune();
  } catch (error) {
    // This phone could not write: perhaps later.
    await backOff('waiting').catch(() => plan(60_000));
  }
}

/**
 * The person asks: everything that has no final verdict goes, whatever pause was on.
 * @returns {Promise<Outcome | 'elsewhere'>} elsewhere: another tab is at it
 */
export async function sendNow() {
  return (await alone('deliver', () => run(true, true), true)) || 'elsewhere';
}

/** When the server last answered a delivery, in ms. @returns {Promise<number | undefined>} */
export const lastSent = () => get(DEVICE, 'lastSent');

/** Send by itself from now on: at load, on network, when the page comes to the front, after saving, after contact. */
export function watch() {
  const sign = () => kick({ now: true });
  window.addEventListener('online', sign);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && sign());
  on('recorded', (detail, elsewhere) => elsewhere || sign());
  on('reached', (detail, elsewhere) => elsewhere || sign());
  on('registered', async (official, elsewhere) => {
    if (elsewhere) return;
    const waiting = (await openEvents(official)).filter(({ code }) => code === 'device_unknown');
    await changeEvents(official, waiting.map(({ seq }) => seq), (event) => (event.askAt = 0));
    sign();
  });
  on('state', async (official) => {
    const device = await deviceOf(official);
    const known = ((await get(official, 'state')) || { device: {} }).device[device ? device.kid : ''];
    if (device && known && known.received_through < device.through) kick({ now: true, greet: true });
  });
  sign();
}
