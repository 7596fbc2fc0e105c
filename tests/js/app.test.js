/** The entry module of a page, on a page of a test: who is sent to the sign-in, and what is said of sending. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { finish, newPhone, openTab, Server, signedIn, until } from './phone.js';

const globals = /** @type {any} */ (globalThis);

/** What the app touches of an element. */
class Place {
  constructor() {
    /** @type {Record<string, string>} */
    this.attributes = {};
    this.dataset = /** @type {Record<string, string>} */ ({});
    this.innerHTML = '';
    /** @type {string[]} */
    this.said = [];
  }

  get textContent() {
    return this.said[this.said.length - 1] || '';
  }

  set textContent(text) {
    this.said.push(text);
  }

  /** @param {string} name */
  getAttribute(name) {
    return name in this.attributes ? this.attributes[name] : null;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  /** @param {string} name */
  removeAttribute(name) {
    delete this.attributes[name];
  }

  prepend() {}

  append() {}

  addEventListener() {}
}

/**
 * Open a page; what it comes to is waited for by who opened it.
 * @param {any} tab @param {string} module @param {string} path
 */
async function openPage(tab, module, path) {
  /** @type {Record<string, Place>} */
  const places = {};
  const place = (/** @type {string} */ name) => (places[name] = places[name] || new Place());
  const main = Object.assign(new Place(), { dataset: { module }, querySelector: place, querySelectorAll: () => [] });
  /** @type {Record<string, ((event: any) => void)[]>} */
  const listeners = {};
  /** @type {string[]} */
  const gone = [];
  const before = { document: globals.document, location: globals.location };
  globals.location = { pathname: path, replace: (/** @type {string} */ to) => gone.push(to) };
  globals.document = {
    cookie: before.document.cookie, visibilityState: 'visible', readyState: 'complete', documentElement: { lang: 'vi' },
    querySelector: (/** @type {string} */ what) => (what === 'main' ? main : null),
    querySelectorAll: () => [],
    getElementById: () => null,
    createElement: () => new Place(),
    addEventListener: (/** @type {string} */ name, /** @type {any} */ listener) => (listeners[name] = [...(listeners[name] || []), listener]),
    removeEventListener: (/** @type {string} */ name, /** @type {any} */ listener) => (listeners[name] = listeners[name].filter((one) => one !== listener)),
  };
  await tab.app();
  const press = (/** @type {any} */ button) => listeners.click.forEach((listener) => listener({ target: { closest: () => button }, preventDefault() {} }));
  const close = () => Object.assign(globals, before);
  return { places, place, gone, press, close };
}

/** A phone on which nobody has ever signed in, and no cookie. */
async function nobodys() {
  const server = await new Server().newKey();
  newPhone(server);
  globals.document.cookie = '';
  return { server, tab: await openTab() };
}

test('without a person my courses lead to the sign-in, once the server was heard', async () => {
  const { tab } = await nobodys();
  const page = await openPage(tab, 'me', '/me/');
  await until(() => page.gone.length);
  assert.deepEqual(page.gone, ['/accounts/login/?next=%2Fme%2F']);
  page.close();
});

for (const [what, spoil] of /** @type {[string, (server: any) => void][]} */ ([
  ['says so', () => Object.assign(navigator, { onLine: false })],
  ['does not show', (server) => (server.fetch = () => Promise.reject(new TypeError('network')))],
])) {
  test(`without a person and with no network that ${what}, my courses stay and tell how to begin`, async () => {
    const { server, tab } = await nobodys();
    spoil(server);
    const page = await openPage(tab, 'me', '/me/');
    // Told when the page has given up asking, and whoever would be sent away has been.
    await until(() => page.place('[data-courses]').innerHTML.includes('listMissing'));
    assert.deepEqual(page.gone, []);
    assert.match(page.place('[data-courses]').innerHTML, /listMissing.*firstSignIn/s);
    assert.doesNotMatch(page.place('[data-courses]').innerHTML, /listMissingMore/);
    assert.equal(page.place('[data-notes]').innerHTML, '');
    page.close();
  });
}

/** @type {[string, (world: any) => any][]} */
const OUTCOMES = [
  ['done', () => {}],
  ['offline', () => Object.assign(navigator, { reachable: false })],
  ['server', ({ server }) => server.tricks.push(() => ({ status: 503, text: '' }))],
  ['untrusted', ({ server }) => server.tricks.push(...Array(3).fill(() => ({ status: 200, text: '<html>' })))],
  ['waiting', ({ server }) => server.tricks.push(async (/** @type {any} */ { reply }) => ({ status: 200, text: await server.sign({ ...reply, results: [] }) }))],
  ['failed', ({ tab }) => tab.store.put('', 'officials', 1)],
];
for (const [outcome, arrange] of OUTCOMES) {
  test(`"Send results now" says what came of it: ${outcome}`, async () => {
    const { server, tab } = await signedIn();
    const page = await openPage(tab, '', '/me/results/');
    // It has greeted the server, and nobody is sending any more.
    await until(async () => (await tab.deliver.lastSent()) && !(/** @type {any} */ (navigator.locks).held.size));
    await finish(await openTab());
    await arrange({ server, tab });
    const button = new Place();
    page.press(button);
    page.press(button);
    assert.equal(button.getAttribute('aria-disabled'), 'true');
    await until(() => button.getAttribute('aria-disabled') === null);
    assert.deepEqual(page.place('[data-sent]').said, ['sending', `send_${outcome}`]);
    assert.equal(button.getAttribute('aria-disabled'), null);
    page.close();
  });
}
