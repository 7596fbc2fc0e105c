/** The worker itself, on caches of a test: what only phones with courses need is fetched again where it is missing. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeCaches } from './caches.js';

const LATER = '/static/js/pages/storage.js';
const SHELL = '<html>{{SHELL_MAIN}}</html>{{SHELL_PAGES}}{}';

test('a file that was cut off from the first download comes with the next page', async () => {
  const globals = /** @type {any} */ (globalThis);
  const caches = new FakeCaches();
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  /** @type {string[]} */
  const asked = [];
  Object.assign(globals, {
    caches,
    BUILD: { version: '1', files: [], later: [LATER], shells: { vi: '/shell/vi/', en: '/shell/en/' }, digests: {} },
    location: { origin: 'https://hoc.example' },
    clients: {},
    addEventListener: (/** @type {string} */ name, /** @type {any} */ listener) => (listeners[name] = listener),
    fetch: async (/** @type {string} */ url) => {
      asked.push(url);
      return new Response('code', { headers: { 'Content-Type': 'text/javascript' } });
    },
  });
  await import('../../static/js/worker/main.js');
  const own = await caches.open('app-1');
  await own.put('/shell/vi/', new Response(SHELL));
  const open = async () => {
    /** @type {Promise<any>[]} */
    const going = [];
    const wait = (/** @type {Promise<any>} */ work) => going.push(work);
    const request = { method: 'GET', mode: 'navigate', url: 'https://hoc.example/attt-01/' };
    listeners.fetch({ request, respondWith: wait, waitUntil: wait });
    const answer = await going[0];
    await Promise.all(going);
    return answer.text();
  };
  const course = await caches.open('course-a-vi-1');
  await course.put('/attt-01/', new Response('<main>one</main>'));
  await course.put('/_whole', new Response('1'));
  assert.equal(await open(), '<html><main>one</main></html>');
  assert.deepEqual(asked, [LATER]);
  assert.ok(await own.match(LATER));
  await open();
  assert.deepEqual(asked, [LATER]);
  // Without a course this phone has no use for it.
  await own.delete(LATER);
  await caches.delete('course-a-vi-1');
  await own.put('/shell/vi/', new Response('<html>{{SHELL_MAIN}}</html>{{SHELL_PAGES}}{"/attt-01/":{"main":"app","title":"","description":"","lang":"vi"}}'));
  assert.equal(await open(), '<html>app</html>');
  assert.deepEqual(asked, [LATER]);
});
