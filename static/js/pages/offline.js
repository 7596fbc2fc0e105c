/** The page for what is not on this phone: says what is safe, and what can be studied now. */
import { state } from '../identity.js';
import { pendingCount } from '../outbox.js';
import { held } from '../packs.js';
import { fill, foreign, html, stitches } from './dom.js';
import { myCourses } from './progress.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  const { t, language } = app;
  // Of the account only leaving needs no network.
  if (/\/me\/account\/$/.test(location.pathname)) location.replace('../sign-out/');
  const again = /** @type {HTMLAnchorElement | null} */ (main.querySelector('[data-again]'));
  if (again) again.addEventListener('click', (event) => (event.preventDefault(), location.reload()));
  if (!app.canKeep) return;
  const waiting = await pendingCount();
  fill(main.querySelector('[data-kept-text]'), waiting ? t('nothingLostPending', { n: waiting }) : t('nothingLost'));
  const [packs, heard, courses] = await Promise.all([held(), state(), myCourses(language)]);
  if (!packs.length || !heard) return;
  const rows = packs.map(({ course, items }) => {
    const line = (courses || []).find(({ key }) => key === course);
    const { title = '', path = '' } = items[course] || {};
    return html`<li data-offline="ready"><h3><a href="${line ? line.url : path}"${line && foreign(line.nameLang)}>${line ? line.name : title}</a></h3>
      ${line && html`${stitches(line.done, line.total, line.at, t('stepsDone', { done: line.done, total: line.total }))}<p class="s">${t('stepsDone', { done: line.done, total: line.total })}</p>`}</li>`;
  });
  fill(main.querySelector('[data-held]'), html`<div class="group"><h2 id="now">${t('studyNow')}</h2></div><ul class="rows" aria-labelledby="now">${rows}</ul>`);
}
