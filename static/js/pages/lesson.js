/**
 * A lesson: its finish button keeps the result on this phone, and its knowledge checks are marked here. Without this
 * module the button is a plain form, and each check shows its answer. Started for <main data-module="lesson">.
 */
import { on } from '../store.js';
import { current, editionShown, soon, state } from '../identity.js';
import { record, results } from '../outbox.js';
import { addressed, fill, focusOn, html, icon, note, whyNotKept } from './dom.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  main.querySelectorAll('form[data-check]').forEach((check) => startCheck(/** @type {HTMLFormElement} */ (check), app));
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector('form[data-action-form]'));
  if (!app.canKeep || !form) return;
  const { t, language } = app;
  const { course = '', lesson = '' } = main.dataset;
  const next = /** @type {HTMLAnchorElement | null} */ (main.querySelector('.pn [rel=next]'));
  const onward = next ? next.lastChild && next.lastChild.textContent : '';
  const edition = editionShown(course, lesson, language, app.refreshed);
  edition.catch(() => {});
  const seconds = secondsInView();
  const press = /** @type {HTMLElement} */ (form.querySelector('.acts'));
  const place = document.createElement('div');
  form.append(place);
  let atIt = false;

  const draw = async () => {
    const mine = (await results()).find(({ activity }) => activity === lesson);
    const heard = await state();
    const about = heard && heard.courses.find(({ steps }) => steps.some(({ activity }) => activity === lesson));
    if (!mine && !(about && about.steps.some(({ activity, done }) => activity === lesson && done))) return;
    const reached = mine ? mine.state : 'counted';
    // All done and not completed: what was lacking has left the course, and this lesson names the edition of today.
    const again = reached === 'counted' && about && !about.completed_on &&
      about.steps.every(({ done, required }) => done || !required) && about.edition === (await edition.catch(() => ''));
    const tone = reached === 'attention' ? 'note-bad' : 'note-ok';
    // What could not be counted can be done again.
    press.hidden = reached !== 'attention' && !again;
    fill(place, html`<div class="flow" data-result="${reached}">
      ${note(tone, reached === 'counted' ? 'done' : 'phone', t(`lesson_${reached}`), (again || mine) && html`<p role="status">${t(again ? 'onceMore' : `${reached}More`)}</p>`)}
      <div class="acts">${next && html`<a class="btn" href="${next.href}">${t('next')}: ${onward}${icon('next')}</a>`}
        <a class="btn btn2" href="${/** @type {HTMLAnchorElement} */ (main.querySelector('.crumb')).href}">${t('toCourse')}</a></div></div>`);
    return place.firstElementChild;
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (atIt) return;
    atIt = true;
    try {
      // Signed in a moment ago, the server may still be saying who.
      if (!(await current())) await soon(app.refreshed);
      await record('lesson_finished', lesson, (await soon(edition)) || '', { seconds: seconds() });
      focusOn((await draw()) || place);
    } catch (error) {
      const why = whyNotKept(/** @type {any} */ (error).code);
      if (!why) form.submit();
      fill(place, why && html`<div role="alert">${note('note-bad', 'late', t(why))}</div>`);
    }
    atIt = false;
  });
  on('results', draw);
  on('state', draw);
  await draw();
}

/** Counts from now on how long (s) this page is seen, by a clock that nobody sets. @returns {() => number} */
export function secondsInView() {
  let seen = 0;
  let since = 0;
  let inView = false;
  const count = () => {
    const now = performance.now();
    if (inView) seen += now - since;
    since = now;
    inView = document.visibilityState === 'visible';
    return Math.min(Math.round(seen / 1000), 86_400);
  };
  document.addEventListener('visibilitychange', count);
  count();
  return count;
}

/** A check of one's own understanding: marked here, recorded nowhere. @param {HTMLFormElement} form @param {App} app */
function startCheck(form, { t }) {
  const data = form.querySelector('script');
  const answer = form.querySelector('[data-answer]');
  if (!data || !answer) return;
  const question = JSON.parse(data.textContent || '');
  const place = document.createElement('div');
  answer.replaceWith(place);
  const ask = () => fill(place, html`<div class="acts"><button class="btn btn2" type="submit">${t('check')}</button></div>`);
  form.addEventListener('reset', ask);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { grade } = await import('../marking.js');
    const chosen = Array.from(form.querySelectorAll('input:checked'), (input) => Number(/** @type {HTMLInputElement} */ (input).value));
    if (!chosen.length) {
      fill(place, html`${note('', 'tip', t('chooseFirst'))}<div class="acts"><button class="btn btn2" type="submit">${t('check')}</button></div>`);
      return;
    }
    const { correct } = grade(question, chosen);
    const right = question.key.map((/** @type {number} */ index) => question.options[index]).join('; ');
    fill(place, html`<div role="status">${note(correct ? 'note-ok' : 'note-warn', correct ? 'done' : 'half',
      html`${t(correct ? 'right' : 'notRight')} ${addressed(t('rightAnswer', { answer: right }))}`, html`<p>${addressed(question.explanation)}</p>`)}</div>
      <div class="links"><button class="btn btn3" type="reset">${t('answerAgain')}</button></div>`);
    focusOn(place);
  });
  ask();
}
