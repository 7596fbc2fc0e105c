/**
 * What the service worker answers with, as functions without a worker around them: the join of shell and page, ranges
 * of a stored file, which addresses are whose. training/app.py puts this file and main.js into one classic script;
 * tests/js reads it as a module. ASCII only.
 */

/** The entry that says a course's cache is whole (written last by static/js/packs.js). */
export const WHOLE = '/_whole';

const LEFT_ALONE = ['admin', 'django-admin', 'accounts', 'api', 'documents', 'media', 'study', 'health', 'shell'];

/**
 * What kind of answer an address gets; null leaves it to the browser.
 * @param {{method: string, url: string, mode: string}} request @param {string} origin
 * @returns {'page' | 'media' | 'static' | null}
 */
export function kindOf(request, origin) {
  if (request.method !== 'GET' || !request.url.startsWith(`${origin}/`)) return null;
  const path = request.url.slice(origin.length).split(/[?#]/)[0];
  const first = path.replace(/^\/en(?=\/)/, '').split('/')[1];
  if (LEFT_ALONE.includes(first)) return null;
  if (first === 'm') return 'media';
  if (first === 'static') return 'static';
  return request.mode === 'navigate' ? 'page' : null;
}

/** @param {string} path */
export const languageOf = (path) => (path.startsWith('/en/') ? 'en' : 'vi');

/** As html.escape of Python does. @param {string} text */
export function escapeHtml(text) {
  /** @type {Record<string, string>} */
  const spelled = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' };
  return text.replace(/[&<>"']/g, (char) => spelled[char]);
}

/** What is stored for a language: the shell and, behind a marker, the app's own pages as JSON. @param {string} stored */
export function parts(stored) {
  const [text, pages = '{}'] = stored.split('{{SHELL_PAGES}}');
  return { text, pages };
}

/**
 * Shell and page in one, as courses/shell.py does it: one pass over the shell, so that a lesson that speaks of a
 * marker is not filled in a second time.
 * @param {string} shell @param {{title: string, description: string, lang: string, main: string, words?: string,
 *   alternate?: string}} page
 * @param {string} language of the shell
 */
export function join(shell, page, language) {
  const alternate = /<main[^>]* data-alternate="([^"]*)"/.exec(page.main);
  /** @type {Record<string, string>} */
  const values = {
    TITLE: escapeHtml(page.title),
    LANG: page.lang,
    DESCRIPTION: escapeHtml(page.description),
    MAIN: page.main,
    // Stands in the HTML escaped already.
    ALTERNATE: page.alternate || (alternate && alternate[1]) || (language === 'en' ? '/' : '/en/'),
  };
  const own = page.words === undefined ? shell : withWords(shell, page.words);
  return own.replace(/\{\{SHELL_([A-Z]+)\}\}/g, (marker, name) => (name in values ? values[name] : marker));
}

/** The app's own pages bring the sentences of their scripts. @param {string} shell @param {string} words JSON */
function withWords(shell, words) {
  return shell.replace(/(<script id="words"[^>]*>)[^<]*/, (all, tag) => tag + words);
}

/**
 * The first and last byte a Range header asks for; null: answer with everything; 'unsatisfiable': there is no such part.
 * @param {string | null} header @param {number} size @returns {[number, number] | null | 'unsatisfiable'}
 */
export function rangeOf(header, size) {
  const asked = /^bytes=(\d*)-(\d*)$/.exec((header || '').trim());
  if (!asked || (!asked[1] && !asked[2])) return null;
  if (!asked[1]) {
    const length = Math.min(Number(asked[2]), size);
    return length > 0 ? [size - length, size - 1] : 'unsatisfiable';
  }
  const first = Number(asked[1]);
  const last = asked[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
  if (asked[2] && Number(asked[2]) < first) return null;
  return first < size ? [first, last] : 'unsatisfiable';
}

/**
 * A stored file as the request wants it: whole, or the part asked for.
 * @param {Response} kept @param {string | null} header
 */
export async function ranged(kept, header) {
  if (!header) return kept;
  const body = await kept.blob();
  const range = rangeOf(header, body.size);
  const headers = new Headers(kept.headers);
  headers.set('Accept-Ranges', 'bytes');
  if (!range) return new Response(body, { headers });
  if (range === 'unsatisfiable') {
    headers.set('Content-Range', `bytes */${body.size}`);
    return new Response(null, { status: 416, headers });
  }
  const [first, last] = range;
  headers.set('Content-Range', `bytes ${first}-${last}/${body.size}`);
  headers.set('Content-Length', String(last + 1 - first));
  return new Response(body.slice(first, last + 1, body.type), { status: 206, statusText: 'Partial Content', headers });
}

/**
 * Headers of a composed page: the shell's, its security policy among them, without what was said of its body.
 * @param {Headers} shell
 */
export function headersFrom(shell) {
  const headers = new Headers(shell);
  ['Content-Encoding', 'Content-Length', 'ETag', 'Cache-Control', 'Vary'].forEach((name) => headers.delete(name));
  headers.set('Content-Type', 'text/html; charset=utf-8');
  return headers;
}

/** SHA-256 in hex. @param {string} text */
export async function digestOf(text) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Rejects when the work takes longer. @template T @param {Promise<T>} work @param {number} ms @returns {Promise<T>} */
export function within(work, ms) {
  return Promise.race([work, new Promise((resolve, reject) => setTimeout(() => reject(new Error('slow')), ms))]);
}
