/** What stands after submitting a quiz: the mark if it is known, where the result is, and what comes next. */
import { foreign, html, icon, status } from './dom.js';
import { reason, ten, way } from './lines.js';

/**
 * @param {{event: StoredEvent | undefined, draft: Draft, data: QuizData, line: import('./progress.js').Course | undefined,
 *   part: import('./progress.js').Part | undefined, app: App, title: string}} what
 */
export function resultScreen({ event, draft, data, line, part, app, title }) {
  const { t, language } = app;
  const refused = event && event.state === 'attention';
  // What this phone marked and the server refused is no mark.
  const heard = ((part && part.attempts) || []).find((one) => one.attempt === draft.attempt);
  const mark = (!refused && draft.mark) || heard;
  const counts = !(heard && heard.counted === false) && !(event && event.code === 'over_limit');
  const good = mark && mark.passed && counts;
  const left = data.allowed ? Math.max(data.allowed - draft.number, 0) : Infinity;
  const next = line && line.parts.find((one) => one.required && !one.done && !one.waiting && one !== part);
  const about = [t('passMark', { points: ten(data.pass_mark * 100, language) }), t('attemptNo', { n: draft.number })];
  if (mark && !mark.passed && data.allowed) about.push(t('attemptsLeft', { n: left }));
  if (!counts) about.push(t('why_over_limit'));
  const waiting = event && (event.state === 'saved' || event.state === 'sent');
  // What is held for a person to decide is not to be done again meanwhile.
  const retry = left > 0 && (mark ? !mark.passed : refused && !event.open);
  const again = html`<button class="btn ${retry ? '' : 'btn2'}" type="button" data-action="start-quiz">${icon('again')}${t('tryQuizAgain')}</button>`;
  return html`
    ${line && html`<a class="crumb" href="${line.url}"${foreign(line.nameLang)}>${icon('back')}${line.name}</a>`}
    ${mark
      ? html`<h1 class="verdict ${good ? 'ok' : 'warn'}">${icon(good ? 'done' : 'half')}<span>${t(mark.passed ? 'passed' : 'notPassed')}</span></h1>
        <div class="score"><b>${ten(mark.score, language)}</b><p>${title}<br><span class="s">${about.join(' · ')}</span></p></div>
        ${!mark.passed && left > 0 && html`<p>${t('planToPass')}</p>`}`
      : refused
      ? html`<h1 class="verdict warn">${icon('warn')}<span>${t('attention')}</span></h1><p>${t('submittedAt', { at: app.time(draft.submittedAt || 0) })} ${reason(event, app)}</p>`
      : html`<h1 class="verdict">${icon(waiting ? 'phone' : 'inbox')}<span>${t(waiting ? 'quizKept' : 'quizArrived')}</span></h1>
        <p>${t('submittedAt', { at: app.time(draft.submittedAt || 0) })} ${t(waiting ? 'serverMarks' : 'markComes')}</p>`}
    ${line && line.completed && html`<p>${t('courseCompleted')}</p>`}
    <div class="acts">${retry && again}
      ${next && html`<a class="btn ${retry ? 'btn2' : ''}" href="${next.url}"${foreign(next.nameLang)}>${t('next')}: ${next.name}</a>`}
      ${!next && line && html`<a class="btn ${retry ? 'btn2' : ''}" href="${line.url}">${t('toCourse')}</a>`}
      ${waiting && html`<button class="btn btn2" type="button" data-action="send-now">${icon('send')}${t('sendNow')}</button>`}
      ${data.mode === 'practice' && mark && mark.passed && again}</div>
    ${event && html`<h2>${t('whereIsIt')}</h2><div data-result="${event.state}">${way(event, app)}</div>`}
    <div class="flow" data-explained></div>`;
}

/** An earlier attempt in one line. @param {Attempt} attempt @param {string} name @param {App} app */
export function attemptLine({ passed, score, counted, submitted_at: at }, name, { t, time, language }) {
  const good = passed && counted !== false;
  const when = html`${time(at)}${counted === false && ` · ${t('why_over_limit')}`}`;
  return status(good ? 'done' : 'half', `${name}: ${t(passed ? 'passed' : 'notPassed')}, ${ten(score, language)}`, good ? 'ok' : 'warn', when);
}

/**
 * Below the result, once they may be seen: the questions with right answers and explanations.
 * @param {HTMLElement} result @param {{draft: Draft, data: QuizData, part: import('./progress.js').Part | undefined, app: App}} what
 */
export async function explain(result, { draft, data, part, app }) {
  // Its questions have changed since: the key of these is not the key of those.
  if (data.mode === 'practice' && draft.paper !== data.paper) return;
  const heard = ((part && part.attempts) || []).find((one) => one.attempt === draft.attempt);
  if (!(data.mode === 'practice' ? draft.mark : heard && heard.explanations)) return;
  const { showReview } = await import('./quiz-review.js');
  await showReview(result.querySelector('[data-explained]'), draft, data, app);
}
