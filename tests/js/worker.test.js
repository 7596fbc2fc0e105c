/** What the service worker answers with: joins, ranges, whose an address is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { escapeHtml, headersFrom, join, kindOf, parts, ranged, rangeOf, within } from '../../static/js/worker/answers.js';

const ORIGIN = 'https://hoc.example';
const SHELL =
  '<html lang="{{SHELL_LANG}}"><title>{{SHELL_TITLE}} - Site</title><meta content="{{SHELL_DESCRIPTION}}">' +
  '{{SHELL_MAIN}}<a href="{{SHELL_ALTERNATE}}">English</a>' +
  '<script id="words" type="application/json">{"a":1}</script></html>';

/** @param {string} path @param {string} [mode] @param {string} [method] */
const kind = (path, mode = 'navigate', method = 'GET') => kindOf({ method, mode, url: ORIGIN + path }, ORIGIN);

test('shell and page become one, with title and description escaped', () => {
  const main = '<main data-alternate="/en/attt-01/">text $& {{SHELL_TITLE}}</main>';
  const page = { title: `a < b & "c" 'd'`, description: '<script>', lang: 'vi', main };
  assert.equal(
    join(SHELL, page, 'vi'),
    '<html lang="vi"><title>a &lt; b &amp; &quot;c&quot; &#x27;d&#x27; - Site</title><meta content="&lt;script&gt;">' +
      `${main}<a href="/en/attt-01/">English</a><script id="words" type="application/json">{"a":1}</script></html>`,
  );
});

const { cases } = JSON.parse(readFileSync(new URL('../contract/shell.json', import.meta.url), 'utf8'));
for (const { what, language, shell, page, joined } of cases) {
  test(`the worker joins as the contract says: ${what}`, () => assert.equal(join(shell, page, language), joined));
}

test("the app's own pages stand behind the shell", () => {
  assert.deepEqual(parts('<html></html>{{SHELL_PAGES}}{"/me/":{}}'), { text: '<html></html>', pages: '{"/me/":{}}' });
  assert.deepEqual(parts('<html></html>'), { text: '<html></html>', pages: '{}' });
});

test('a page that names no other language leads to the home of it', () => {
  const page = { title: '', description: '', lang: 'vi', main: '<main></main>' };
  assert.match(join(SHELL, page, 'vi'), /href="\/en\/"/);
  assert.match(join(SHELL, page, 'en'), /href="\/"/);
  assert.match(join(SHELL, { ...page, alternate: '/en/me/' }, 'vi'), /href="\/en\/me\/"/);
});

test("the app's own pages bring the sentences of their scripts", () => {
  const page = { title: '', description: '', lang: 'vi', main: '', words: '{"b":"$1 {{SHELL_LANG}}"}' };
  assert.match(join(SHELL, page, 'vi'), /<script id="words" type="application\/json">\{"b":"\$1 /);
});

test('an unknown marker stays as it is', () => {
  assert.equal(join('{{SHELL_OTHER}}', { title: '', description: '', lang: '', main: '' }, 'vi'), '{{SHELL_OTHER}}');
});

test('escaping is that of Python', () => {
  assert.equal(escapeHtml(`<&>"'`), '&lt;&amp;&gt;&quot;&#x27;');
});

for (const path of [
  '/admin/', '/accounts/login/', '/en/accounts/login/', '/api/me/', '/documents/1/a.pdf', '/media/a.jpg', '/study/finish/',
  '/en/study/confirm/', '/django-admin/', '/health/', '/shell/vi/',
]) {
  test(`${path} is left to the browser`, () => assert.equal(kind(path), null));
}

test('pages, files of courses and static files are answered, everything else is left alone', () => {
  assert.equal(kind('/'), 'page');
  assert.equal(kind('/me/?a=/admin/'), 'page');
  assert.equal(kind('/administration-101/'), 'page');
  assert.equal(kind('/en/attt-01/'), 'page');
  assert.equal(kind(`/m/${'a'.repeat(64)}.webp?s=1`, 'no-cors'), 'media');
  assert.equal(kind('/static/js/app.js', 'cors'), 'static');
  assert.equal(kind('/manifest.json', 'cors'), null);
  assert.equal(kind('/attt-01/', 'cors'), null);
  assert.equal(kind('/me/', 'navigate', 'POST'), null);
  assert.equal(kindOf({ method: 'GET', mode: 'navigate', url: 'https://hoc.example.evil/me/' }, ORIGIN), null);
});

for (const [header, expected] of /** @type {[string | null, any][]} */ ([
  ['bytes=0-', [0, 99]],
  ['bytes=0-0', [0, 0]],
  ['bytes=10-19', [10, 19]],
  ['bytes=90-500', [90, 99]],
  ['bytes=-10', [90, 99]],
  ['bytes=-500', [0, 99]],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=20-10', null],
  ['bytes=-', null],
  ['bytes=0-1,5-6', null],
  ['lines=0-1', null],
  ['', null],
  [null, null],
])) {
  test(`range ${header} of 100 bytes`, () => assert.deepEqual(rangeOf(header, 100), expected));
}

test('a part of a stored file is a 206 with its place, nonsense the whole, beyond the end a 416', async () => {
  const kept = () => new Response('0123456789', { headers: { 'Content-Type': 'video/mp4' } });
  const part = await ranged(kept(), 'bytes=2-4');
  assert.deepEqual([part.status, await part.text()], [206, '234']);
  assert.equal(part.headers.get('Content-Range'), 'bytes 2-4/10');
  assert.equal(part.headers.get('Content-Length'), '3');
  assert.equal(part.headers.get('Content-Type'), 'video/mp4');
  assert.deepEqual([(await ranged(kept(), 'bytes=x')).status, (await ranged(kept(), null)).status], [200, 200]);
  const beyond = await ranged(kept(), 'bytes=10-');
  assert.deepEqual([beyond.status, beyond.headers.get('Content-Range')], [416, 'bytes */10']);
});

test('a composed page has the security policy of the shell and nothing said of its body', () => {
  const headers = headersFrom(
    new Headers({ 'Content-Security-Policy': "default-src 'none'", 'Content-Encoding': 'br', ETag: 'x', 'Content-Length': '5' }),
  );
  assert.equal(headers.get('Content-Security-Policy'), "default-src 'none'");
  assert.deepEqual(['Content-Encoding', 'ETag', 'Content-Length'].map((name) => headers.get(name)), [null, null, null]);
  assert.equal(headers.get('Content-Type'), 'text/html; charset=utf-8');
});

test('a network that says nothing is not waited for', async () => {
  await assert.rejects(within(new Promise(() => {}), 5));
  assert.equal(await within(Promise.resolve(1), 5), 1);
});

test('the worker is ASCII and never says skipWaiting by itself', () => {
  for (const name of ['answers', 'main']) {
    const text = readFileSync(new URL(`../../static/js/worker/${name}.js`, import.meta.url), 'utf8');
    assert.ok(/^[\x00-\x7f]*$/.test(text));
    assert.equal((text.match(/skipWaiting/g) || []).length, name === 'main' ? 1 : 0);
  }
});
