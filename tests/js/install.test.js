/** The worker being installed while the site is brought to a new release: part of the servers still give the old one. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { digestOf } from '../../static/js/worker/answers.js';
import { FakeCaches } from './caches.js';

const OLD = '<html><link href="/static/old.css">{{SHELL_MAIN}}</html>{{SHELL_PAGES}}{}';
const NEW = '<html><link href="/static/new.css">{{SHELL_MAIN}}</html>{{SHELL_PAGES}}{}';

test('a shell of the release before is not kept with the files of the new one, and the install is tried again', async () => {
  const globals = /** @type {any} */ (globalThis);
  const caches = new FakeCaches();
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  let answer = OLD;
  Object.assign(globals, {
    caches,
    BUILD: {
      version: '2', files: ['/shell/vi/'], later: [], shells: { vi: '/shell/vi/', en: '/shell/en/' },
      digests: { '/shell/vi/': await digestOf(NEW), '/shell/en/': await digestOf('other') },
    },
    location: { origin: 'https://hoc.example' },
    clients: { matchAll: async () => [] },
    addEventListener: (/** @type {string} */ name, /** @type {any} */ listener) => (listeners[name] = listener),
    fetch: async () => new Response(answer, { headers: { 'Content-Type': 'text/html; charset=utf-8' } }),
  });
  await import('../../static/js/worker/main.js');
  const install = () => new Promise((resolve, reject) => listeners.install({ waitUntil: (/** @type {any} */ work) => work.then(resolve, reject) }));
  const own = await caches.open('app-2');
  await assert.rejects(install(), /shell/);
  assert.equal(await own.match('/shell/vi/'), undefined);
  answer = NEW;
  await install();
  assert.equal(await (await own.match('/shell/vi/'))?.text(), NEW);
});
