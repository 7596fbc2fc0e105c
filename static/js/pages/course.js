/**
 * The course page: how far she has come, and the download control. Without this module the page is a list of lessons
 * that opens online. Started by app.js for <main data-module="course">.
 */
import { on } from '../store.js';
import { state } from '../identity.js';
import { cancel, download, held, remove, room, statusOf, updateSize } from '../packs.js';
import { fill, focusOn, html, icon, note, stitches } from './dom.js';
import { deadline, points, whyNotDownloaded } from './lines.js';
import { myCourse } from './progress.js';

/** Browsers inside other apps, which drop what they store. */
const INSIDE_ANOTHER_APP = /Zalo|FBAN|FBAV|FB_IAB/;

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  const { t, language } = app;
  const course = main.dataset.course || '';
  const control = /** @type {HTMLElement} */ (main.querySelector('.dl'));
  if (INSIDE_ANOTHER_APP.test(navigator.userAgent)) {
    control.dataset.offline = 'error';
    fill(control, html`<div class="dl-head">${icon('out')}<div><h2>${t('openInBrowser')}</h2><p class="s">${t('insideApp')}</p></div></div>
      <div class="acts"><a class="btn btn2" href="${language === 'en' ? '/en' : ''}/open/?path=${encodeURIComponent(location.pathname)}">${icon('out')}${t('openInBrowser')}</a></div>`);
  }
  if (!app.canKeep) return;

  /** As last told, by this tab or another. @type {{done: number, total: number} | null} */
  let progress = null;
  let drawings = 0;
  /** @type {Promise<void>} */
  let latest = Promise.resolve();
  /** What becomes of a press is said here, whatever is drawn meanwhile. */
  const live = document.createElement('p');
  live.className = 'vh';
  live.setAttribute('role', 'status');
  main.append(live);
  /** The last failure, until the next try. @type {{code: string, cause?: any} | null} */
  let failure = null;
  /** What was just done here. */
  let said = '';
  /** What the update to a pack would download, asked once. @type {{hash: string, size: Promise<number | null>} | null} */
  let update = null;

  const drawProgress = async () => {
    const line = await myCourse(course, language);
    if (!line) return;
    const { total, done, next, at, parts, completed } = line;
    const counted = t('stepsDone', { done, total });
    const left = parts.filter((part) => part.required && !part.done);
    fill(main.querySelector('[data-progress]'), html`<div class="flow">${deadline(line, app)}
      <div>${stitches(done, total, at, counted)}<p class="s">${counted}${
        done && !completed && left.length > 0 && left.length <= 3 ? ` · ${t('stillToDo', { what: left.map(({ name }) => name).join('; ') })}` : ''
      }</p></div></div>`);
    const go = /** @type {HTMLAnchorElement | null} */ (main.querySelector('[data-continue]'));
    if (go && next) {
      go.href = next.url;
      fill(go, html`${icon('play')}${done ? t('continueWith', { name: next.name }) : t('begin')}`);
    } else if (go && done) {
      fill(go, html`${icon('again')}${t('readAgain')}`);
      go.classList.add('btn2');
    }
    main.querySelectorAll('.thread > li').forEach((row) => {
      const { lesson, quiz } = /** @type {HTMLElement} */ (row).dataset;
      const part = parts.find(({ activity }) => activity === (lesson || quiz));
      if (part) drawPart(row, part, part === next && done > 0);
    });
  };

  /** @param {Element} row @param {import('./progress.js').Part} part @param {boolean} isNext */
  const drawPart = (row, part, isNext) => {
    row.classList.toggle('is-done', part.done);
    row.classList.toggle('is-now', isNext && !part.done);
    const tried = part.kind === 'quiz' && part.best && !part.done;
    app.icon(row.querySelector('svg'), part.done ? 'done' : part.waiting ? 'phone' : isNext || tried ? 'half' : part.kind === 'quiz' ? 'flag' : 'todo');
    const place = row.querySelector('a > span');
    if (!place) return;
    const told = /** @type {HTMLElement} */ (place);
    told.dataset.said = told.dataset.said || (part.kind === 'quiz' ? told.textContent || '' : '');
    const said = part.kind === 'lesson' ? t('minutes', { n: part.minutes }) : told.dataset.said;
    const mark = part.best && `${t(part.best.passed ? 'passed' : 'notPassed')}, ${points(part.best.score, app)}`;
    const where = mark || (part.done ? t('learned') : part.waiting ? t('waitsForMark') : part.kind === 'lesson' ? t('notStarted') : '');
    told.textContent = [where, said].filter(Boolean).join(' · ');
  };

  /** Only numbers change, nothing under the finger. */
  const drawNumbers = (all = 0) => {
    const bar = control.querySelector('progress');
    const told = /** @type {HTMLElement | null} */ (control.querySelector('[data-bytes]'));
    if (!bar || !told) return;
    const { done, total } = progress || { done: 0, total: all };
    const part = total ? Math.floor((100 * done) / total) : 0;
    Object.assign(bar, { max: total || 1, value: done });
    told.dataset.bytes = String(total);
    told.textContent = t('ofBytes', { done, total });
    /** @type {Element} */ (control.querySelector('[data-part]')).textContent = `${part}%`;
  };

  const drawControl = () => (latest = drawLatest());
  const drawLatest = async () => {
    if (INSIDE_ANOTHER_APP.test(navigator.userAgent)) return;
    drawings += 1;
    const mine = drawings;
    const heard = await state();
    const known = heard && heard.courses.find((one) => one.course === course);
    const size = known && known.packs[language];
    const total = size ? size.bytes + size.media_bytes : 0;
    const now = await statusOf(course, heard, language);
    const pack = (await held()).find((one) => one.course === course && one.lang === language);
    const { free } = await room();
    const newer = now === 'update' && !failure && size;
    if (newer && (!update || update.hash !== newer.hash)) update = { hash: newer.hash, size: updateSize(course, language) };
    const changed = newer && update && (await update.size);
    // What was asked for later is newer.
    if (mine !== drawings) return latest;
    // Taken up by itself meanwhile.
    if (now === 'ready') failure = null;
    const focused = control.contains(document.activeElement);
    control.dataset.offline = failure && now !== 'downloading' ? 'error' : now;
    const exactly = (/** @type {number} */ n) => html`<span class="num" data-bytes="${n}">${t('exactBytes', { n })}</span> (${app.bytes(n)})`;
    const exact = total ? exactly(total) : '';
    const freeSaid = free !== null ? ` ${t('freeRoom', { size: app.bytes(free) })}` : '';
    const head = (/** @type {string} */ name, /** @type {any} */ title, /** @type {any} */ more = '', tone = '') =>
      html`<div class="dl-head ${tone}">${icon(name)}<div><h2 id="dl-h">${title}</h2>${more && html`<p class="s">${more}</p>`}</div></div>`;
    const button = (/** @type {string} */ name, /** @type {string} */ text) =>
      html`<div class="acts"><button class="btn btn2" type="submit" data-action="download-course">${icon(name)}${text}</button></div>`;
    if (now === 'downloading') {
      fill(control, html`${head('download', t('downloading'))}
        <progress class="bar" aria-label="${t('downloading')}"></progress>
        <p class="s"><span class="num" data-bytes></span> · <span data-part></span></p>
        <div class="acts"><button class="btn btn3" type="button" data-stop>${icon('pause')}${t('stop')}</button></div>`);
      drawNumbers(total);
    } else if (failure) {
      const { code } = failure;
      fill(control, html`${head(code === 'offline' ? 'nonet' : 'late', whyNotDownloaded(failure, app), '', 'bad')}
        <p class="s">${code === 'full' && failure.cause > 0 ? `${t('roomNeeded', { size: app.bytes(failure.cause) })} ` : ''}${t(pack ? 'oldStays' : 'nothingLost')}${code === 'offline' ? ` ${t('goesOnByItself')}` : ''}</p>
        <div class="acts">${code === 'full' && html`<a class="btn btn2" href="${language === 'en' ? '/en' : ''}/me/storage/">${t('seeStorage')}</a>`}<button class="btn btn2" type="submit" data-action="download-course">${icon('again')}${t('tryAgain')}</button></div>`);
    } else if (now === 'none') {
      // The button stays while its size is still being heard of: a press on what is replaced is none.
      fill(control, html`<div data-about></div>${button('download', t('downloadNow'))}${said && html`<p class="s">${said}</p>`}`);
      fill(control.querySelector('[data-about]'), head('download', t('download'), html`${exact ? html`${exact}.` : ''} ${t('notHere')}${freeSaid}`));
    } else if (pack) {
      fill(control, html`${newer ? head('again', t('newVersion'), html`${changed && html`${exactly(changed)}.`} ${t('onlyChanges')}`) : head('phone', t('ready'), '', 'ok')}
        <p class="s">${t('readyMore', { size: app.bytes(pack.bytes), at: app.time(pack.at) })}</p>
        ${newer && button('download', t('update'))}
        <div class="links"><a class="btn btn3" href="${language === 'en' ? '/en' : ''}/me/storage/">${t('seeStorage')}</a>
        <button class="btn btn3 btn-bad" type="button" data-action="remove-course">${icon('bin')}${t('remove')}</button></div>`);
    }
    // The button that was pressed is gone: on to the one that undoes it, or to what became of it.
    if (focused && !control.contains(document.activeElement)) {
      const stop = /** @type {HTMLElement | null} */ (control.querySelector('[data-stop]'));
      if (stop) stop.focus({ preventScroll: true });
      else focusOn(control.querySelector('#dl-h'));
    }
    return undefined;
  };

  const draw = async () => {
    await drawProgress();
    await drawControl();
  };

  const begin = async () => {
    failure = null;
    progress = null;
    said = '';
    control.setAttribute('aria-busy', 'true');
    live.textContent = t('downloading');
    await download(course, language).catch((error) => {
      if (error.code !== 'cancelled') failure = error;
    });
    control.removeAttribute('aria-busy');
    await drawControl();
    const title = control.querySelector('#dl-h');
    // What has the focus is read aloud anyway.
    live.textContent = title && title !== document.activeElement ? title.textContent : '';
  };

  control.addEventListener('submit', (event) => {
    event.preventDefault();
    begin();
  });
  control.addEventListener('click', (event) => {
    const pressed = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('button'));
    if (pressed && 'stop' in pressed.dataset) cancel(course);
    if (pressed && pressed.dataset.action === 'remove-course') {
      said = t('removedHere');
      live.textContent = said;
      remove(course, language);
    }
  });
  on('results', drawProgress);
  on('state', draw);
  on('packs', () => {
    // Another tab was at it, and is done.
    if (failure && failure.code === 'busy') failure = null;
    drawControl();
  });
  on('progress', (now) => {
    if (now.course !== course) return;
    progress = now;
    if (control.querySelector('[data-stop]')) drawNumbers();
    else drawControl();
  });
  // Not waited for: a press that came before this module is for the button that stands there now.
  draw();
  app.refreshed.then(async (outcome) => {
    await draw();
    if (outcome === 'signed_out' && !(await state())) {
      fill(main.querySelector('[data-progress]'), note('', 'person', t('signInToKeep'),
        html`<div class="acts"><a class="btn btn2" href="${language === 'en' ? '/en' : ''}/accounts/login/?next=${encodeURIComponent(location.pathname)}">${t('signIn')}</a></div>`));
    }
  });
}
