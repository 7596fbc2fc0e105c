/** The Cache API as far as the modules use it, by path; can be made to run out of room. */

class FakeCache {
  /** @param {FakeCaches} storage */
  constructor(storage) {
    this.storage = storage;
    /** @type {Map<string, {body: ArrayBuffer, status: number, headers: [string, string][]}>} */
    this.entries = new Map();
  }

  /** @param {string} path @param {Response} response */
  async put(path, response) {
    const body = await response.arrayBuffer();
    if (this.storage.used() + body.byteLength > this.storage.quota) throw new DOMException('full', 'QuotaExceededError');
    this.entries.set(path, { body, status: response.status, headers: Array.from(response.headers) });
  }

  /** @param {string} path */
  async match(path) {
    const found = this.entries.get(path);
    return found && new Response(found.body.slice(0), { status: found.status, headers: found.headers });
  }

  /** @param {string} path */
  async delete(path) {
    return this.entries.delete(path);
  }
}

export class FakeCaches {
  constructor() {
    /** @type {Map<string, FakeCache>} */
    this.all = new Map();
    this.quota = Infinity;
  }

  used() {
    let sum = 0;
    for (const cache of this.all.values()) for (const { body } of cache.entries.values()) sum += body.byteLength;
    return sum;
  }

  /** @param {string} name */
  async open(name) {
    const cache = this.all.get(name) || new FakeCache(this);
    this.all.set(name, cache);
    return cache;
  }

  async keys() {
    return Array.from(this.all.keys());
  }

  /** @param {string} name */
  async has(name) {
    return this.all.has(name);
  }

  /** @param {string} name */
  async delete(name) {
    return this.all.delete(name);
  }

  /** @param {string} path @param {{cacheName?: string}} [options] */
  async match(path, { cacheName } = {}) {
    for (const [name, cache] of this.all) {
      const found = (!cacheName || name === cacheName) && (await cache.match(path));
      if (found) return found;
    }
    return undefined;
  }
}
