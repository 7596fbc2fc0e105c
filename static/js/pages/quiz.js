/**
 * A quiz on the phone: one question a screen, every answer kept as it is given, a look back, then submitted. Without
 * this module the page is one long form. Started by app.js for <main data-module="quiz">.
 */
import { on } from '../store.js';
import { current, editionShown, soon } from '../identity.js';
import { readDraft, results } from '../outbox.js';
import { fill, focusOn, html, icon, note, status, whyNotKept } from './dom.js';
import { myCourse } from './progress.js';
import { beginAttempt, keepChanges, markHere, submitAttempt } from './quiz-draft.js';
import { attemptLine, explain, resultScreen } from './quiz-result.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  const form = /** @type {HTMLFormElement} */ (main.querySelector('form[data-quiz]'));
  const intro = /** @type {HTMLElement} */ (main.querySelector('[data-start]'));
  /** @type {QuizData} */
  const data = JSON.parse((/** @type {Element} */ (main.querySelector('#quiz-data'))).textContent || '{}');
  if (!app.canKeep || !form || !data.questions) return;
  const { t, language } = app;
  const { course = '', quiz = '' } = main.dataset;
  const fields = /** @type {HTMLFieldSetElement[]} */ (Array.from(form.querySelectorAll('fieldset[data-question]')));
  const count = fields.length;
  const opener = /** @type {HTMLElement} */ (intro.querySelector('[data-action="start-quiz"]'));
  const place = /** @type {HTMLElement} */ (opener.parentElement);
  const title = (intro.querySelector('h1') || {}).textContent || '';
  const [head, foot, result] = ['div', 'div', 'div'].map((tag) => document.createElement(tag));
  const plain = /** @type {HTMLElement} */ (form.querySelector('.acts'));
  head.className = foot.className = result.className = 'flow';
  form.querySelectorAll('.vh').forEach((heading) => heading.remove());
  form.prepend(head);
  plain.replaceWith(foot);
  form.after(result);
  /** What came of sending, whatever is drawn meanwhile. */
  const sent = document.createElement('p');
  sent.setAttribute('role', 'status');
  sent.dataset.sent = '';
  const who = document.querySelector('[data-who]');

  let atIt = false;
  const edition = editionShown(course, quiz, language, app.refreshed);
  edition.catch(() => {});
  /** @type {Draft | undefined} */
  let begun = await readDraft(quiz);
  if (begun && !begun.submitted && begun.paper !== data.paper) {
    // Updated in between, or the other language: an answer to those questions would mean nothing here. They stay kept
    // until she begins here, and then this is the same attempt: she hasn't submitted it.
    fill(intro.querySelector('[data-attempts]'), note('note-warn', 'again', t(begun.language === language || !begun.language ? 'quizChanged' : 'quizElsewhere')));
    begun = undefined;
  }
  /** There is one on every screen but the first. */
  let draft = /** @type {Draft} */ (begun);
  /** What is not on the disk: it goes there with the next answer. @type {DraftChange[]} */
  let unkept = [];
  /** Why the last answer is not on the disk. */
  let lost = '';

  /** @param {'intro' | 'question' | 'summary' | 'result'} screen */
  const show = (screen) => {
    const working = screen === 'question' || screen === 'summary';
    intro.hidden = screen !== 'intro';
    // One control for one thing: what is hidden is none, also for who reached for it before this module decided.
    if (screen === 'intro') place.prepend(opener);
    else opener.remove();
    form.hidden = !working;
    result.hidden = screen !== 'result';
    fields.forEach((field, n) => (field.hidden = screen !== 'question' || n !== draft.at));
    document.body.classList.toggle('in-quiz', working);
    app.busy(working);
    if (who && working && draft.number && !who.textContent?.includes('·')) who.append(` · ${t('attemptNo', { n: draft.number })}`);
    window.scrollTo(0, 0);
  };
  const keptLine = () => (lost ? status('late', t(lost), 'bad') : draft.keptAt ? status('phone', t('keptAt', { at: app.time(draft.keptAt) })) : '');
  const tick = () =>
    fields.forEach((field, n) =>
      field.querySelectorAll('input').forEach((input) => (input.checked = (draft.answers[n] || []).includes(Number(input.value)))),
    );

  /** Show a change at once, and as kept when it is on the disk. @param {DraftChange} how */
  const keep = async (how) => {
    how(draft);
    unkept.push(how);
    const { attempt } = draft;
    const going = unkept.slice();
    try {
      const kept = await keepChanges(quiz, draft, going);
      if (draft.attempt !== attempt || draft.submitted) return;
      // Another tab has submitted it: this page begins with what stands.
      if (kept.attempt !== attempt || kept.submitted) return location.reload();
      unkept = unkept.filter((one) => !going.includes(one));
      const was = JSON.stringify(draft.answers);
      draft = { ...kept, at: draft.at };
      unkept.forEach((each) => each(draft));
      lost = '';
      tick();
      if (was !== JSON.stringify(draft.answers) && !form.hidden && foot.querySelector('[type=submit]')) summary();
    } catch (error) {
      lost = whyNotKept(/** @type {any} */ (error).code, false);
    }
    fill(foot.querySelector('[data-kept]'), keptLine());
  };

  const question = (focus = true) => {
    const n = draft.at;
    const done = draft.answers.filter((answer) => answer.length).length;
    show('question');
    fill(head, html`<h1 class="vh">${title}</h1><div class="qtop"><b>${t('questionOf', { n: n + 1, all: count })}</b></div>
      <div class="stitch" role="img" aria-label="${t('answeredOf', { n: done, all: count })}">${draft.answers.map((answer, index) =>
        index === n ? html`<i class="at"></i>` : answer.length ? html`<i class="on"></i>` : html`<i></i>`)}</div>`);
    fill(foot, html`<label class="flag"><input type="checkbox" data-flag${draft.flags[n] && html` checked`}><span class="btn btn2">${icon('flag')}${t('flag')}</span></label>
      <div data-kept>${keptLine()}</div>
      <div class="dock acts-row">${n > 0 && html`<button class="btn btn2" type="button" data-to="${n - 1}">${icon('back')}${t('previousQuestion')}</button>`}
      <button class="btn" type="button" data-action="next-question">${n < count - 1 ? t('nextQuestion') : t('lookBack')}${icon('next')}</button></div>`);
    if (focus) focusOn(fields[n]);
  };

  const summary = () => {
    show('summary');
    const open = draft.answers.map((answer, n) => (answer.length ? 0 : n + 1)).filter(Boolean);
    const left = data.allowed ? data.allowed - draft.number : 0;
    fill(head, html`<div class="qtop"><b>${t('answeredOf', { n: count - open.length, all: count })}</b></div><h1>${t('lookBackHead')}</h1>
      ${open.length > 0 && note('note-warn', 'warn', t('stillOpen', { n: open.length, which: open.join(', ') }), html`<p>${t('openIsZero')}</p>`)}
      <ul class="qgrid">${draft.answers.map((answer, n) => {
        const [look, name, said] = draft.flags[n] ? ['fl', 'flag', t('flagged')] : answer.length ? ['', 'check', t('answered')] : ['no', 'more', t('open')];
        return html`<li><a class="${look}" href="#" data-to="${n}"><span class="vh">${t('question')} </span>${n + 1}<span class="vh">, ${said}</span>${icon(name)}</a></li>`;
      })}</ul>
      <ul class="key"><li>${icon('check')}${t('answered')}</li><li>${icon('more')}${t('open')}</li><li>${icon('flag')}${t('flagged')}</li></ul>
      <p>${t('submitIsFinal')}${left > 0 ? ` ${t('attemptsLeftAfter', { n: left })}` : ''}</p>`);
    fill(foot, html`${navigator.onLine === false && status('nonet', t('offlineSubmit'))}
      <div data-kept>${lost && keptLine()}</div>
      <div class="dock acts-row"><button class="btn btn2" type="button" data-to="${open.length ? open[0] - 1 : count - 1}">${open.length ? t('doQuestion', { n: open[0] }) : t('previousQuestion')}</button>
      <button class="btn" type="submit" data-action="submit-quiz">${t('submit')}</button></div>`);
    focusOn(head.querySelector('h1'));
  };

  const drawResult = async (focus = false) => {
    const event = (await results()).find(({ id }) => id === draft.submitted);
    const line = await myCourse(course, language);
    const part = line && line.parts.find(({ activity }) => activity === quiz);
    // Another attempt may have begun while this was read.
    if (!draft.submitted) return;
    show('result');
    fill(result, resultScreen({ event, draft, data, line, part, app, title }));
    if (!sent.isConnected) /** @type {Element} */ (result.querySelector('.acts')).after(sent);
    if (focus) focusOn(result.querySelector('h1'));
    await explain(result, { draft, data, part, app });
  };

  const drawIntro = async () => {
    show('intro');
    if (draft) fill(opener, html`${icon('play')}${t('resume', { n: draft.at + 1 })}`);
    const line = await myCourse(course, language);
    const part = line && line.parts.find(({ activity }) => activity === quiz);
    const tried = (part && part.attempts) || [];
    if (!tried.length) return;
    fill(intro.querySelector('[data-attempts]'), html`<ul class="rows">${tried.map((attempt, n) =>
      html`<li>${attemptLine(attempt, t('attempt', { n: n + 1 }), app)}</li>`)}</ul>`);
  };

  const begin = async () => {
    if (draft && !draft.submitted) return question();
    // Signed in a moment ago, the server may still be saying who.
    if (!(await current())) await soon(app.refreshed);
    try {
      const answers = fields.map(() => []);
      const fresh = { edition: (await soon(edition)) || '', paper: data.paper, language, at: 0, answers, flags: fields.map(() => false) };
      const mine = await beginAttempt(quiz, data.allowed, fresh);
      if (!mine) {
        fill(intro.querySelector('[data-attempts]'), note('note-warn', 'warn', t('noneLeft', { n: data.allowed }), html`<p>${t('noneLeftMore')}</p>`));
        show('intro');
        focusOn(intro.querySelector('[data-attempts]'));
        return undefined;
      }
      draft = mine;
      [unkept, lost] = [[], ''];
      sent.textContent = '';
      tick();
      question();
    } catch (error) {
      const why = whyNotKept(/** @type {any} */ (error).code);
      if (why) {
        show('intro');
        fill(intro.querySelector('[data-attempts]'), note('note-bad', 'late', t(why)));
        focusOn(intro.querySelector('[data-attempts]'));
      } else {
        // The long form, which the server asks a name for.
        [intro.hidden, form.hidden] = [true, false];
        foot.replaceWith(plain);
        fields.forEach((field) => (field.hidden = false));
        form.removeEventListener('submit', submit);
      }
    }
    return undefined;
  };

  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    // Enter in an answer submits a form; here it goes on.
    if (foot.querySelector('[data-action="next-question"]')) return goOn();
    if (atIt) return undefined;
    atIt = true;
    try {
      draft = await submitAttempt(quiz, draft);
      if (data.mode === 'practice') draft = await markHere(quiz, data, draft);
    } catch (error) {
      fill(foot.querySelector('[data-kept]'), note('note-bad', 'late', t(whyNotKept(/** @type {any} */ (error).code, false))));
      return undefined;
    } finally {
      atIt = false;
    }
    if (who) who.textContent = (who.textContent || '').split(' · ')[0];
    return drawResult(true);
  };

  const goOn = () => {
    const last = draft.at >= count - 1;
    const at = last ? draft.at : draft.at + 1;
    keep((kept) => (kept.at = at));
    if (last) summary();
    else question();
  };

  form.addEventListener('submit', submit);
  form.addEventListener('change', ({ target }) => {
    const { checked, dataset } = /** @type {HTMLInputElement} */ (target);
    const n = draft.at;
    if ('flag' in dataset) return keep((kept) => (kept.flags[n] = checked));
    const answer = Array.from(fields[n].querySelectorAll('input:checked'), (one) => Number(/** @type {HTMLInputElement} */ (one).value));
    return keep((kept) => (kept.answers[n] = answer));
  });
  main.addEventListener('click', (event) => {
    const pressed = /** @type {Element} */ (event.target).closest('[data-to], [data-action]');
    if (!pressed) return;
    const { to, action } = /** @type {HTMLElement} */ (pressed).dataset;
    if (to) {
      event.preventDefault();
      draft.at = Number(to);
      question();
    } else if (action === 'next-question') goOn();
    else if (action === 'start-quiz') {
      event.preventDefault();
      begin();
    }
  });
  const redraw = () => draft && draft.submitted && drawResult();
  on('results', redraw);
  on('state', redraw);

  if (draft && !draft.submitted) tick();
  if (draft && draft.submitted) await drawResult();
  else await drawIntro();
}
