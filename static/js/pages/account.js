/** Account and sign-out: what waits on this phone, and which device of the list is this one. */
import { on } from '../store.js';
import { current } from '../identity.js';
import { pendingCount } from '../outbox.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, { t, canKeep }) {
  if (!canKeep) return;
  const draw = async () => {
    const waiting = await pendingCount();
    const place = main.querySelector('[data-unsent-text]');
    if (place) place.textContent = waiting ? t('keptAfterSignOut', { n: waiting }) : t('nothingWaitsHere');
    const who = await current();
    main.querySelectorAll('[data-device]').forEach((row) => {
      const label = row.querySelector('[data-this]');
      if (label) label.toggleAttribute('hidden', !who || /** @type {HTMLElement} */ (row).dataset.device !== who.kid);
    });
  };
  ['results', 'identity'].forEach((what) => on(what, draw));
  await draw();
}
