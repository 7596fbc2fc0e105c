/**
 * A quiz on the phone: one question a screen, every answer kept as it is given, a look back, then submitted. Without
 * this module the page is one long form. Started by app.js for <main data-module="quiz">.
 *
 * The draft kept under the quiz's key: {attempt, edition, paper, language, number, answers, flags, at, submitted}. With
 * `submitted` it is what the result screen is drawn from until the next attempt begins.
 */
import { alone, on, packs } from '../store.js';
import { current, editionOf } from '../identity.js';
import { attemptsKnown, readDraft, record, results, saveDraft } from '../outbox.js';
import { fill, focusOn, html, icon, note, status, whyNotKept } from './dom.js';
import { myCourse } from './progress.js';
import { explain, resultScreen } from './quiz-result.js';

/** @param {HTMLElement} main @param {App} app */
export async function start(main, app) {
  const form = /** @type {HTMLFormElement} */ (main.querySelector('form[data-quiz]'));
  const intro = /** @type {HTMLElement} */ (main.querySelector('[data-start]'));
  const data = JSON.parse((/** @type {Element} */ (main.querySelector('#quiz-data'))).textContent || '{}');
  if (!app.canKeep || !form || !data.questions) return;
  const { t, language } = app;
  const { course = '', quiz = '' } = main.dataset;
  const fields = /** @type {HTMLFieldSetElement[]} */ (Array.from(form.querySelectorAll('fieldset[data-question]')));
  const count = fields.length;
  const opener = /** @type {HTMLElement} */ (intro.querySelector('[data-action="start-quiz"]'));
  const title = (intro.querySelector('h1') || {}).textContent || '';
  const [head, foot, result] = ['div', 'div', 'div'].map((tag) => document.createElement(tag));
  const plain = /** @type {HTMLElement} */ (form.querySelector('.acts'));
  head.className = foot.className = result.className = 'flow';
  form.querySelectorAll('.vh').forEach((heading) => heading.remove());
  form.prepend(head);
  plain.replaceWith(foot);
  form.after(result);
  const who = document.querySelector('[data-who]');

  let atIt = false;
  /** @type {any} */
  let draft = await readDraft(quiz);
  /** @type {any} */
  let begun;
  if (draft && !draft.submitted && draft.paper !== data.paper) {
    // Updated in between, or the other language: an answer to those questions would mean nothing here. They stay kept
    // until she begins here, and then this is the same attempt: she hasn't submitted it.
    fill(intro.querySelector('[data-attempts]'), note('note-warn', 'again', t(draft.language === language || !draft.language ? 'quizChanged' : 'quizElsewhere')));
    begun = draft;
    draft = undefined;
  }

  /** @param {'intro' | 'question' | 'summary' | 'result'} screen */
  const show = (screen) => {
    const working = screen === 'question' || screen === 'summary';
    intro.hidden = screen !== 'intro';
    // One control for one thing: what is hidden is none.
    opener.toggleAttribute('data-action', false);
    if (screen === 'intro') opener.dataset.action = 'start-quiz';
    form.hidden = !working;
    result.hidden = screen !== 'result';
    fields.forEach((field, n) => (field.hidden = screen !== 'question' || n !== draft.at));
    document.body.classList.toggle('in-quiz', working);
    app.busy(working);
    if (who && working && draft.number && !who.textContent?.includes('·')) who.append(` · ${t('attemptNo', { n: draft.number })}`);
    window.scrollTo(0, 0);
  };
  const keep = async () => {
    draft.keptAt = Date.now();
    await saveDraft(quiz, draft).catch(() => fill(foot.querySelector('[data-kept]'), status('late', t('failedToKeep'), 'bad')));
  };
  const isAnswered = (/** @type {any} */ answer) => answer.length > 0;

  const question = (focus = true) => {
    const n = draft.at;
    const done = draft.answers.filter(isAnswered).length;
    show('question');
    fill(head, html`<h1 class="vh">${title}</h1><div class="qtop"><b>${t('questionOf', { n: n + 1, all: count })}</b></div>
      <div class="stitch" role="img" aria-label="${t('answeredOf', { n: done, all: count })}">${draft.answers.map((/** @type {number[]} */ answer, /** @type {number} */ index) =>
        index === n ? html`<i class="at"></i>` : answer.length ? html`<i class="on"></i>` : html`<i></i>`)}</div>`);
    fill(foot, html`<label class="flag"><input type="checkbox" data-flag${draft.flags[n] && html` checked`}><span class="btn btn2">${icon('flag')}${t('flag')}</span></label>
      <div data-kept>${draft.keptAt && status('phone', t('keptAt', { at: app.time(draft.keptAt) }))}</div>
      <div class="dock acts-row">${n > 0 && html`<button class="btn btn2" type="button" data-to="${n - 1}">${icon('back')}${t('previousQuestion')}</button>`}
      <button class="btn" type="button" data-action="next-question">${n < count - 1 ? t('nextQuestion') : t('lookBack')}${icon('next')}</button></div>`);
    if (focus) focusOn(fields[n]);
  };

  const summary = () => {
    show('summary');
    const open = draft.answers.map((/** @type {number[]} */ answer, /** @type {number} */ n) => (answer.length ? 0 : n + 1)).filter(Boolean);
    const left = data.allowed ? data.allowed - draft.number : 0;
    fill(head, html`<div class="qtop"><b>${t('answeredOf', { n: count - open.length, all: count })}</b></div><h1>${t('lookBackHead')}</h1>
      ${open.length > 0 && note('note-warn', 'warn', t('stillOpen', { n: open.length, which: open.join(', ') }), html`<p>${t('openIsZero')}</p>`)}
      <ul class="qgrid">${draft.answers.map((/** @type {number[]} */ answer, /** @type {number} */ n) => {
        const [look, name, said] = draft.flags[n] ? ['fl', 'flag', t('flagged')] : answer.length ? ['', 'check', t('answered')] : ['no', 'more', t('open')];
        return html`<li><a class="${look}" href="#" data-to="${n}"><span class="vh">${t('question')} </span>${n + 1}<span class="vh">, ${said}</span>${icon(name)}</a></li>`;
      })}</ul>
      <ul class="key"><li>${icon('check')}${t('answered')}</li><li>${icon('more')}${t('open')}</li><li>${icon('flag')}${t('flagged')}</li></ul>
      <p>${t('submitIsFinal')}${left > 0 ? ` ${t('attemptsLeftAfter', { n: left })}` : ''}</p>`);
    fill(foot, html`${navigator.onLine === false && status('nonet', t('offlineSubmit'))}
      <div data-kept></div>
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
      html`<li>${status(attempt.passed ? 'done' : 'half', `${t('attempt', { n: n + 1 })}: ${t(attempt.passed ? 'passed' : 'notPassed')}, ${(attempt.score / 1000).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}`, attempt.passed ? 'ok' : 'warn', app.time(attempt.submitted_at))}</li>`)}</ul>`);
  };

  const begin = async () => {
    if (draft && !draft.submitted) return question();
    // Signed in a moment ago, the server may still be saying who.
    if (!(await current())) await app.refreshed;
    const earlier = begun ? begun.number - 1 : await attemptsKnown(quiz);
    if (data.allowed && earlier >= data.allowed) {
      fill(intro.querySelector('[data-attempts]'), note('note-warn', 'warn', t('noneLeft', { n: data.allowed }), html`<p>${t('noneLeftMore')}</p>`));
      show('intro');
      focusOn(intro.querySelector('[data-attempts]'));
      return undefined;
    }
    const pack = (await packs()).find((one) => one.course === course && one.lang === language);
    const edition = (await editionOf(course, pack)) || (await app.refreshed, await editionOf(course));
    try {
      const attempt = begun ? begun.attempt : (await record('quiz_started', quiz, edition, { earlier })).id;
      begun = undefined;
      form.reset();
      draft = { attempt, edition, paper: data.paper, language, number: earlier + 1, at: 0, answers: fields.map(() => []), flags: fields.map(() => false) };
      await keep();
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
    const { attempt, edition, paper, answers } = draft;
    try {
      // Another tab may have submitted this attempt: what it sent stands, nobody answers again knowing the mark.
      const write = async () => (await results()).find((one) => one.data.attempt === attempt) || record('quiz_submitted', quiz, edition, { attempt, paper, answers });
      const { id, data: sent, savedAt } = /** @type {StoredEvent} */ (await alone(`attempt-${attempt}`, write));
      draft.answers = sent.answers;
      if (data.mode === 'practice') {
        const { markAttempt } = await import('../marking.js');
        const { percent_hundredths: score, passed } = markAttempt(data.questions, draft.answers, data.pass_mark);
        await saveDraft(`mark ${attempt}`, { score, passed, counted: true, explanations: true });
        draft.mark = { score, passed };
      }
      draft.submitted = id;
      draft.submittedAt = savedAt;
      await saveDraft(quiz, draft);
    } catch (error) {
      fill(foot.querySelector('[data-kept]'), note('note-bad', 'late', t(whyNotKept(/** @type {any} */ (error).code) || 'needsNetwork')));
      return undefined;
    } finally {
      atIt = false;
    }
    if (who) who.textContent = (who.textContent || '').split(' · ')[0];
    return drawResult(true);
  };

  const goOn = () => {
    if (draft.at < count - 1) {
      draft.at += 1;
      question();
    } else summary();
    keep();
  };

  form.addEventListener('submit', submit);
  form.addEventListener('change', async ({ target }) => {
    const input = /** @type {HTMLInputElement} */ (target);
    if (input.matches('[data-flag]')) draft.flags[draft.at] = input.checked;
    else draft.answers[draft.at] = Array.from(fields[draft.at].querySelectorAll('input:checked'), (one) => Number(/** @type {HTMLInputElement} */ (one).value));
    await keep();
    fill(foot.querySelector('[data-kept]'), status('phone', t('keptAt', { at: app.time(draft.keptAt) })));
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

  if (draft) {
    draft.answers.forEach((/** @type {number[]} */ answer, /** @type {number} */ n) =>
      answer.forEach((index) => {
        const input = /** @type {HTMLInputElement | null} */ (fields[n] && fields[n].querySelector(`input[value="${index}"]`));
        if (input) input.checked = true;
      }),
    );
  }
  if (draft && draft.submitted) await drawResult();
  else await drawIntro();
}
