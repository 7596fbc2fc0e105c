/**
 * The questions of an attempt with right answers and explanations, below the result of a quiz. Loaded by
 * quiz-result.js only when there is something to show: of a practice quiz this phone has the key; of an assessed one
 * the server hands it out when the attempt may be reviewed, and from then on it is kept here for days without network.
 * training/my_courses.py makes the same for pages without scripts.
 *
 * @typedef {{text: string, language?: string, options: string[], chosen: number[], key: number[], right: boolean,
 *   explanation: string}} Reviewed
 */
import { ask, current } from '../identity.js';
import { readDraft, saveDraft } from '../outbox.js';
import { addressed, fill, foreign, html, icon, status } from './dom.js';

/** @param {Element | null} place @param {Draft} draft @param {QuizData} data @param {App} app */
export async function showReview(place, draft, data, { t }) {
  const questions = data.mode === 'practice' ? fromPack(data, draft) : await fromServer(draft.attempt);
  if (!questions) {
    fill(place, html`<p class="s">${t('explanationsLater')}</p>`);
    return;
  }
  const row = (/** @type {Reviewed & {n: number}} */ { n, text, language = '', options, chosen, key, right, explanation }) => {
    const said = (/** @type {number[]} */ indexes) => indexes.map((index) => options[index]).join('; ');
    const hers = chosen.length ? addressed(t('youChose', { answer: said(chosen) })) : t('leftOpen');
    return html`<li><h3>${t('question')} ${n}. <span${foreign(language)}>${addressed(text)}</span></h3>
      ${right ? status('check', html`${t('right')} ${hers}`, 'ok') : html`${status('no', html`${t('notRight')} ${hers}`, 'bad')}${status('check', addressed(t('rightAnswer', { answer: said(key) })), 'ok')}`}
      ${explanation && html`<p class="s"${foreign(language)}>${addressed(explanation)}</p>`}</li>`;
  };
  const numbered = questions.map((question, n) => ({ ...question, n: n + 1 }));
  const [wrong, right] = [false, true].map((wanted) => numbered.filter((question) => question.right === wanted));
  fill(place, html`${wrong.length ? html`<h2 id="xem-lai">${t('review')}</h2><ul class="rows" data-review="wrong">${wrong.map(row)}</ul>` : html`<p>${t('allRight')}</p>`}
    ${right.length > 0 && html`<details class="acc"><summary>${t('rightOnes', { n: right.length })}${icon('down')}</summary><ul class="rows" data-review="right">${right.map(row)}</ul></details>`}`);
}

/** A practice quiz, whose questions bring their keys. @param {QuizData} data @param {Draft} draft @returns {Reviewed[]} */
function fromPack({ questions }, { answers }) {
  const same = (/** @type {number[]} */ one, /** @type {number[]} */ other) => one.length === other.length && one.every((index) => other.includes(index));
  return questions.map(({ text, options, key = [], explanation = '' }, n) =>
    ({ text, options, key, explanation, chosen: answers[n], right: same(key, answers[n]) }));
}

/** @param {string} attempt @returns {Promise<Reviewed[] | null>} */
async function fromServer(attempt) {
  const kept = await readDraft(`review ${attempt}`);
  if (kept) return kept.questions;
  const { status: code, answer } = await ask(`/api/attempts/${attempt}/review/`);
  const who = await current();
  // Somebody else may have signed in on this phone; and what is no answer of the server's own is none.
  if (code !== 200 || !answer || !who || answer.official !== who.official || answer.attempt !== attempt) return null;
  await saveDraft(`review ${attempt}`, answer).catch(() => {});
  return answer.questions;
}
