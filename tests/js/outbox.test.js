/** What is recorded: signed as it happens, one seq after another, on the disk before anything is said. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { EDITION, HUONG, KHAO, LESSON, QUIZ, deadNetwork, finish, newPhone, openTab, payloadOf, Server, signedIn } from './phone.js';

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** While `work` runs, every transaction that adds a row ends like this. @param {string} error @param {() => Promise<any>} work */
async function aborting(error, work) {
  const { add } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.add = function failing(value) {
    const request = add.call(this, value);
    /** @type {any} */ (this.transaction)._abort(error);
    return request;
  };
  try {
    await work();
  } finally {
    IDBObjectStore.prototype.add = add;
  }
}

test('an event is signed with the key of the phone and says what the protocol asks for', async () => {
  const { server, tab } = await signedIn();
  const event = await finish(tab);
  const [head, body, signature] = event.jws.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  const { kid } = await tab.identity.current();
  assert.deepEqual(header, { alg: 'ES256', kid });
  const { jwk } = /** @type {any} */ (server.devices.get(kid));
  const key = await crypto.subtle.importKey('jwk', jwk, ES256, false, ['verify']);
  const signed = Buffer.from(`${head}.${body}`);
  assert.ok(await crypto.subtle.verify(ES256, key, Buffer.from(signature, 'base64url'), signed));
  const payload = payloadOf(event.jws);
  assert.deepEqual(Object.keys(payload), ['id', 'official', 'seq', 'kind', 'activity', 'edition', 'occurred_at', 'clock', 'data']);
  assert.equal(payload.official, HUONG);
  assert.equal(payload.seq, 1);
  assert.match(payload.occurred_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.match(payload.clock.server, /\.\d{3}Z$/);
  assert.match(payload.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('the private key cannot be taken off the phone', async () => {
  const { tab } = await signedIn();
  const { key } = await tab.identity.deviceOf(HUONG);
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey('jwk', key));
});

for (const locks of [true, false]) {
  test(`two tabs that record at once get seqs without gap or repetition ${locks ? 'with' : 'without'} Web Locks`, async () => {
    const { tab } = await signedIn({ locks });
    const other = await openTab();
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => finish(n % 2 ? tab : other)));
    assert.deepEqual(made.map((event) => event.seq).sort((a, b) => a - b), Array.from({ length: 20 }, (_, n) => n + 1));
    assert.deepEqual(made.map((event) => payloadOf(event.jws).seq), made.map((event) => event.seq));
    assert.equal((await tab.store.events(HUONG)).length, 20);
  });
}

test('a seq taken by another tab while this one signed is signed anew', async () => {
  const { tab } = await signedIn({ locks: false });
  const other = await openTab();
  const { sign } = crypto.subtle;
  let disturbed = false;
  crypto.subtle.sign = async function disturbing(/** @type {any[]} */ ...given) {
    if (!disturbed) {
      disturbed = true;
      await finish(other);
    }
    return sign.apply(crypto.subtle, /** @type {any} */ (given));
  };
  try {
    const event = await finish(tab);
    assert.equal(event.seq, 2);
    assert.equal(payloadOf(event.jws).seq, 2);
  } finally {
    crypto.subtle.sign = sign;
  }
});

test('a phone that dies between signing and storing has used no seq', async () => {
  const { tab } = await signedIn();
  await aborting('AbortError', () => assert.rejects(finish(tab)));
  const after = await openTab();
  assert.deepEqual(await after.outbox.results(), []);
  assert.equal((await finish(after)).seq, 1);
});

test('storage that is full is said, and nothing is written', async () => {
  const { tab } = await signedIn();
  await aborting('QuotaExceededError', () => assert.rejects(finish(tab), { code: 'full' }));
  assert.equal(await tab.outbox.pendingCount(), 0);
});

test('a seq is not used again after its event was pruned', async () => {
  const { tab } = await signedIn();
  await finish(tab);
  const last = await finish(tab);
  await tab.store.dropEvents(HUONG, [1, 2]);
  assert.equal((await finish(await openTab())).seq, last.seq + 1);
});

test('a restart finds every result as it was', async () => {
  const { tab } = await signedIn();
  await finish(tab);
  await tab.outbox.record('quiz_started', QUIZ, EDITION, { earlier: 0 });
  const again = await openTab();
  const [only] = await again.outbox.results();
  assert.equal(only.activity, LESSON);
  assert.equal(only.state, 'saved');
  assert.equal(await again.outbox.pendingCount(), 1);
});

test('without an official on the phone nothing is recorded', async () => {
  newPhone(await new Server().newKey());
  await assert.rejects(finish(await openTab()), { code: 'nobody' });
});

test('without a known edition nothing is recorded', async () => {
  const { tab } = await signedIn();
  await assert.rejects(tab.outbox.record('lesson_finished', LESSON, '', { seconds: 0 }), { code: 'no_edition' });
});

test('a database that the browser closed in the background is opened again', async () => {
  const { tab } = await signedIn();
  const { transaction } = IDBDatabase.prototype;
  let closed = true;
  IDBDatabase.prototype.transaction = function closing(/** @type {any[]} */ ...given) {
    if (closed) {
      closed = false;
      throw new DOMException('closing', 'InvalidStateError');
    }
    return transaction.apply(this, /** @type {any} */ (given));
  };
  try {
    assert.equal((await finish(tab)).seq, 1);
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
});

test('a browser that refuses IndexedDB says so', async () => {
  newPhone(await new Server().newKey());
  const real = globalThis.indexedDB;
  // @ts-expect-error: as in browsers that have none
  delete globalThis.indexedDB;
  try {
    const tab = await openTab();
    await assert.rejects(tab.identity.current(), { code: 'refused' });
  } finally {
    globalThis.indexedDB = real;
  }
});

test('attempts known are those of this phone and those the server told of, each once', async () => {
  const { server, tab } = await signedIn();
  const own = await tab.outbox.record('quiz_started', QUIZ, EDITION, { earlier: 0 });
  const attempts = [{ attempt: own.id }, { attempt: 'of-another-phone' }];
  server.courses = [{ course: 'c', steps: [{ activity: QUIZ, attempts }, { activity: LESSON }] }];
  await tab.identity.refresh();
  assert.equal(await tab.outbox.attemptsKnown(QUIZ), 2);
  assert.equal(await tab.outbox.attemptsKnown(LESSON), 0);
});

test('a quiz in progress survives a restart and belongs to one person', async () => {
  const { server, tab } = await signedIn();
  await tab.outbox.saveDraft(QUIZ, { answers: [[1]] });
  assert.deepEqual(await (await openTab()).outbox.readDraft(QUIZ), { answers: [[1]] });
  server.session = KHAO;
  await tab.identity.refresh();
  assert.equal(await tab.outbox.readDraft(QUIZ), undefined);
});

test('on a network that is dead she is told that nothing could be saved, and then can', async () => {
  const { tab } = await signedIn();
  /** @type {any} */ (document).cookie = 'csrftoken=second';
  await deadNetwork(() => assert.rejects(finish(tab), { code: 'uncertain' }));
  assert.equal((await finish(tab)).state, 'saved');
});

test('a network that is dead is none: whoever asks for the state goes on', async () => {
  const { tab } = await signedIn();
  assert.equal(await deadNetwork(() => tab.identity.refresh({ whole: true })), 'offline');
  assert.equal((await tab.identity.current()).official, HUONG);
});

test('a registration that is never answered is tried again', async () => {
  const { server, tab } = await signedIn();
  server.devices.clear();
  const { fetch } = globalThis;
  await deadNetwork(async () => {
    const dead = globalThis.fetch;
    globalThis.fetch = (url, options) => (url === '/api/devices/' ? dead : fetch)(url, options);
    assert.equal(await tab.identity.registerAgain(), 'fresh');
  });
  assert.equal(server.devices.size, 0);
  await tab.identity.refresh();
  assert.equal(server.devices.size, 1);
});

test('a press waits for an answer as long as a person waits, and no longer', async () => {
  const { tab } = await signedIn();
  assert.equal(await tab.identity.soon(Promise.resolve('here')), 'here');
  assert.equal(await deadNetwork(() => tab.identity.soon(new Promise(() => {}))), undefined);
});

test('the browser is asked to keep what is here with her first result, and then no more', async () => {
  const { tab } = await signedIn();
  let asked = 0;
  Object.assign(navigator, { storage: { persist: async () => Boolean((asked += 1)) } });
  await finish(tab);
  await finish(tab);
  assert.equal(asked, 1);
  Object.assign(navigator, { storage: { persist: () => Promise.reject(new Error('no')) } });
  const later = await signedIn();
  Object.assign(navigator, { storage: { persist: () => Promise.reject(new Error('no')) } });
  assert.equal((await finish(later.tab)).state, 'saved');
});
