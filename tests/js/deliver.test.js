/** What may change the state of a result, and what never may: only a reply the server signed to this very delivery. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { reason } from '../../static/js/pages/lines.js';
import { EDITION, HUONG, KHAO, LESSON, QUIZ, finish, newPhone, openTab, payloadOf, signedIn, sha256 } from './phone.js';

/** @param {any} tab */
const states = async (tab) => (await tab.outbox.results()).map((/** @type {any} */ result) => result.state);
/** @param {any} tab @param {any} server */
async function oneSaved(tab, server) {
  const event = await finish(tab);
  assert.deepEqual(await states(tab), ['saved']);
  assert.equal(server.deliveries.length, 0);
  return event;
}

test('a result goes, is counted, and is not sent again', async () => {
  const { server, tab } = await signedIn();
  await oneSaved(tab, server);
  assert.equal(await tab.deliver.sendNow(), 'done');
  const [result] = await tab.outbox.results();
  assert.equal(result.state, 'counted');
  assert.equal(result.code, 'counted');
  assert.ok(result.sentAt && result.receivedAt && result.countedAt);
  assert.equal(await tab.outbox.pendingCount(), 0);
  await tab.deliver.sendNow();
  assert.deepEqual(server.deliveries.map((delivery) => delivery.events.length), [1, 0]);
});

test('a delivery says what each phone holds and has', async () => {
  const { server, tab } = await signedIn();
  await tab.outbox.record('quiz_started', QUIZ, EDITION, { earlier: 0 });
  await finish(tab);
  await tab.deliver.sendNow();
  const { kid } = await tab.identity.current();
  const [{ devices, delivery, sent_at: sentAt }] = server.deliveries;
  assert.deepEqual(devices, { [kid]: { highest_seq: 2, pending: 1 } });
  assert.match(delivery, /^[0-9a-f-]{36}$/);
  assert.match(sentAt, /\.\d{3}Z$/);
});

test('a phone that asks for the state says which it is, so that it is heard from with nothing to send', async () => {
  const { server, tab } = await signedIn();
  await tab.identity.refresh();
  const { kid } = await tab.identity.current();
  assert.deepEqual(server.queries, ['', `device=${kid}`]);
});

test('a reply lost after the server committed: the same event goes again and counts once', async () => {
  const { server, tab } = await signedIn();
  await oneSaved(tab, server);
  server.tricks.push(() => 'lost');
  assert.equal(await tab.deliver.sendNow(), 'offline');
  assert.deepEqual(await states(tab), ['sent']);
  assert.equal(await tab.outbox.pendingCount(), 1);
  assert.equal(await tab.deliver.sendNow(), 'done');
  assert.deepEqual(await states(tab), ['counted']);
  assert.equal(server.deliveries[0].events[0], server.deliveries[1].events[0]);
  assert.equal(server.events().length, 1);
});

test('with no way to the server nothing claims to have been sent', async () => {
  const { server, tab } = await signedIn();
  await oneSaved(tab, server);
  /** @type {any} */ (navigator).reachable = false;
  assert.equal(await tab.deliver.sendNow(), 'offline');
  assert.deepEqual(await states(tab), ['saved']);
});

/** @type {Record<string, (server: any) => (honest: any) => any>} */
const LIES = {
  'a captive portal that says 200': () => () => ({ status: 200, text: '<html>Welcome to the hotel</html>' }),
  'a sign-in page': () => () => ({ status: 200, text: '<form action="/accounts/login/">' }),
  'JSON that says accepted without a signature': () => ({ reply }) => ({ status: 200, text: JSON.stringify(reply) }),
  'a 500': () => () => ({ status: 500, text: 'error' }),
  'a 503 of the proxy': () => () => ({ status: 503, text: '' }),
  'an altered reply': () => ({ text }) => {
    const [head, body, signature] = text.split('.');
    const changed = { ...payloadOf(`${head}.${body}`), received_at: '2030-01-01T00:00:00.000Z' };
    return { status: 200, text: `${head}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${signature}` };
  },
  'a reply signed by another key under the kid of the server': (server) => async ({ reply }) => {
    const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    return { status: 200, text: await server.sign(reply, { key: privateKey }) };
  },
  'a reply with alg none': () => ({ reply }) => {
    const part = (/** @type {any} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return { status: 200, text: `${part({ alg: 'none', kid: '' })}.${part(reply)}.` };
  },
  'a signed reply to another delivery': (server) => async ({ reply }) => ({
    status: 200,
    text: await server.sign({ ...reply, delivery: '99999999-9999-4999-8999-999999999999' }),
  }),
  'a signed reply without results': (server) => async ({ reply }) => ({
    status: 200,
    text: await server.sign({ delivery: reply.delivery }),
  }),
  'a signed reply about other events': (server) => async ({ reply }) => ({
    status: 200,
    text: await server.sign({
      ...reply,
      results: [{ digest: await sha256('another'), verdict: 'accepted', code: 'counted' }],
    }),
  }),
  'a verdict this protocol does not have': (server) => async ({ reply }) => ({
    status: 200,
    text: await server.sign({ ...reply, results: reply.results.map((/** @type {any} */ r) => ({ ...r, verdict: 'lost' })) }),
  }),
};

for (const [name, make] of Object.entries(LIES)) {
  test(`${name} changes nothing and the result goes later`, async () => {
    const { server, tab } = await signedIn();
    await oneSaved(tab, server);
    // Also when asked twice: after a reply that does not verify the phone hears of the server's key again.
    server.tricks.push(make(server), make(server));
    assert.notEqual(await tab.deliver.sendNow(), 'done');
    assert.deepEqual(await states(tab), ['sent']);
    assert.equal(await tab.outbox.pendingCount(), 1);
    server.tricks.length = 0;
    assert.equal(await tab.deliver.sendNow(), 'done');
    assert.deepEqual(await states(tab), ['counted']);
  });
}

test('a reply that names only half of the events leaves the other half to go again', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  await finish(tab, QUIZ);
  server.tricks.push(async ({ reply }) => ({
    status: 200,
    text: await server.sign({ ...reply, results: reply.results.slice(0, 1) }),
  }));
  assert.equal(await tab.deliver.sendNow(), 'waiting');
  assert.deepEqual(await states(tab), ['sent', 'counted']);
  assert.equal(await tab.deliver.sendNow(), 'done');
  assert.deepEqual(await states(tab), ['counted', 'counted']);
  assert.deepEqual(server.deliveries.map((delivery) => delivery.events.length), [2, 1]);
});

test('held is received, held for a person is attention, rejected is attention for good', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.verdicts.lesson_finished = ['held', 'activity_unknown'];
  await tab.deliver.sendNow();
  assert.deepEqual(await states(tab), ['received']);
  assert.equal(await tab.outbox.pendingCount(), 0);
  server.verdicts.lesson_finished = ['held', 'device_revoked'];
  await tab.deliver.sendNow();
  assert.deepEqual(await states(tab), ['attention']);
  server.verdicts.lesson_finished = ['rejected', 'activity_mismatch'];
  await tab.deliver.sendNow();
  const [result] = await tab.outbox.results();
  assert.deepEqual([result.state, result.code, result.open], ['attention', 'activity_mismatch', undefined]);
  const before = server.deliveries.length;
  await tab.deliver.sendNow();
  assert.equal(server.deliveries[before].events.length, 0);
});

test('what is held is asked about again, ever less often, until it counts', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.verdicts.lesson_finished = ['held', 'attempt_unknown'];
  await tab.deliver.kick({ now: true });
  const [first] = await tab.outbox.results();
  await tab.deliver.kick({ now: true });
  assert.equal(server.deliveries.length, 1);
  await tab.store.changeEvents(HUONG, [1], (/** @type {any} */ event) => (event.askAt = Date.now() - 1));
  await tab.deliver.kick({ now: true });
  const [second] = await tab.outbox.results();
  assert.equal(server.deliveries.length, 2);
  assert.ok(second.askAt - Date.now() > (first.askAt - Date.now()) * 1.5);
  server.verdicts = {};
  await tab.deliver.sendNow();
  assert.deepEqual(await states(tab), ['counted']);
});

test('a key the server does not know is registered again under the session and the events go', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.devices.clear();
  await tab.deliver.sendNow();
  assert.equal(server.registrations, 2);
  assert.deepEqual(await states(tab), ['counted']);
});

test('a key the server does not know waits for the next sign-in when there is no session', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.devices.clear();
  server.session = null;
  await tab.deliver.sendNow();
  const [result] = await tab.outbox.results();
  assert.deepEqual([result.state, result.code, result.receivedAt], ['sent', 'device_unknown', undefined]);
  assert.equal(reason(result, /** @type {any} */ ({ t: (/** @type {string} */ key) => key })), 'why_device_unknown');
  assert.equal(await tab.outbox.pendingCount(), 1);
  server.session = HUONG;
  await tab.identity.refresh();
  await tab.deliver.sendNow();
  assert.deepEqual(await states(tab), ['counted']);
});

test('with the session expired a result still counts', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.session = null;
  assert.equal(await tab.identity.refresh(), 'signed_out');
  assert.equal((await tab.identity.current()).official, HUONG);
  await tab.deliver.sendNow();
  assert.deepEqual(await states(tab), ['counted']);
});

test("one person's results go while another is signed in, under the first one's name", async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.session = KHAO;
  server.names[KHAO] = 'Tao Văn Khao';
  assert.equal(await tab.identity.refresh(), 'fresh');
  assert.equal((await tab.identity.current()).name, 'Tao Văn Khao');
  assert.deepEqual(await tab.outbox.results(), []);
  await finish(tab, QUIZ);
  await tab.deliver.sendNow();
  assert.deepEqual(
    server.events().map(({ official, activity, seq }) => [official, activity, seq]).sort(),
    [[HUONG, LESSON, 1], [KHAO, QUIZ, 1]],
  );
  assert.equal(server.deliveries.length, 1);
  assert.deepEqual(await states(tab), ['counted']);
  assert.equal((await tab.store.events(HUONG))[0].state, 'counted');
});

test('a browser on which more officials have signed in than a delivery may name goes on delivering', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  for (let n = 0; n < 60; n += 1) {
    server.session = `33333333-3333-4333-8333-${String(n).padStart(12, '0')}`;
    server.names[server.session] = `Official ${n}`;
    assert.equal(await tab.identity.refresh(), 'fresh');
  }
  await finish(tab);
  assert.equal(await tab.deliver.sendNow(), 'done');
  const [{ devices, events }] = server.deliveries;
  assert.equal(events.length, 2);
  // What is said of a phone is believed beside an event of it: those are among them.
  for (const text of events) assert.ok(JSON.parse(Buffer.from(text.split('.')[0], 'base64url').toString()).kid in devices);
  assert.deepEqual(await states(tab), ['counted']);
  assert.equal((await tab.store.events(HUONG))[0].state, 'counted');
});

test("another person's session fills her own database, and none during a quiz", async () => {
  const { server, tab } = await signedIn();
  server.session = KHAO;
  tab.identity.busy(true);
  assert.equal(await tab.identity.refresh(), 'other');
  assert.equal((await tab.identity.current()).official, HUONG);
  assert.equal((await tab.identity.state()).official, HUONG);
  assert.equal(await tab.store.get(KHAO, 'state'), undefined);
  tab.identity.busy(false);
  await tab.identity.refresh();
  assert.equal((await tab.identity.state()).official, KHAO);
  assert.equal((await tab.store.get(HUONG, 'state')).official, HUONG);
});

test('what is done between a sign-in and the word of who it was waits for that word', async () => {
  const { server, tab } = await signedIn();
  // Another person has signed in; this page was loaded before, and has not asked since.
  server.session = KHAO;
  /** @type {any} */ (document).cookie = 'csrftoken=second';
  const event = await finish(tab);
  assert.equal(payloadOf(event.jws).official, KHAO);
  assert.deepEqual(await tab.store.events(HUONG), []);
});

test('without that word nothing is recorded under a name that may be wrong', async () => {
  const { server, tab } = await signedIn();
  server.session = KHAO;
  /** @type {any} */ (document).cookie = 'csrftoken=second';
  const { fetch } = server;
  server.fetch = () => Promise.reject(new TypeError('network'));
  await assert.rejects(finish(tab), { code: 'uncertain' });
  tab.identity.busy(true);
  // A quiz that began under the first name is hers.
  assert.equal(payloadOf((await finish(tab)).jws).official, HUONG);
  tab.identity.busy(false);
  server.fetch = fetch;
  assert.equal(payloadOf((await finish(tab)).jws).official, KHAO);
});

test('a sign-in that says whose it was is word enough for her, and for nobody else', async () => {
  const { server, tab } = await signedIn();
  const { fetch } = server;
  server.fetch = () => Promise.reject(new TypeError('network'));
  /** @type {any} */ (document).cookie = `csrftoken=second; official=${HUONG}`;
  assert.equal(payloadOf((await finish(tab)).jws).official, HUONG);
  /** @type {any} */ (document).cookie = `official=${KHAO}; csrftoken=third`;
  await assert.rejects(finish(tab), { code: 'uncertain' });
  Object.assign(server, { fetch, session: KHAO });
  assert.equal(payloadOf((await finish(tab)).jws).official, KHAO);
});

test('a phone nobody ever signed in on asks the server nothing', async () => {
  const { server } = await signedIn();
  newPhone(server);
  /** @type {any} */ (document).cookie = '';
  server.asked.length = 0;
  assert.equal(await (await openTab()).identity.refresh(), 'signed_out');
  assert.deepEqual(server.asked, []);
});

test('after sign-out the phone works for nobody and what waited still goes', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.session = null;
  await tab.identity.leave();
  assert.equal(await tab.identity.current(), null);
  assert.equal(await tab.outbox.pendingCount(), 1);
  const later = await openTab();
  await later.deliver.sendNow();
  assert.equal(await later.outbox.pendingCount(), 0);
  assert.equal(server.events().length, 1);
});

test('when the server has forgotten (a restored backup), acknowledged events go again', async () => {
  const { server, tab } = await signedIn();
  for (let n = 0; n < 4; n += 1) await finish(tab);
  await tab.deliver.sendNow();
  const [kept] = server.ledger.values();
  kept.delete(3);
  kept.delete(4);
  await tab.deliver.sendNow();
  await tab.deliver.sendNow();
  assert.equal(server.events().length, 4);
  assert.deepEqual(await states(tab), ['counted', 'counted', 'counted', 'counted']);
});

test('a gap that was always there makes nothing go again', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  await tab.store.changeEvents(HUONG, [1], (/** @type {any} */ event) => (event.jws = `${event.jws.slice(0, -8)}AAAAAAAA`));
  await finish(tab);
  await tab.deliver.sendNow();
  const sent = server.deliveries.length;
  await tab.deliver.sendNow();
  assert.equal(server.deliveries[sent].events.filter((/** @type {string} */ jws) => payloadOf(jws).seq === 2).length, 0);
});

test('a delivery the server finds too large is halved until it goes', async () => {
  const { server, tab } = await signedIn();
  for (let n = 0; n < 9; n += 1) await finish(tab);
  server.most = 3;
  await tab.deliver.sendNow();
  assert.equal(server.events().length, 9);
  assert.deepEqual(server.deliveries.map((delivery) => delivery.events.length), [9, 5, 3, 3, 3]);
});

test('one event the server cannot take holds up no other', async () => {
  const { server, tab } = await signedIn();
  for (let n = 0; n < 4; n += 1) await finish(tab);
  const bad = (await tab.store.events(HUONG))[1].jws;
  const honest = server.deliver.bind(server);
  server.deliver = async (body, packed) => {
    const answer = await honest(body, packed);
    const delivery = server.deliveries[server.deliveries.length - 1];
    return delivery.events.includes(bad) ? { status: 400, text: '{"code": "malformed", "detail": ""}' } : answer;
  };
  await tab.deliver.sendNow();
  assert.deepEqual(await states(tab), ['counted', 'counted', 'sent', 'counted']);
});

test('two tabs that send at once send each event once', async () => {
  const { server, tab } = await signedIn();
  const other = await openTab();
  for (let n = 0; n < 5; n += 1) await finish(tab);
  const outcomes = await Promise.all([tab.deliver.sendNow(), other.deliver.sendNow()]);
  assert.deepEqual(outcomes.sort(), ['done', 'elsewhere']);
  assert.equal(server.deliveries.flatMap((delivery) => delivery.events).length, 5);
});

test('a server that asks for peace gets it, a lost network does not make anyone wait', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  server.tricks.push(() => ({ status: 503, text: '' }));
  await tab.deliver.kick({ now: true });
  await tab.deliver.kick({ now: true });
  assert.equal(server.deliveries.length, 1);
  const pause = await tab.store.get('', 'backOff');
  assert.ok(pause.until > Date.now() + 1000);
  await tab.store.put('', 'backOff', { ...pause, outcome: 'offline' });
  await tab.deliver.kick({ now: true });
  assert.equal(server.deliveries.length, 2);
  assert.equal(await tab.store.get('', 'backOff'), undefined);
});

test('what was acknowledged 90 days ago is forgotten, what was not never is', async () => {
  const { tab } = await signedIn();
  await finish(tab);
  await tab.deliver.sendNow();
  await finish(tab);
  const long = Date.now() - 91 * 86_400_000;
  await tab.store.changeEvents(HUONG, [1, 2], (/** @type {any} */ event) => {
    event.savedAt = long;
    if (event.countedAt) event.countedAt = long;
  });
  /** @type {any} */ (navigator).reachable = false;
  await tab.deliver.kick({ now: true });
  assert.deepEqual((await tab.store.events(HUONG)).map((/** @type {any} */ event) => event.seq), [2]);
});

test('a new key of the server is learned under the session and nowhere else', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  await server.newKey();
  server.session = null;
  assert.equal(await tab.deliver.sendNow(), 'untrusted');
  assert.deepEqual(await states(tab), ['sent']);
  server.session = HUONG;
  assert.equal(await tab.deliver.sendNow(), 'done');
  assert.deepEqual(await states(tab), ['counted']);
});

test('a state that has not changed is not fetched twice, and its time is still heard', async () => {
  const { server, tab } = await signedIn();
  // The first answer was made before the phone was registered, so the second one differs.
  await tab.identity.refresh();
  assert.equal(await tab.identity.refresh(), 'same');
  assert.equal(await tab.identity.refresh({ maxAge: 60_000 }), 'same');
  assert.equal(server.asked.filter((url) => url === '/api/me/').length, 3);
  /** @type {any} */ (document).cookie = 'csrftoken=another';
  await tab.identity.refresh({ maxAge: 60_000 });
  assert.equal(server.asked.filter((url) => url === '/api/me/').length, 4);
  assert.ok(await tab.store.get('', 'clock'));
});

for (const [name, answer] of /** @type {[string, () => any][]} */ ([
  ['a captive portal', () => new Response('<html>', { status: 200 })],
  ['an error', () => new Response('', { status: 502 })],
  ['a 401 that is not ours', () => new Response('{}', { status: 401 })],
  ['JSON of another kind', () => new Response('{"ok": true}', { status: 200 })],
])) {
  test(`${name} in the place of the personal state leaves the known one`, async () => {
    const { server, tab } = await signedIn();
    const known = await tab.identity.state();
    server.fetch = async () => answer();
    assert.equal(await tab.identity.refresh(), 'offline');
    assert.deepEqual(await tab.identity.state(), known);
  });
}

/** While `work` runs, this phone can't write that events have left. @param {() => Promise<any>} work */
async function cannotNote(work) {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function noting(value, ...key) {
    if (value && value.sentAt && !value.receivedAt) throw new DOMException('full', 'QuotaExceededError');
    return put.call(this, value, ...key);
  };
  try {
    return await work();
  } finally {
    IDBObjectStore.prototype.put = put;
  }
}

test('a phone that could not note that a result left still does what the server says of it', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  assert.equal(await cannotNote(() => tab.deliver.sendNow()), 'done');
  assert.deepEqual(await states(tab), ['counted']);
  assert.equal(server.events().length, 1);
});

test('a phone that could write nothing of a reply tries again by itself', async () => {
  const { tab } = await signedIn();
  await finish(tab);
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function failing(value, ...key) {
    if (value && value.digest) throw new DOMException('full', 'QuotaExceededError');
    return put.call(this, value, ...key);
  };
  try {
    await tab.deliver.kick({ now: true });
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  assert.deepEqual(await states(tab), ['saved']);
  assert.ok((await tab.store.get('', 'backOff')).until > Date.now());
  await tab.deliver.kick({ now: true });
  assert.deepEqual(await states(tab), ['counted']);
});
