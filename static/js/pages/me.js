/** My courses: what is due, how far she is, what is on this phone. Started for <main data-module="me">. */
import { on } from '../store.js';
import { current, isLeaving, state } from '../identity.js';
import { statusOf } from '../packs.js';
import { fill, foreign, html, icon, note, stitches } from './dom.js';
import { deadline } from './lines.js';
import { myCourses } from './progress.js';

/** @typedef {import('./progress.js').Course & {here: string}} Line */
const GROUPS = /** @type {const} */ (['studying', 'assigned', 'completed', 'open']);
const HERE = { none: ['download', 'notDownloaded'], downloading: ['download', 'downloading'], ready: ['phone', 'ready'], update: ['again', 'newVersionReady'] };

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  const { t, language } = app;
  if (!app.canKeep) return;
  const home = language === 'en' ? '/en/' : '/';

  /** @param {Line} course */
  const counted = ({ done, total, at }) => stitches(done, total, at, t('stepsDone', { done, total }));
  /** @param {Line} course */
  const here = ({ here }) => HERE[/** @type {keyof typeof HERE} */ (here)] || HERE.none;

  /** @param {string} lang */
  const only = (lang) => lang !== language && html`<p class="s">${t(lang === 'vi' ? 'onlyVietnamese' : 'onlyEnglish')}</p>`;

  /** @param {Line} course */
  const panel = (course) => {
    const { key, name, nameLang, url, next, done, total } = course;
    const said = [t('stepsDone', { done, total })];
    if (next) said.push(t('nextIs', { name: next.name, n: next.minutes }));
    if (course.here === 'ready' || course.here === 'update') said.push(t('readyShort'));
    return html`<section class="go" aria-labelledby="go-h" data-course="${key}">${deadline(course, app)}
      <h2 id="go-h"${foreign(nameLang)}>${name}</h2>${only(nameLang)}${counted(course)}
      <p class="s" data-offline="${course.here}">${said.join(' · ')}</p>
      ${url ? html`<div class="acts"><a class="btn" href="${(next && next.url) || url}">${icon('play')}${t(done ? 'continue' : 'begin')}</a></div>
      <p class="s"><a href="${url}">${t('aboutCourse')}</a></p>` : html`<p class="s">${t('notPublished')}</p>`}</section>`;
  };

  /** @param {Line} course */
  const row = (course) => {
    const { key, name, nameLang, url, done, total, completed } = course;
    const [look, words] = here(course);
    return html`<li data-course="${key}"><h3>${url ? html`<a href="${url}"${foreign(nameLang)}>${name}</a>` : name}</h3>
      ${only(nameLang)}
      ${!url && html`<p class="s">${t('notPublished')}</p>`}${deadline(course, app)}
      ${!completed && counted(course)}
      <p class="st" data-offline="${course.here}">${icon(look)}<span>${completed ? '' : `${t('stepsDone', { done, total })} · `}${t(words)}</span></p></li>`;
  };

  const draw = async () => {
    const courses = await myCourses(language);
    const heard = await state();
    const place = main.querySelector('[data-courses]');
    if (!courses || !heard) return;
    /** @type {Line[]} */
    const lines = await Promise.all(courses.map(async (course) => ({ ...course, here: await statusOf(course.key, heard, language) })));
    const urgent = lines
      .filter(({ group }) => group === 'studying' || group === 'assigned')
      .sort((one, other) => one.days - other.days || Number(other.group === 'studying') - Number(one.group === 'studying'))[0];
    const mine = lines.filter(({ group }) => group !== 'open');
    const overdue = mine.filter(({ days, completed }) => days < 0 && !completed).length;
    fill(main.querySelector('[data-summary]'), html`${t('courses', { n: mine.length })}${overdue > 0 && `, ${t('overdueCourses', { n: overdue })}`} · <span lang="vi">${heard.unit}</span>`);
    fill(place, html`${urgent && panel(urgent)}
      ${!mine.length && html`<p>${t('nothingAssigned')}</p><div class="acts"><a class="btn" href="${home}">${t('seeCourses')}</a></div>`}
      ${GROUPS.map((group) => {
        const found = lines.filter((course) => course !== urgent && course.group === group);
        return found.length > 0 && html`<div class="group"><h2 id="g-${group}">${t(`group_${group}`)}</h2><span class="s">${found.length}</span></div>
          <ul class="rows" aria-labelledby="g-${group}">${found.map(row)}</ul>`;
      })}`);
  };

  // The browser offers to install: said once, in one fixed place, never over the page.
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    const place = main.querySelector('[data-notes]');
    fill(place, note('', 'phone', t('install'), html`<p>${t('installMore')}</p><div class="acts"><button class="btn btn2" type="button">${t('installNow')}</button></div>`));
    const button = place && place.querySelector('button');
    if (button) button.addEventListener('click', () => (/** @type {any} */ (event).prompt(), fill(place, '')));
  });
  ['results', 'state', 'packs'].forEach((what) => on(what, draw));
  await draw();
  app.refreshed.then(async (outcome) => {
    await draw();
    const who = await current();
    if (who && outcome === 'signed_out') {
      fill(main.querySelector('[data-notes]'), note('', 'person', t('sessionOver'), html`<p><a href="${home}accounts/login/?next=${encodeURIComponent(location.pathname)}">${t('signIn')}</a></p>`));
    } else if (!(await state()) && !(await isLeaving())) {
      fill(main.querySelector('[data-courses]'), html`<h2>${t('listMissing')}</h2><p>${t(who ? 'listMissingMore' : 'firstSignIn')}</p>
        <div class="acts"><a class="btn btn2" href="">${icon('again')}${t('tryAgain')}</a></div>`);
    }
  });
}
