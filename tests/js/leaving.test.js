/** Signing out: at once on the phone, with or without a network; her session ends before anybody is taken for her. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { HUONG, KHAO, finish, openTab, signedIn } from './phone.js';

const noNetwork = async () => {
  throw new TypeError('Failed to fetch');
};

/** She signs out with the network cut; a new page is opened with the network back. @param {any} tab */
async function leavesOffline(tab) {
  const online = globalThis.fetch;
  globalThis.fetch = noNetwork;
  await tab.identity.leave();
  assert.equal(await tab.identity.finishLeaving(), false);
  return () => (globalThis.fetch = online);
}

test('without a network the phone works for nobody at once, and says that her session is still to end', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  await leavesOffline(tab);
  for (const page of [tab, await openTab()]) {
    assert.equal(await page.identity.current(), null);
    assert.equal(await page.identity.state(), null);
    assert.equal(await page.identity.refresh(), 'offline');
    assert.equal(await page.identity.isLeaving(), true);
    assert.equal(await page.outbox.pendingCount(), 1);
  }
  assert.equal(server.session, HUONG);
  await assert.rejects(finish(await openTab()), { code: 'nobody' });
});

test('with the network back the session ends before it is asked whose it is', async () => {
  const { server, tab } = await signedIn();
  await finish(tab);
  const connect = await leavesOffline(tab);
  connect();
  server.asked = [];
  const page = await openTab();
  assert.equal(await page.identity.refresh(), 'signed_out');
  assert.equal(server.session, null);
  assert.equal(server.asked.indexOf('/accounts/logout/'), 0);
  assert.ok(server.asked.lastIndexOf('/accounts/logout/') < server.asked.indexOf('/api/me/'));
  assert.equal(await page.identity.current(), null);
  assert.equal(await page.identity.isLeaving(), false);
  assert.equal(await page.deliver.sendNow(), 'done');
  assert.equal(server.events().length, 1);
});

test('the sign-out is posted once, whatever number of pages are open', async () => {
  const { server, tab } = await signedIn();
  const connect = await leavesOffline(tab);
  connect();
  server.asked = [];
  const pages = [await openTab(), await openTab(), tab];
  assert.deepEqual(await Promise.all(pages.map((page) => page.identity.finishLeaving())), [true, true, true]);
  assert.equal(server.asked.filter((url) => url === '/accounts/logout/').length, 2);
});

test('somebody who signed in meanwhile is not signed out by an old mark', async () => {
  const { server, tab } = await signedIn();
  const connect = await leavesOffline(tab);
  connect();
  server.session = KHAO;
  server.names[KHAO] = 'Giàng A Páo';
  /** @type {any} */ (document).cookie = 'csrftoken=second';
  const page = await openTab();
  assert.equal(await page.identity.refresh(), 'fresh');
  assert.equal(server.session, KHAO);
  assert.equal((await page.identity.current()).official, KHAO);
  assert.equal(await page.identity.isLeaving(), false);
});

test('the same person who signed in again stays signed in', async () => {
  const { server, tab } = await signedIn();
  const connect = await leavesOffline(tab);
  connect();
  /** @type {any} */ (document).cookie = 'csrftoken=again';
  const page = await openTab();
  await page.identity.refresh();
  assert.equal((await page.identity.current()).official, HUONG);
  assert.equal(server.session, HUONG);
});

test('a browser that was killed and lost its cookies still has to end the session, and says so until then', async () => {
  const { tab } = await signedIn();
  const connect = await leavesOffline(tab);
  /** @type {any} */ (document).cookie = '';
  const page = await openTab();
  assert.equal(await page.identity.refresh(), 'offline');
  assert.equal(await page.identity.isLeaving(), true);
  connect();
  assert.equal(await page.identity.refresh(), 'signed_out');
  assert.equal(await page.identity.isLeaving(), false);
});

/** @type {Record<string, (honest: (url: string, options?: any) => Promise<Response>) => any>} */
const NOT_THE_SERVER = {
  "a Wi-Fi's page for everything": () => async () => new Response('<h1>Welcome</h1>'),
  "a Wi-Fi's page with a token of its own": () => async () => new Response('<input name="csrfmiddlewaretoken" value="abc">'),
  'a server that is down': () => async () => new Response('', { status: 502 }),
  'a sign-out that is refused': (honest) => async (/** @type {string} */ url, /** @type {any} */ options = {}) =>
    options.method === 'POST' ? new Response('', { status: 403 }) : honest(url, options),
};
for (const [what, answers] of Object.entries(NOT_THE_SERVER)) {
  test(`${what} is no sign-out: it is tried again, and she is not taken up meanwhile`, async () => {
    const { server, tab } = await signedIn();
    const connect = await leavesOffline(tab);
    connect();
    const honest = globalThis.fetch;
    globalThis.fetch = answers(/** @type {any} */ (honest));
    const page = await openTab();
    assert.equal(await page.identity.refresh(), 'offline');
    assert.equal(await page.identity.current(), null);
    assert.equal(await page.identity.isLeaving(), true);
    assert.equal(server.session, HUONG);
    globalThis.fetch = honest;
    assert.equal(await page.identity.refresh(), 'signed_out');
    assert.equal(server.session, null);
  });
}

test('an answer that was on its way when she signed out takes nobody up', async () => {
  const { server, tab } = await signedIn();
  server.names[HUONG] = 'Lò Thị Hương (mới)';
  const honest = globalThis.fetch;
  globalThis.fetch = async (url, options) => {
    const answer = await honest(url, options);
    globalThis.fetch = noNetwork;
    await tab.identity.leave();
    return answer;
  };
  assert.equal(await tab.identity.refresh({ whole: true }), 'offline');
  assert.equal(await tab.identity.current(), null);
  assert.equal(await (await openTab()).identity.current(), null);
});

for (const ended of [false, true]) {
  test(`a state half read when she signed out takes nobody up ${ended ? 'after her session ended' : 'either'}`, async () => {
    const { server, tab } = await signedIn();
    const honest = globalThis.fetch;
    let letBody = () => {};
    const held = new Promise((resolve) => (letBody = () => resolve(null)));
    let asked = () => {};
    const answered = new Promise((resolve) => (asked = () => resolve(null)));
    globalThis.fetch = async (url, options) => {
      const answer = await honest(url, options);
      const text = await answer.text();
      if (url.toString().startsWith('/api/me/') && answer.status === 200) {
        const late = async () => (asked(), await held, text);
        Object.assign(answer, { text: late, json: async () => JSON.parse(await late()) });
      } else Object.assign(answer, { text: async () => text, json: async () => JSON.parse(text) });
      return answer;
    };
    const going = tab.identity.refresh({ whole: true });
    await answered;
    await tab.identity.leave();
    if (ended) assert.equal(await tab.identity.finishLeaving(), true);
    letBody();
    assert.equal(await going, 'offline');
    globalThis.fetch = honest;
    const next = await openTab();
    for (const page of [tab, next]) assert.equal(await page.identity.current(), null);
    assert.equal(await next.identity.finishLeaving(), true);
    assert.equal(server.session, null);
    await assert.rejects(finish(next), { code: 'nobody' });
  });
}

/** The sign-in page as the admin's sign-out answers with it. @param {any} tab @param {string} left */
const afterAdmin = (tab, left) =>
  tab.signin.start({ dataset: { left }, querySelector: () => null, querySelectorAll: () => [] }, { t: String, canKeep: true });

test('who signed out in the admin, for her the phone works no longer, without asking the server', async () => {
  const { server, tab } = await signedIn();
  server.session = null;
  server.asked = [];
  await afterAdmin(tab, HUONG);
  assert.equal(await (await openTab()).identity.current(), null);
  assert.equal(await tab.identity.isLeaving(), false);
  assert.equal(await tab.identity.finishLeaving(), true);
  assert.deepEqual(server.asked, []);
});

test('who signed out in the admin takes nobody else with her', async () => {
  const { tab } = await signedIn();
  await afterAdmin(tab, KHAO);
  await afterAdmin(tab, '');
  assert.equal((await (await openTab()).identity.current()).official, HUONG);
});
