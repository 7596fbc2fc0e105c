/** Courses on the phone: whole or not at all, every byte checked, only what changed fetched again. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { whyNotDownloaded } from '../../static/js/pages/lines.js';
import { FakeCaches } from './caches.js';
import { COURSE, EDITION, HUONG, deadNetwork, openTab, sha256, signedIn } from './phone.js';

const PACK_URL = `/api/courses/${COURSE}/pack/`;
const MIB = 1 << 20;

/** @param {string} key @param {string} html @param {any} [data] */
async function item(key, html, data = {}) {
  const path = `/attt-01/${key}/`;
  const title = `Bài ${key} – “mật khẩu”`;
  const lang = 'vi';
  const spelled = JSON.stringify(Object.fromEntries(Object.entries(data).sort()));
  const hash = await sha256([path, title, lang, html, spelled].join('\n'));
  return { key, kind: 'lesson', path, title, lang, minutes: 5, hash, html, data };
}

/** @param {Uint8Array} content @param {{pieces?: boolean}} [options] */
async function file(content, { pieces = false } = {}) {
  const hash = await sha256(content);
  /** @type {string[]} */
  const parts = [];
  for (let n = 0; pieces && n * MIB < content.length; n += 1) parts.push(await sha256(content.slice(n * MIB, (n + 1) * MIB)));
  const size = content.length;
  const media = { url: `/m/${hash}.webp`, sha256: hash, bytes: size, raw_bytes: size, type: 'image/webp', role: 'picture', pieces: parts };
  return { media, content };
}

/** @param {any[]} items @param {any[]} files @param {string} [edition] */
async function packOf(items, files, edition = EDITION) {
  const order = items.map(({ key }) => key);
  const lines = [
    ...items.map(({ key, hash }) => `${key} ${hash}`),
    ...files.map(({ media }) => `media ${media.sha256}`).sort(),
    `edition ${edition}`,
  ];
  const pack = await sha256(lines.join('\n'));
  return { format: 1, course: COURSE, lang: 'vi', edition, pack, order, items, removed: [], media: files.map(({ media }) => media) };
}

/** Serve a pack and its files. @param {any} server @param {any} pack @param {any[]} files */
function serve(server, pack, files) {
  server.files[PACK_URL] = () => new Response(JSON.stringify(pack), { headers: { 'Content-Length': '1000' } });
  for (const { media, content } of files) {
    server.files[media.url] = (/** @type {any} */ { headers = {} }) => {
      const range = /bytes=(\d+)-(\d+)/.exec(headers.Range || '');
      if (!range) return new Response(content);
      return new Response(content.slice(Number(range[1]), Number(range[2]) + 1), { status: 206 });
    };
  }
}

async function ready() {
  const cache = new FakeCaches();
  /** @type {any} */ (globalThis).caches = cache;
  const { server, tab } = await signedIn();
  const picture = await file(new Uint8Array(5000).fill(7));
  const other = await file(new Uint8Array(3000).fill(8));
  const items = [
    await item('one', `<main><img src="${picture.media.url}"></main>`),
    await item('two', `<main><img src="${other.media.url}"></main>`, { paper: 'x', mode: 'practice' }),
  ];
  const pack = await packOf(items, [picture, other]);
  serve(server, pack, [picture, other]);
  return { cache, server, tab, picture, other, items, pack };
}

/** @param {any} server @param {string} start */
const asked = (server, start) => server.asked.filter((/** @type {string} */ url) => url.startsWith(start)).length;

test('a course is downloaded with its progress in bytes and kept as pages and files', async () => {
  const { cache, tab, items, pack, picture } = await ready();
  /** @type {any[]} */
  const progress = [];
  const held = await tab.packs.download(COURSE, 'vi', (/** @type {any} */ now) => progress.push(now));
  assert.deepEqual(progress[progress.length - 1], { done: 9000, total: 9000 });
  assert.equal(held.bytes, 9000);
  const kept = await cache.open(`course-${COURSE}-vi-${pack.pack}`);
  const page = /** @type {Response} */ (await kept.match('/attt-01/one/'));
  assert.equal(await page.text(), items[0].html);
  assert.equal(decodeURIComponent(page.headers.get('X-Title') || ''), items[0].title);
  assert.equal(page.headers.get('Content-Language'), 'vi');
  assert.equal((await /** @type {Response} */ (await kept.match(picture.media.url)).arrayBuffer()).byteLength, 5000);
  assert.ok(await kept.match('/_whole'));
  assert.deepEqual((await tab.packs.held()).map((/** @type {any} */ one) => one.pack), [pack.pack]);
  const [event] = await tab.store.events(HUONG);
  assert.deepEqual([event.kind, event.activity, event.data], ['course_downloaded', COURSE, { pack: pack.pack }]);
});

test('its state is none, then ready, then update when the server has a newer one', async () => {
  const { server, tab, pack } = await ready();
  const heard = (/** @type {string} */ hash) => ({ courses: [{ course: COURSE, packs: { vi: { hash } } }] });
  assert.equal(await tab.packs.statusOf(COURSE, heard(pack.pack), 'vi'), 'none');
  const answer = server.files[PACK_URL];
  const looked = new Promise((then) => (server.files[PACK_URL] = async (request) => {
    then(await tab.packs.statusOf(COURSE, null, 'vi'));
    return answer(request);
  }));
  await tab.packs.download(COURSE, 'vi', async () => {});
  assert.equal(await looked, 'downloading');
  assert.equal(await tab.packs.statusOf(COURSE, heard(pack.pack), 'vi'), 'ready');
  assert.equal(await tab.packs.statusOf(COURSE, heard('other'), 'vi'), 'update');
  assert.equal(await tab.packs.statusOf(COURSE, heard('other'), 'en'), 'none');
});

/** @type {Record<string, [string, (world: any) => void]>} */
const FAILURES = {
  'an item whose hash differs': ['damaged', ({ pack }) => (pack.items[0].html += '!')],
  'a pack whose hash differs': ['damaged', ({ pack }) => pack.order.reverse()],
  'a picture whose hash differs': ['damaged', ({ server, other }) => {
    server.files[other.media.url] = () => new Response(new Uint8Array(3000));
  }],
  'a pack of another course': ['damaged', ({ pack }) => (pack.course = HUONG)],
  'a captive portal in the place of the pack': ['portal', ({ server }) => {
    server.files[PACK_URL] = () => new Response('<html>welcome</html>');
  }],
  'a sign-in page in the place of a picture': ['portal', ({ server, other }) => {
    server.files[other.media.url] = () => Object.defineProperty(new Response('sign in'), 'redirected', { value: true });
  }],
  'a network cut in the middle of a picture': ['offline', ({ server, other }) => {
    server.files[other.media.url] = () =>
      new Response(new ReadableStream({
        start(stream) {
          stream.enqueue(new Uint8Array(10));
          stream.error(new TypeError('network'));
        },
      }));
  }],
  'no network at all': ['offline', ({ server }) => {
    server.files[PACK_URL] = () => Promise.reject(new TypeError('network'));
  }],
  'a session that has expired': ['signed_out', ({ server }) => {
    server.files[PACK_URL] = () => new Response('{}', { status: 401 });
  }],
  'a course that was taken from sight': ['gone', ({ server }) => {
    server.files[PACK_URL] = () => new Response('{}', { status: 404 });
  }],
  'a server that fails': ['server', ({ server }) => {
    server.files[PACK_URL] = () => new Response('', { status: 500 });
  }],
};

for (const [name, [code, spoil]] of Object.entries(FAILURES)) {
  test(`${name} leaves nothing that is shown as held`, async () => {
    const world = await ready();
    spoil(world);
    await assert.rejects(world.tab.packs.download(COURSE, 'vi'), { code });
    assert.deepEqual(await world.tab.packs.held(), []);
    for (const cache of world.cache.all.values()) assert.equal(await cache.match('/_whole'), undefined);
    assert.equal((await world.tab.store.events(HUONG)).length, 0);
  });

  test(`${name} during an update leaves the old edition whole`, async () => {
    const world = await ready();
    await world.tab.packs.download(COURSE, 'vi');
    const changed = [await item('one', '<main>new</main>'), world.items[1], await item('three', `<main>${world.other.media.url}`)];
    const added = await file(new Uint8Array(100).fill(3));
    const next = await packOf(changed, [world.other, added]);
    serve(world.server, next, [added]);
    // The other picture is on the phone already; spoil the new one instead.
    spoil({ ...world, pack: next, other: added });
    await assert.rejects(world.tab.packs.download(COURSE, 'vi'), { code });
    const [held] = await world.tab.packs.held();
    assert.equal(held.pack, world.pack.pack);
    const kept = await world.cache.open(held.cache);
    assert.equal(await /** @type {Response} */ (await kept.match('/attt-01/one/')).text(), world.items[0].html);
    assert.ok(await kept.match(world.picture.media.url));
    assert.ok(await kept.match('/_whole'));
  });
}

test('an update fetches what changed and nothing else, and the old cache goes', async () => {
  const { cache, server, tab, picture, other, items, pack } = await ready();
  await tab.packs.download(COURSE, 'vi');
  server.asked.length = 0;
  const changed = await item('one', `<main>changed <img src="${picture.media.url}"></main>`);
  const whole = await packOf([changed, items[1]], [picture, other], 'f'.repeat(64));
  serve(server, { ...whole, from: pack.pack, items: [changed], media: [] }, []);
  const held = await tab.packs.download(COURSE, 'vi');
  assert.deepEqual(server.asked.filter((/** @type {string} */ url) => !url.startsWith('/api/me')), [`${PACK_URL}?lang=vi&have=${pack.pack}`]);
  assert.equal(held.pack, whole.pack);
  assert.deepEqual(await cache.keys(), [held.cache]);
  const kept = await cache.open(held.cache);
  assert.match(await /** @type {Response} */ (await kept.match('/attt-01/one/')).text(), /changed/);
  assert.equal(await /** @type {Response} */ (await kept.match('/attt-01/two/')).text(), items[1].html);
  assert.ok(await kept.match(picture.media.url));
});

test('an update that takes a lesson and its picture away drops both', async () => {
  const { cache, server, tab, other, items, pack } = await ready();
  await tab.packs.download(COURSE, 'vi');
  const whole = await packOf([items[1]], [other]);
  serve(server, { ...whole, from: pack.pack, items: [], removed: ['one'], media: [] }, []);
  const held = await tab.packs.download(COURSE, 'vi');
  const kept = await cache.open(held.cache);
  assert.equal(await kept.match('/attt-01/one/'), undefined);
  assert.equal(held.media.length, 1);
});

test('"unchanged" leaves what is held as it is', async () => {
  const { cache, server, tab } = await ready();
  const before = await tab.packs.download(COURSE, 'vi');
  server.files[PACK_URL] = () => new Response(null, { status: 304 });
  assert.deepEqual(await tab.packs.download(COURSE, 'vi'), before);
  assert.deepEqual(await cache.keys(), [before.cache]);
});

test('"unchanged" to a phone that holds nothing is not believed', async () => {
  const { server, tab } = await ready();
  server.files[PACK_URL] = () => new Response(null, { status: 304 });
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'portal' });
});

test('a difference to something the phone does not hold is refused', async () => {
  const { server, tab, pack } = await ready();
  serve(server, { ...pack, from: 'a'.repeat(64) }, []);
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'damaged' });
});

for (const [what, body] of /** @type {[string, () => any][]} */ ([
  ['answers nothing', () => new Promise(() => {})],
  ['stops in the middle of a picture', () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) }))],
])) {
  test(`a network that ${what} is none: the download says so and goes on when it is back`, async () => {
    const { server, tab, other } = await ready();
    const honest = server.files[other.media.url];
    server.files[other.media.url] = body;
    await deadNetwork(async () => {
      globalThis.fetch = (url, options) => server.fetch(/** @type {string} */ (url), options);
      await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'offline' });
    });
    server.files[other.media.url] = honest;
    await tab.packs.resume();
    assert.equal((await tab.packs.held()).length, 1);
  });
}

test('after a cut the files that had come are not fetched again', async () => {
  const { server, tab, picture, other } = await ready();
  const honest = server.files[other.media.url];
  server.files[other.media.url] = () => Promise.reject(new TypeError('network'));
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'offline' });
  assert.ok(await tab.store.get('', 'wanted').then((/** @type {any} */ wanted) => wanted[COURSE]));
  server.files[other.media.url] = honest;
  server.asked.length = 0;
  await (await openTab()).packs.resume();
  assert.equal(asked(server, picture.media.url), 0);
  assert.equal(asked(server, other.media.url), 1);
  assert.equal((await tab.packs.held()).length, 1);
  assert.deepEqual(await tab.store.get('', 'wanted'), {});
});

test('a large file comes by the MiB, and a cut costs at most one', async () => {
  const { cache, server, tab, items } = await ready();
  const content = new Uint8Array(2.5 * MIB).map((_, n) => n % 251);
  const film = await file(content, { pieces: true });
  const pack = await packOf([items[0]], [film]);
  serve(server, pack, [film]);
  const honest = server.files[film.media.url];
  let calls = 0;
  server.files[film.media.url] = (request) => {
    calls += 1;
    return calls === 2 ? Promise.reject(new TypeError('network')) : honest(request);
  };
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'offline' });
  const held = await tab.packs.download(COURSE, 'vi');
  assert.equal(calls, 4);
  const kept = await cache.open(held.cache);
  const film2 = new Uint8Array(await /** @type {Response} */ (await kept.match(film.media.url)).arrayBuffer());
  assert.equal(await sha256(film2), film.media.sha256);
  assert.equal(await kept.match(`${film.media.url}?piece=0`), undefined);
});

test('storage that runs full in the middle gives back what came and keeps the old edition', async () => {
  const { cache, server, tab, items, pack } = await ready();
  await tab.packs.download(COURSE, 'vi');
  const large = await file(new Uint8Array(50_000).fill(1));
  const next = await packOf([items[0], items[1]], [large]);
  serve(server, next, [large]);
  cache.quota = cache.used() + 20_000;
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'full' });
  assert.deepEqual((await tab.packs.held()).map((/** @type {any} */ one) => one.pack), [pack.pack]);
  assert.deepEqual(await cache.keys(), [`course-${COURSE}-vi-${pack.pack}`]);
});

test('too little room is said before anything is fetched', async () => {
  const { server, tab } = await ready();
  Object.assign(navigator, { storage: { estimate: async () => ({ usage: 900, quota: 1000 }), persisted: async () => false } });
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'full' });
  assert.equal(asked(server, '/m/'), 0);
});

test('the browser is asked to keep the data at the first download', async () => {
  const { tab } = await ready();
  let times = 0;
  const persist = async () => {
    times += 1;
    return true;
  };
  Object.assign(navigator, { storage: { persist } });
  await tab.packs.download(COURSE, 'vi');
  await tab.packs.download(COURSE, 'vi');
  assert.equal(times, 1);
});

test('a download can be called off', async () => {
  const { server, tab, other } = await ready();
  server.files[other.media.url] = ({ signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('off', 'AbortError')));
      tab.packs.cancel(COURSE);
    });
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'cancelled' });
  assert.deepEqual(await tab.store.get('', 'wanted'), {});
});

test('two tabs do not download the same course twice', async () => {
  const { tab } = await ready();
  const other = await openTab();
  const [one, two] = await Promise.allSettled([tab.packs.download(COURSE, 'vi'), other.packs.download(COURSE, 'vi')]);
  assert.deepEqual([one.status, two.status].sort(), ['fulfilled', 'rejected']);
});

test('removing a course frees its room, leaves it in the other language and keeps the results', async () => {
  const { cache, server, tab, pack, items } = await ready();
  await tab.packs.download(COURSE, 'vi');
  const english = { ...(await packOf(items.slice(0, 1), [])), lang: 'en' };
  server.files[PACK_URL.replace('vi', 'en')] = () => new Response(JSON.stringify(english));
  await tab.packs.download(COURSE, 'en');
  await cache.open('app-1');
  await tab.packs.remove(COURSE, 'vi');
  assert.deepEqual(await cache.keys(), [`course-${COURSE}-en-${english.pack}`, 'app-1']);
  assert.deepEqual((await tab.packs.held()).map((/** @type {any} */ one) => one.lang), ['en']);
  await tab.packs.remove(COURSE, 'en');
  assert.deepEqual(await cache.keys(), ['app-1']);
  assert.deepEqual(await tab.packs.held(), []);
  assert.notEqual(pack.pack, english.pack);
  assert.equal((await tab.store.events(HUONG)).length, 2);
});

test('a course whose cache the browser took away is no longer shown as held', async () => {
  const { cache, tab, pack } = await ready();
  await tab.packs.download(COURSE, 'vi');
  await cache.delete(`course-${COURSE}-vi-${pack.pack}`);
  assert.deepEqual(await tab.packs.held(), []);
});

/** @type {[string, number, boolean][]} the write that doesn't come to pass, and whether the new edition is served then */
const CUTS = [['the first pointer', 1, false], ['the mark', 2, false], ['the last pointer', 3, true]];
for (const [what, last, isNew] of CUTS) {
  test(`cut before ${what} of an update, this phone points at the edition it serves, and goes on from there`, async () => {
    const { cache, server, tab, items, picture, pack } = await ready();
    await tab.packs.download(COURSE, 'vi');
    const next = await packOf([await item('one', '<main>new</main>'), items[1]], [picture], 'f'.repeat(64));
    serve(server, next, [picture]);
    let writes = 0;
    const cut = () => {
      writes += 1;
      if (writes >= last) throw new Error('cut');
    };
    const coming = await cache.open(`course-${COURSE}-vi-${next.pack}`);
    const honest = coming.put;
    coming.put = async (path, response) => {
      if (path === '/_whole') cut();
      return honest.call(coming, path, response);
    };
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function written(/** @type {any} */ value, /** @type {any} */ key) {
      if (value.cache || value.next) cut();
      return put.call(this, value, key);
    };
    await assert.rejects(tab.packs.download(COURSE, 'vi'), /cut/).finally(() => (IDBObjectStore.prototype.put = put));
    coming.put = honest;
    const again = await openTab();
    const whole = await Promise.all((await cache.keys()).map((cacheName) => cache.match('/_whole', { cacheName })));
    const [pointer] = await again.store.packs();
    // The worker serves the newest that is whole.
    assert.equal(await whole.filter(Boolean).pop()?.text(), pointer.pack);
    assert.equal(pointer.pack, isNew ? next.pack : pack.pack);
    server.files[PACK_URL] = ({ url }) =>
      url.includes(`have=${next.pack}`) ? new Response(null, { status: 304 }) : new Response(JSON.stringify(next));
    await again.packs.download(COURSE, 'vi');
    assert.deepEqual(await cache.keys(), [`course-${COURSE}-vi-${next.pack}`]);
    assert.deepEqual((await again.store.packs()).map((/** @type {HeldPack} */ one) => [one.pack, one.next]), [[next.pack, undefined]]);
  });
}

test('a page that looks while another swaps editions does not lose the course', async () => {
  const { cache, tab } = await ready();
  const old = await tab.packs.download(COURSE, 'vi');
  const other = await openTab();
  const { match } = cache;
  /** @type {() => void} */
  let go = () => {};
  const gate = new Promise((then) => (go = () => then(undefined)));
  /** @type {Promise<any>} */
  let looking = Promise.resolve();
  await new Promise((then) => {
    cache.match = async (path, options) => {
      then(undefined);
      await gate;
      return match.call(cache, path, options);
    };
    looking = other.packs.held();
  });
  await tab.store.putPack({ ...old, cache: 'course-new' });
  await cache.delete(old.cache);
  go();
  assert.deepEqual(await looking, []);
  assert.deepEqual((await tab.store.packs()).map((/** @type {HeldPack} */ one) => one.cache), ['course-new']);
});

test('a difference that cannot be applied is asked for whole, once', async () => {
  const { cache, server, tab, items, picture, other, pack } = await ready();
  const held = await tab.packs.download(COURSE, 'vi');
  await (await cache.open(held.cache)).delete('/attt-01/two/');
  const changed = await item('one', '<main>new</main>');
  const next = await packOf([changed, items[1]], [picture, other]);
  serve(server, next, []);
  server.files[PACK_URL] = ({ url }) => {
    const answer = url.includes('have=') ? { ...next, from: pack.pack, items: [changed], media: [] } : next;
    return new Response(JSON.stringify(answer), { headers: { 'Content-Length': '1000' } });
  };
  server.asked.length = 0;
  assert.equal((await tab.packs.download(COURSE, 'vi')).pack, next.pack);
  assert.equal(asked(server, PACK_URL), 2);
  // What stays damaged is not asked for a third time.
  server.files[PACK_URL] = () => new Response(JSON.stringify({ ...next, order: [] }));
  await assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'damaged' });
  assert.equal(asked(server, PACK_URL), 4);
});

test('another tab sees that a course is being downloaded, how far it is, and can stop it', async () => {
  const { server, tab, other: picture } = await ready();
  const other = await openTab();
  // Channels alone keep no process waiting.
  const awake = setInterval(() => {}, 20);
  Object.assign(navigator.locks, { query: async () => ({ held: Array.from(/** @type {any} */ (navigator.locks).held.keys(), (name) => ({ name })) }) });
  server.files[picture.media.url] = ({ signal }) =>
    new Promise((resolve, reject) => {
      const off = () => reject(new DOMException('off', 'AbortError'));
      if (signal.aborted) off();
      signal.addEventListener('abort', off);
    });
  const told = new Promise((then) => other.store.on('progress', then));
  const ended = new Promise((then) => other.store.on('packs', async () => {
    const now = await other.packs.statusOf(COURSE, null, 'vi');
    if (now === 'none') then(now);
  }));
  const coming = assert.rejects(tab.packs.download(COURSE, 'vi'), { code: 'cancelled' });
  assert.deepEqual(Object.keys(await told), ['course', 'done', 'total']);
  assert.equal(await other.packs.statusOf(COURSE, null, 'vi'), 'downloading');
  other.packs.cancel(COURSE);
  await coming;
  assert.equal(await ended, 'none');
  clearInterval(awake);
});

test('a failure nobody has a sentence for is told in the general one, never by its key', () => {
  /** @type {Record<string, string>} */
  const words = { err_full: 'No room', err_failed: 'It did not work' };
  const app = /** @type {any} */ ({ t: (/** @type {string} */ key) => words[key] || key });
  assert.equal(whyNotDownloaded({ code: 'full' }, app), 'No room');
  assert.equal(whyNotDownloaded({ code: 'refused' }, app), 'It did not work');
});
