/**
 * Sign-in and password pages: show what is typed, read out the error, say that what waits here is kept. After a sign-out
 * in the admin the page names who left: the phone works for her no longer.
 */
import { current, leave } from '../identity.js';
import { pendingCount } from '../outbox.js';
import { focusOn } from './dom.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, { t, canKeep }) {
  const who = canKeep && main.dataset.left && (await current());
  if (who && who.official === main.dataset.left) await leave(true);
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
