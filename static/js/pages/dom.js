/**
 * HTML made on the phone, with every value escaped: what page modules write into the page goes through html``.
 * Class names and icons are those of static/css/app.css and the sprite in the shell.
 */

class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @param {any} value @returns {string} */
function escaped(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join('');
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** @param {TemplateStringsArray} parts @param {any[]} values */
export const html = (parts, ...values) =>
  new Html(parts.map((part, n) => (n ? escaped(values[n - 1]) + part : part)).join(''));

/** @type {WeakMap<Element, string>} */
const written = new WeakMap();

/**
 * Put content into a place, and leave the place alone when it says that already: what is open or has the focus stays.
 * @param {Element | null} place @param {Html | string} content
 */
export function fill(place, content) {
  const text = escaped(content);
  if (!place || written.get(place) === text) return;
  written.set(place, text);
  place.innerHTML = text;
}

/** @param {string} name */
export const icon = (name) => html`<svg class="i" aria-hidden="true"><use href="#i-${name}"></use></svg>`;

/** A status line: icon and words, then a quieter remark. @param {string} name @param {any} text @param {string} [tone] @param {any} [more] */
export const status = (name, text, tone = '', more = '') =>
  html`<p class="st ${tone}">${icon(name)}<span>${text}${more && html` <small>· ${more}</small>`}</span></p>`;

/** @param {string} tone @param {string} name @param {any} head @param {any} [body] */
export const note = (tone, name, head, body = '') =>
  html`<div class="note ${tone}"><p class="note-h">${icon(name)}<span>${head}</span></p>${body}</div>`;

/** One stitch for each part. @param {number} done @param {number} total @param {number} at @param {string} label */
export const stitches = (done, total, at, label) =>
  html`<div class="stitch" role="img" aria-label="${label}">${Array.from({ length: total }, (_, n) =>
    n < done ? html`<i class="on"></i>` : n === at ? html`<i class="at"></i>` : html`<i></i>`,
  )}</div>`;

/** The lang attribute of text in another language than the page. @param {string} lang */
export const foreign = (lang) => lang && lang !== document.documentElement.lang && html` lang="${lang}"`;

/** Text in which backticks hold addresses, as in courses/templatetags/fragments.py. @param {string} text */
export const addressed = (text) => (text || '').split('`').map((piece, n) => (n % 2 ? html`<span class="addr">${piece}</span>` : piece));

/** "2026-11-30" as people write it. @param {string} date */
export const day = (date) => date.split('-').reverse().join('/');

/** Move the focus to something that says what has changed. @param {Element | null} place */
export function focusOn(place) {
  if (!place) return;
  place.setAttribute('tabindex', '-1');
  /** @type {HTMLElement} */ (place).focus({ preventScroll: true });
  place.scrollIntoView({ block: 'nearest' });
}

/**
 * The sentence for a result that could not be kept; '' where the plain form can still ask the server: nobody has
 * signed in on this phone, or its browser can't sign, and there is a network.
 * @param {string} code of a StoreError @param {boolean} [plain] there is a plain form
 */
export function whyNotKept(code, plain = true) {
  if (code === 'full' || code === 'failed') return 'failedToKeep';
  if (code === 'uncertain') return 'uncertain';
  if (plain && navigator.onLine !== false) return '';
  return code === 'nobody' || code === 'no_edition' ? 'needsNetwork' : 'storeClosed';
}
