/**
 * A phone and a server for unit tests: the real modules of static/js on fake-indexeddb and Node's WebCrypto, against a
 * server that keeps docs/sync-protocol.md and can be made to misbehave.
 *
 * A tab is a fresh copy of the modules, so that two tabs share the database and nothing else, and a restart is a new tab.
 */
import 'fake-indexeddb/auto';
import { webcrypto } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { IDBFactory } from 'fake-indexeddb';

const SOURCE = new URL('../../static/js/', import.meta.url);
const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const globals = /** @type {any} */ (globalThis);
const folders = mkdtempSync(join(tmpdir(), 'phone-'));
process.on('exit', () => rmSync(folders, { recursive: true, force: true }));

const Channel = globalThis.BroadcastChannel;
globals.BroadcastChannel = class extends Channel {
  /** @param {string} name */
  constructor(name) {
    super(name);
    /** @type {any} */ (this).unref();
  }
};
if (!globals.crypto) globals.crypto = webcrypto;
globals.document = { cookie: 'csrftoken=first', visibilityState: 'visible', addEventListener() {} };
globals.window = { addEventListener() {} };

/** What the server holds a delivery to. */
const SCHEMA = JSON.parse(readFileSync(new URL('../../training/sync/schema/delivery.json', import.meta.url), 'utf-8'));

/** Web Locks as browsers have them, for all tabs of this process. */
export class Locks {
  constructor() {
    /** @type {Map<string, Promise<any>>} */
    this.held = new Map();
  }

  /** @param {string} name @param {{ifAvailable?: boolean}} options @param {(lock: any) => any} work */
  async request(name, options, work) {
    if (options.ifAvailable && this.held.has(name)) return work(null);
    const turn = (this.held.get(name) || Promise.resolve()).then(() => work({ name }));
    const settled = turn.catch(() => {});
    this.held.set(name, settled);
    settled.then(() => this.held.get(name) === settled && this.held.delete(name));
    return turn;
  }
}

/** @param {ArrayBuffer | Uint8Array} bytes */
const encode = (bytes) => Buffer.from(/** @type {any} */ (bytes)).toString('base64url');
/** @param {string} text */
export const payloadOf = (text) => JSON.parse(Buffer.from(text.split('.')[1], 'base64url').toString());
/** @param {string | Uint8Array} content */
export const sha256 = async (content) =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(content))).toString('hex');

/** The server's side of the protocol, with every way to fail that the tests need. */
export class Server {
  constructor() {
    /** @type {any} */
    this.key = null;
    /** @type {any} */
    this.jwk = null;
    /** @type {Map<string, {official: string, jwk: any}>} */
    this.devices = new Map();
    /** @type {Map<string, Map<number, string>>} */
    this.ledger = new Map();
    /** @type {any[]} */
    this.deliveries = [];
    /** @type {string | null} */
    this.session = null;
    this.names = /** @type {Record<string, string>} */ ({});
    this.courses = /** @type {any[]} */ ([]);
    this.verdicts = /** @type {Record<string, [string, string]>} */ ({});
    /** Answers in the place of the true one: (true answer) => {status, text} or 'lost'. @type {((a: any) => any)[]} */
    this.tricks = [];
    this.most = 500;
    this.registrations = 0;
    /** @type {Record<string, (request: any) => any>} */
    this.files = {};
    /** @type {string[]} */
    this.asked = [];
    /** @type {string[]} */
    this.queries = [];
  }

  async newKey() {
    this.key = await crypto.subtle.generateKey(ES256, true, ['sign', 'verify']);
    const { kty, crv, x, y } = /** @type {any} */ (await crypto.subtle.exportKey('jwk', this.key.publicKey));
    const kid = encode(await crypto.subtle.digest('SHA-256', Buffer.from(JSON.stringify({ crv, kty, x, y }))));
    this.jwk = { kty, crv, x, y, kid };
    return this;
  }

  /** @param {any} payload @param {{key?: CryptoKey, kid?: string, alg?: string}} [instead] */
  async sign(payload, { key = this.key.privateKey, kid = this.jwk.kid, alg = 'ES256' } = {}) {
    const text = [{ alg, kid }, payload].map((part) => encode(Buffer.from(JSON.stringify(part)))).join('.');
    return `${text}.${encode(await crypto.subtle.sign(ES256, key, Buffer.from(text)))}`;
  }

  /** @param {any} delivery */
  async take(delivery) {
    const results = [];
    for (const text of delivery.events) {
      const digest = await sha256(text);
      const { kid } = JSON.parse(Buffer.from(text.split('.')[0], 'base64url').toString());
      const device = this.devices.get(kid);
      if (!device) {
        results.push({ digest, verdict: 'held', code: 'device_unknown' });
        continue;
      }
      const { x, y, kty, crv } = device.jwk;
      const key = await crypto.subtle.importKey('jwk', { x, y, kty, crv }, ES256, false, ['verify']);
      const [head, body, signature] = text.split('.');
      const good = await crypto.subtle.verify(
        ES256, key, Buffer.from(signature, 'base64url'), Buffer.from(`${head}.${body}`),
      );
      const { id, seq, kind } = payloadOf(text);
      if (!good) {
        results.push({ digest, verdict: 'rejected', code: 'signature_invalid' });
        continue;
      }
      const kept = this.ledger.get(kid) || new Map();
      this.ledger.set(kid, kept);
      const again = kept.get(seq) === text;
      kept.set(seq, text);
      const [verdict, code] = this.verdicts[kind] || ['accepted', 'counted'];
      results.push({ digest, kid, id, seq, verdict, code, ...(again && { again }) });
    }
    /** @type {Record<string, any>} */
    const devices = {};
    for (const kid of Object.keys(delivery.devices)) {
      const kept = this.ledger.get(kid) || new Map();
      let through = 0;
      while (kept.has(through + 1)) through += 1;
      devices[kid] = { received_through: through, revoked: false };
    }
    return { delivery: delivery.delivery, received_at: new Date().toISOString(), results, devices };
  }

  /** @param {any} body @param {boolean} packed */
  async deliver(body, packed) {
    const text = packed ? gunzipSync(Buffer.from(body)).toString() : String(body);
    const delivery = JSON.parse(text);
    this.deliveries.push(delivery);
    const { maxProperties } = SCHEMA.properties.devices;
    const malformed = Object.keys(delivery.devices).length > maxProperties && { status: 400, text: '{"code": "malformed"}' };
    const reply = malformed || delivery.events.length > this.most ? null : await this.take(delivery);
    const honest = malformed || (reply ? { status: 200, text: await this.sign(reply), reply } : { status: 413, text: '' });
    const trick = this.tricks.shift();
    return trick ? trick(honest) : honest;
  }

  /** @param {string} url @param {any} [options] */
  async fetch(url, options = {}) {
    const [path, query = ''] = url.split('?');
    this.asked.push(path === '/api/me/' ? path : url);
    if (path === '/api/me/') this.queries.push(query);
    const json = (/** @type {any} */ value, status = 200, headers = {}) =>
      new Response(JSON.stringify(value), { status, headers: { Date: new Date().toUTCString(), ...headers } });
    if (path === '/api/me/') {
      if (!this.session) return json({ code: 'signed_out', detail: '' }, 401);
      const state = this.state(this.session);
      const etag = `"${await sha256(JSON.stringify({ ...state, server_time: '' }))}"`;
      if ((options.headers || {})['If-None-Match'] === etag) return new Response(null, { status: 304 });
      return json(state, 200, { ETag: etag });
    }
    if (url === '/accounts/logout/') {
      const token = `token-of-${document.cookie.split('=')[1]}`.replace(/-/g, '_');
      if (options.method !== 'POST') return new Response(`<input type="hidden" name="csrfmiddlewaretoken" value="${token}">`);
      if (options.body.get('csrfmiddlewaretoken') !== token) return new Response('', { status: 403 });
      this.session = null;
      return new Response('');
    }
    if (url === '/api/devices/') {
      this.registrations += 1;
      const { jwk } = JSON.parse(options.body);
      const { x, y, kty, crv } = jwk;
      const kid = encode(await crypto.subtle.digest('SHA-256', Buffer.from(JSON.stringify({ crv, kty, x, y }))));
      this.devices.set(kid, { official: String(this.session), jwk });
      const server_time = new Date().toISOString();
      return json({ official: this.session, kid, revoked: false, received_through: 0, server_key: this.jwk, server_time });
    }
    const file = this.files[url.split('?')[0]];
    if (!file) return new Response('', { status: 404 });
    return file({ url, ...options });
  }

  /** @param {string} official */
  state(official) {
    /** @type {Record<string, any>} */
    const device = {};
    for (const [kid, known] of this.devices) {
      if (known.official === official) device[kid] = { received_through: (this.ledger.get(kid) || new Map()).size, revoked: false };
    }
    return {
      official, name: this.names[official] || 'Lò Thị Hương', unit: 'Xã Than Uyên', language: 'vi',
      server_time: new Date().toISOString(), csrf: 'token', device, courses: this.courses,
    };
  }

  /** Every event in the ledger, as (official, seq, kind). */
  events() {
    return Array.from(this.ledger.values()).flatMap((kept) => Array.from(kept.values(), payloadOf));
  }
}

const { setTimeout: timer } = globalThis;
/** @type {any[]} */
const timers = [];
globals.setTimeout = (/** @type {any[]} */ ...what) => {
  const set = /** @type {any} */ (timer)(...what);
  timers.push(set);
  return set;
};

/** A phone with nothing on it, online, with the server given. @param {Server} server @param {{locks?: boolean}} [options] */
export function newPhone(server, { locks = true } = {}) {
  // What pages of an earlier phone had planned, they must not do on this one.
  timers.splice(0).forEach(clearTimeout);
  globals.indexedDB = new IDBFactory();
  globals.document.cookie = 'csrftoken=first';
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: { onLine: true, userAgent: 'Chrome Android', locks: locks ? new Locks() : undefined, storage: undefined },
  });
  globals.fetch = (/** @type {string} */ url, /** @type {any} */ options) => server.fetch(url, options);
  globals.XMLHttpRequest = class {
    constructor() {
      this.upload = { onload: () => {} };
      this.status = 0;
      this.responseText = '';
      this.packed = false;
      this.onloadend = () => {};
    }

    open() {}

    /** @param {string} name */
    setRequestHeader(name) {
      if (name === 'Content-Encoding') this.packed = true;
    }

    getResponseHeader() {
      return null;
    }

    /** @param {any} body */
    async send(body) {
      if (!globals.navigator.reachable && globals.navigator.reachable !== undefined) return this.onloadend();
      this.upload.onload();
      const answer = await server.deliver(body, this.packed);
      if (answer !== 'lost') Object.assign(this, { status: answer.status, responseText: answer.text });
      return this.onloadend();
    }
  };
}

/** Wait until something is so, however busy the machine is. @param {() => any} true_ may be a promise */
export async function until(true_) {
  const end = Date.now() + 60_000;
  while (!(await true_())) {
    if (Date.now() > end) throw new Error(`never true: ${true_}`);
    await new Promise((then) => timer(then, 5));
  }
}

let tabs = 0;

/** The modules as a page loads them; again for a second tab or after a restart. */
export async function openTab() {
  tabs += 1;
  const folder = join(folders, `tab-${tabs}`);
  cpSync(SOURCE, folder, { recursive: true, filter: (path) => !/[/\\](worker|admin)$/.test(path) });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  const load = (/** @type {string} */ name) => import(pathToFileURL(join(folder, `${name}.js`)).href);
  const [store, identity, outbox, deliver, packs, progress, lesson, quiz, result, signin] = await Promise.all(
    ['store', 'identity', 'outbox', 'deliver', 'packs', 'pages/progress', 'pages/lesson', 'pages/quiz-draft', 'pages/quiz-result', 'pages/signin'].map(load),
  );
  return { store, identity, outbox, deliver, packs, progress, lesson, quiz, result, signin, app: () => load('app') };
}

export const HUONG = '11111111-1111-4111-8111-111111111111';
export const KHAO = '22222222-2222-4222-8222-222222222222';
export const COURSE = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
export const LESSON = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
export const QUIZ = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
export const EDITION = 'e'.repeat(64);

/** A phone on which an official has signed in, and its first tab. @param {{locks?: boolean}} [options] */
export async function signedIn(options) {
  const server = await new Server().newKey();
  newPhone(server, options);
  server.session = HUONG;
  const tab = await openTab();
  await tab.identity.refresh();
  return { server, tab };
}

/** @param {any} tab @param {string} [activity] */
export const finish = (tab, activity = LESSON) => tab.outbox.record('lesson_finished', activity, EDITION, { seconds: 60 });

/**
 * While `work` runs, a network that is there and dead: nothing is ever answered. The phone's clock goes a hundred times
 * as fast. @param {() => Promise<any>} work
 */
export async function deadNetwork(work) {
  const { fetch, setTimeout: slow } = globals;
  globals.setTimeout = (/** @type {any} */ then, /** @type {number} */ ms, /** @type {any[]} */ ...more) => slow(then, ms / 100, ...more);
  globals.fetch = (/** @type {string} */ url, /** @type {any} */ { signal } = {}) =>
    new Promise((resolve, reject) => signal && signal.addEventListener('abort', () => reject(signal.reason)));
  let timer;
  const late = new Promise((resolve, reject) => (timer = slow(() => reject(new Error('waited for ever')), 60_000)));
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
    Object.assign(globals, { fetch, setTimeout: slow });
  }
}
