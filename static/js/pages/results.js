/** My results: each with the place it has reached, from this phone's outbox and what the server said. */
import { on } from '../store.js';
import { lastSent } from '../deliver.js';
import { pendingCount, results } from '../outbox.js';
import { fill, foreign, html, icon, note, status, stitches } from './dom.js';
import { points, reason, stateLine, way } from './lines.js';
import { myCourses } from './progress.js';

/** @typedef {{name: string, nameLang: string, course: import('./progress.js').Course, part: import('./progress.js').Part}} Where */

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  const { t, language } = app;
  if (!app.canKeep) return;
  const sending = /** @type {HTMLElement} */ (main.querySelector('[data-sending]'));

  /** @param {Attempt} attempt */
  const mark = ({ passed, score, counted }) => {
    const good = passed && counted !== false;
    return status(good ? 'done' : 'half', `${t(passed ? 'passed' : 'notPassed')}, ${points(score, app)}`, good ? 'ok' : 'warn', counted === false ? t('why_over_limit') : '');
  };

  /** Where the server shows right answers and explanations. @param {Attempt} attempt @param {string} name */
  const explained = ({ attempt, explanations }, name) =>
    explanations && html`<p><a href="${language === 'en' ? '/en' : ''}/me/results/${attempt}/">${t('explained')}<span class="vh">: ${name}</span></a></p>`;

  /** @param {StoredEvent} event @param {Where | undefined} where */
  const row = (event, where) => {
    const attempt = where && (where.part.attempts || []).find((one) => one.attempt === event.data.attempt);
    const step = { saved: 1, sent: 2, received: 3, counted: 4, attention: 3 }[event.state];
    const what = event.kind === 'quiz_submitted' ? t('quizAt', { at: app.time(event.occurredAt) }) : '';
    return html`<li data-result="${event.state}"><h3${where && foreign(where.nameLang)}>${where ? where.name : t(event.kind)}</h3>
      <p class="s">${where && where.course.name}${where && what && ' · '}${what}</p>${attempt && mark(attempt)}
      ${where && attempt && event.state === 'counted' && explained(attempt, where.name)}
      ${event.state === 'attention' && html`<p>${reason(event, app)}</p>`}
      <details class="acc"><summary>${stateLine(event, app)}${icon('down')}</summary><div>${way(event, app)}</div></details>
      ${stitches(step, 4, -1, t('stepOf', { n: step, all: 4 }))}</li>`;
  };

  const draw = async () => {
    const [own, courses, waiting, sent] = await Promise.all([results(), myCourses(language), pendingCount(), lastSent()]);
    /** @type {Map<string, Where>} */
    const places = new Map();
    for (const course of courses || []) {
      for (const part of [...course.parts, ...course.past]) places.set(part.activity, { name: part.name, nameLang: part.nameLang, course, part });
    }
    sending.hidden = !own.length;
    fill(main.querySelector('[data-sending-text]'), html`<b>${waiting ? t('pending', { n: waiting }) : t('nothingWaits')}.</b> ${waiting > 0 && t('sentByItself')} ${sent && t('lastSent', { at: app.time(sent) })}`);
    const groups = /** @type {[string, StoredEvent[]][]} */ ([
      ['attention', own.filter(({ state }) => state === 'attention')],
      ['onTheWay', own.filter(({ state }) => state === 'saved' || state === 'sent')],
      ['there', own.filter(({ state }) => state === 'received' || state === 'counted')],
    ]);
    // What this phone did not send itself: from another phone, or so long ago that only the server keeps it.
    const mine = new Set(own.flatMap(({ activity, data }) => [activity, data.attempt]));
    const elsewhere = Array.from(places.values()).flatMap(({ name, nameLang, course, part }) => {
      const head = (/** @type {any} */ line, when = '') =>
        html`<li data-result="counted"><h3${foreign(nameLang)}>${name}</h3><p class="s">${course.name}${when && ` · ${when}`}</p>${line}</li>`;
      if (part.kind === 'lesson') return part.done && !mine.has(part.activity) ? [head(status('done', t('lesson_counted'), 'ok'))] : [];
      return (part.attempts || []).filter(({ attempt }) => !mine.has(attempt)).map((attempt) =>
        head(html`${mark(attempt)}${explained(attempt, name)}`, t('quizAt', { at: app.time(attempt.submitted_at) })));
    });
    const open = Array.from(main.querySelectorAll('details[open]'), (details) => details.closest('li')?.querySelector('h3')?.textContent);
    fill(main.querySelector('[data-results]'), html`${groups.map(([name, found]) => {
      const count = found.length + (name === 'there' ? elsewhere.length : 0);
      return count > 0 && html`<div class="group"><h2 id="r-${name}">${t(`results_${name}`)}</h2><span class="s">${count}</span></div>
        <ul class="rows" aria-labelledby="r-${name}">${found.map((event) => row(event, places.get(event.activity)))}${name === 'there' && elsewhere}</ul>`;
    })}${!own.length && !elsewhere.length && html`<p>${t('noResults')}</p><div class="acts"><a class="btn btn2" href="${language === 'en' ? '/en' : ''}/me/">${t('openCourses')}</a></div>`}`);
    main.querySelectorAll('details').forEach((details) => (details.open = open.includes(details.closest('li')?.querySelector('h3')?.textContent)));
  };

  ['results', 'state'].forEach((what) => on(what, draw));
  await draw();
  app.refreshed.then(async (outcome) => {
    await draw();
    if (outcome === 'signed_out') {
      sending.insertAdjacentHTML('afterend', '<div data-notes></div>');
      fill(main.querySelector('[data-notes]'), note('', 'person', t('sessionOver'), html`<p><a href="${language === 'en' ? '/en' : ''}/accounts/login/?next=${encodeURIComponent(location.pathname)}">${t('signIn')}</a></p>`));
    }
  });
}
