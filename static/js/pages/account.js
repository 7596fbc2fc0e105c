/**
 * Account and sign-out: what waits on this phone, which device of the list is this one, and leaving, which needs no
 * network: the phone forgets who it works for at once, and her session ends as soon as the server can be reached.
 */
import { on } from '../store.js';
import { current, finishLeaving, isLeaving, leave } from '../identity.js';
import { pendingCount } from '../outbox.js';
import { fill, focusOn, html, note } from './dom.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, { t, language, canKeep, refreshed }) {
  if (!canKeep) return;
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector('form[data-sign-out]'));
  const signIn = `${language === 'en' ? '/en' : ''}/accounts/login/`;

  const drawLeft = async () => {
    const waiting = await pendingCount();
    const done = !(await isLeaving());
    fill(main, html`<div class="flow"><h1>${t('signedOut')}</h1>
      ${note('', 'phone', waiting ? t('keptAfter', { n: waiting }) : t('nothingWaitsHere'), !done && html`<p role="status">${t('signedOutMore')}</p>`)}
      <p>${t('signInNeedsNetwork')}</p><div class="acts"><a class="btn btn2" href="${signIn}">${t('signIn')}</a></div></div>`);
  };

  const draw = async () => {
    const who = await current();
    // The server may still be saying who signed in a moment ago.
    if (form && !who && (await isLeaving())) return drawLeft();
    const waiting = await pendingCount();
    const place = main.querySelector('[data-unsent-text]');
    if (place) place.textContent = waiting ? t('keptAfterSignOut', { n: waiting }) : t('nothingWaitsHere');
    main.querySelectorAll('[data-device]').forEach((row) => {
      const label = row.querySelector('[data-this]');
      if (label) label.toggleAttribute('hidden', !who || /** @type {HTMLElement} */ (row).dataset.device !== who.kid);
    });
  };

  const signOut = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await leave();
    await drawLeft();
    focusOn(main.querySelector('h1'));
    if (await finishLeaving()) location.replace(signIn);
  };

  if (form) form.addEventListener('submit', (event) => signOut(event));
  ['results', 'identity', 'session'].forEach((what) => on(what, draw));
  await draw();
  await refreshed;
  await draw();
}
