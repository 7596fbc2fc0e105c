/** Sign-in and password pages: show what is typed, read out the error, say that what waits here is kept. */
import { pendingCount } from '../outbox.js';
import { focusOn } from './dom.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, { t, canKeep }) {
  focusOn(main.querySelector('.note-bad'));
  const show = /** @type {HTMLElement | null} */ (main.querySelector('[data-show]'));
  if (show) {
    const fields = main.querySelectorAll('input[type=password]');
    show.hidden = false;
    show.addEventListener('change', ({ target }) => {
      fields.forEach((field) => field.setAttribute('type', /** @type {HTMLInputElement} */ (target).checked ? 'text' : 'password'));
    });
  }
  const kept = main.querySelector('[data-kept]');
  const waiting = canKeep && kept ? await pendingCount() : 0;
  if (!kept || !waiting) return;
  kept.toggleAttribute('hidden', false);
  const place = kept.querySelector('[data-kept-text]');
  if (place) place.textContent = t('keptHere', { n: waiting });
}
