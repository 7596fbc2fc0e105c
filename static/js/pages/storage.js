/** What each course uses on this phone, and a way to free it. Started for <main data-module="storage">. */
import { on } from '../store.js';
import { state } from '../identity.js';
import { pendingCount } from '../outbox.js';
import { download, held, remove, room, statusOf, updateSize } from '../packs.js';
import { fill, focusOn, foreign, html, icon, note, status } from './dom.js';
import { whyNotDownloaded } from './lines.js';
import { inLanguage } from './progress.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  const { t, language } = app;
  const place = /** @type {HTMLElement} */ (main.querySelector('[data-held]'));
  const used = main.querySelector('[data-used]');
  if (!app.canKeep || !('caches' in window)) return;
  /** What was just done, said in the one place for it. */
  let said = '';
  let failed = false;

  const draw = async () => {
    const [packs, heard, { free, persisted }, waiting] = await Promise.all([held(), state(), room(), pendingCount()]);
    const all = packs.reduce((sum, { bytes }) => sum + bytes, 0);
    const freeSaid = free !== null ? t('freeRoom', { size: app.bytes(free) }) : '';
    fill(used, html`<div role="status">${said && note(failed ? 'note-bad' : 'note-ok', failed ? 'late' : 'done', said)}</div>
      ${packs.length > 0 && html`<p><b>${t('used', { size: app.bytes(all) })}</b> ${freeSaid}</p>${persisted ? status('done', t('persisted'), 'ok') : status('warn', t('notPersisted'))}`}`);
    if (!packs.length) {
      fill(place, html`<p>${t('nothingHeld')} ${freeSaid}</p><div class="acts"><a class="btn btn2" href="${language === 'en' ? '/en' : ''}/me/">${t('chooseCourse')}</a></div>`);
      return;
    }
    const rows = await Promise.all(
      packs.map(async ({ course, lang, bytes, at, items }) => {
        const known = heard && heard.courses.find((one) => one.course === course);
        const [name, nameLang] = known ? inLanguage(known.title, lang) : [(items[course] || {}).title || '', lang];
        const now = await statusOf(course, heard, lang);
        const changed = now === 'update' && navigator.onLine !== false && (await updateSize(course, lang));
        return html`<li data-course="${course}" data-offline="${now}"><h3${foreign(nameLang)}>${name}</h3>
          <p class="s"><span class="num" data-bytes="${bytes}">${t('exactBytes', { n: bytes })}</span> (${app.bytes(bytes)}) · ${t('downloadedAt', { at: app.time(at) })}</p>
          <progress class="bar bar-s" value="${bytes}" max="${all}" aria-label="${t('share')}">${app.bytes(bytes)}</progress>
          ${now === 'update' && status('again', t('newVersion'), 'warn', changed && t('exactBytes', { n: changed }))}
          <div class="links">${now === 'update' && html`<button class="btn btn3" type="button" data-action="download-course" data-key="${course}" data-lang="${lang}">${t('update')}<span class="vh"> ${name}</span></button>`}
          <button class="btn btn3 btn-bad" type="button" data-action="remove-course" data-key="${course}" data-name="${name}">${icon('bin')}${t('remove')}<span class="vh"> ${name}</span></button></div></li>`;
      }),
    );
    fill(place, html`<div class="group"><h2 id="each">${t('eachCourse')}</h2><span class="s">${packs.length}</span></div><ul class="rows" aria-labelledby="each">${rows}</ul>
      ${status('phone', html`${t('removeKeeps')} ${waiting > 0 && t('pendingKept', { n: waiting })}`)}`);
  };

  place.addEventListener('click', async ({ target }) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-action]'));
    if (!button) return;
    const { action, key = '', lang = language, name = '' } = button.dataset;
    failed = false;
    if (action === 'remove-course') {
      await remove(key, lang);
      said = t('removed', { name });
    } else {
      said = await download(key, lang).then(() => t('updated'), (error) => {
        failed = true;
        return error.code === 'cancelled' ? '' : whyNotDownloaded(error, app);
      });
    }
    await draw();
    focusOn(used);
  });
  ['packs', 'state', 'results'].forEach((what) => on(what, draw));
  await draw();
  app.refreshed.then(draw);
}
