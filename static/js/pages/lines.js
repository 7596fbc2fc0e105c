/** Lines that several pages show in the same words: a deadline, a mark, the way of a result. Used by page modules. */
import { day, html, icon, status } from './dom.js';

/** Days before a deadline from which on the line is a warning. */
const SOON = 14;

/** A mark of ten, rounded down: 7,99 is not yet the 8,0 that passes. @param {number} score hundredths of a percent @param {string} language */
export const ten = (score, language) =>
  (Math.floor(score / 100) / 10).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** 8750 hundredths of a percent: 8,7 points (87,5%). @param {number} score @param {App} app */
export function points(score, app) {
  const percent = (score / 100).toLocaleString(app.language, { maximumFractionDigits: 2 });
  return app.t('points', { points: ten(score, app.language), percent });
}

/** @param {import('./progress.js').Course} course @param {App} app */
export function deadline({ completed, best, due, days }, app) {
  const { t } = app;
  if (completed) {
    return status('done', best ? `${t('passed')}, ${points(best.score, app)}` : t('completed'), 'ok', t('completedOn', { day: day(completed) }));
  }
  if (!due) return '';
  const when = t('due', { day: day(due) });
  if (days < 0) return status('late', t('overdue', { n: -days }), 'bad', when);
  if (days <= SOON) return status('clock', days ? t('daysLeft', { n: days }) : t('dueToday'), 'warn', when);
  return status('clock', t('dueOn', { day: day(due) }));
}

const WAY = /** @type {const} */ (['saved', 'sent', 'received', 'counted']);
const AT = /** @type {const} */ (['savedAt', 'sentAt', 'receivedAt', 'countedAt']);
const ICON = { saved: 'phone', sent: 'send', received: 'inbox', counted: 'done', attention: 'warn' };

/** Why it has not been counted, if a reason is known. @param {StoredEvent} event @param {App} app */
export function reason({ state, code }, { t }) {
  if (state !== 'attention' && state !== 'received') return /over_limit|device_unknown/.test(code) ? t(`why_${code}`) : '';
  const words = t(`why_${code}`);
  return words === `why_${code}` ? t(state === 'received' ? 'why_received' : 'why_attention') : words;
}

/** The four honest states, with their times. @param {StoredEvent} event @param {App} app */
export function way(event, app) {
  const { t } = app;
  const attention = event.state === 'attention';
  const reached = attention ? (event.receivedAt ? 2 : 1) : WAY.indexOf(/** @type {any} */ (event.state));
  return html`<ol class="path">${WAY.map((name, n) => {
    if (attention && n === 3) {
      return html`<li class="bad">${icon('warn')}${t('attention')}<small>${reason(event, app)}</small></li>`;
    }
    const at = event[AT[n]];
    if (n > reached) {
      return html`<li>${icon('todo')}${t(name)}<span class="vh"> ${t('notYet')}</span>${n === 1 && html`<small>${t('goesByItself')}</small>`}</li>`;
    }
    const why = n === reached && reason(event, app);
    return html`<li class="is-done">${icon('done')}${t(name)}<small>${at && app.time(at)}${at && why && ' · '}${why}</small></li>`;
  })}</ol>`;
}

/** The state in one line. @param {StoredEvent} event @param {App} app */
export function stateLine(event, { t }) {
  const tone = { saved: 'warn', attention: 'bad', counted: 'ok', sent: '', received: '' }[event.state];
  return html`<span class="st ${tone}">${icon(ICON[event.state])}<span>${t(event.state)}${
    event.state !== 'counted' && html` <small>· ${t(`${event.state}More`)}</small>`
  }</span></span>`;
}

/** Why a download came to nothing. @param {{code: string}} error @param {App} app */
export function whyNotDownloaded({ code }, { t }) {
  const words = t(`err_${code}`);
  return words === `err_${code}` ? t('err_failed') : words;
}
