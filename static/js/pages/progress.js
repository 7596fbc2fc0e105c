/**
 * Where she stands in her courses: what the server said last, with what waits on this phone added to it. The same
 * questions are answered on the server by training/my_courses.py, for pages without scripts.
 *
 * @typedef {Step & {name: string, nameLang: string, url: string, own: StoredEvent[], waiting: boolean,
 *   best: Attempt | null}} Part
 * @typedef {{key: string, name: string, nameLang: string, url: string, parts: Part[], past: Part[], total: number, done: number,
 *   next: Part | undefined, at: number, due: string | null, days: number, completed: string | null,
 *   group: 'studying' | 'assigned' | 'completed' | 'open', best: Attempt | null, heard: CourseState}} Course
 */
import { DEVICE, get, packs } from '../store.js';
import { state } from '../identity.js';
import { readDraft, results } from '../outbox.js';

/** @param {Record<string, string>} texts @param {string} language @returns {[string, string]} the text, its language */
export function inLanguage(texts, language) {
  const code = [language, 'vi', ...Object.keys(texts)].find((candidate) => candidate in texts) || language;
  return [texts[code] || '', code];
}

const DAY = 86_400_000;

/**
 * The time it is, whatever this phone's clock says: the server's when last heard, and what has passed here since. A
 * clock set back since then makes no time run backwards, and one set forward no more than a year.
 * @param {{server: string, device: string} | undefined} heard
 */
export function timeNow(heard, device = Date.now()) {
  const server = Date.parse((heard && heard.server) || '');
  const passed = device - Date.parse((heard && heard.device) || '');
  return Number.isFinite(server + passed) ? server + Math.min(Math.max(passed, 0), 366 * DAY) : device;
}

/** Days until a date; negative when it is over. @param {string} date @param {number} time */
function daysUntil(date, time) {
  const now = new Date(time);
  return Math.round((Date.parse(date) - Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / DAY);
}

/** @param {Attempt[]} attempts */
const bestOf = (attempts) => attempts.reduce((/** @type {Attempt | null} */ best, one) => (best && best.score >= one.score ? best : one), null);

/**
 * Title and address with the page this phone holds in place of one that is no longer published in its language.
 * @template {{title: Record<string, string>, path: Record<string, string>}} T
 * @param {T} what @param {{title: string, path: string} | undefined} kept @param {string} language @returns {T}
 */
function withKept(what, kept, language) {
  if (!kept || language in what.path) return what;
  return { ...what, title: { ...what.title, [language]: kept.title }, path: { ...what.path, [language]: kept.path } };
}

/** The attempt a submission belongs to. @param {StoredEvent} event */
const attemptOf = ({ data }) => data.attempt || '';

/** @param {Step} step @param {StoredEvent[]} results @param {Record<string, any>} marks @param {string} language @returns {Part} */
function part(step, results, marks, language) {
  const [name, nameLang] = inLanguage(step.title, language);
  const own = results.filter(({ activity }) => activity === step.activity);
  const good = own.filter((event) => event.state !== 'attention');
  const known = new Set((step.attempts || []).map(({ attempt }) => attempt));
  // A practice quiz is marked here; until the server has said the same, the mark of this phone stands in.
  const here = good
    .filter((event) => marks[attemptOf(event)] && !known.has(attemptOf(event)))
    .map((event) => ({ attempt: attemptOf(event), submitted_at: event.occurredAt, ...marks[attemptOf(event)] }));
  const attempts = [...(step.attempts || []), ...here].filter(({ score }) => typeof score === 'number');
  const done = step.done || (step.kind === 'lesson' ? good.length > 0 : here.some(({ passed }) => passed));
  return {
    ...step, name, nameLang, url: inLanguage(step.path, language)[0], own, done, attempts, best: bestOf(attempts.filter(({ counted }) => counted !== false)),
    waiting: step.kind === 'quiz' && good.some((event) => !known.has(attemptOf(event)) && !marks[attemptOf(event)]),
  };
}

/**
 * @param {CourseState} said @param {HeldPack | undefined} held in this language @param {StoredEvent[]} own
 * @param {Record<string, any>} marks @param {string} language @param {number} time @returns {Course}
 */
function line(said, held, own, marks, language, time) {
  const items = held ? held.items : {};
  const heard = withKept(said, items[said.course], language);
  const parts = heard.steps.map((step) => part(withKept(step, items[step.activity], language), own, marks, language));
  const required = parts.filter((one) => one.required);
  // All done and not completed: the step she lacked has left the course, and the present edition wants to be named.
  const again = inLanguage(heard.path, language)[0] && !heard.completed_on && (!held || held.edition === said.edition) && said.steps.every((step) => step.done || !step.required);
  const next = required.find((one) => !one.done && !one.waiting) || required.find((one) => !one.done) ||
    (again && (required.filter(({ kind }) => kind === 'lesson').pop() || required[required.length - 1])) || undefined;
  const begun = heard.started || parts.some((one) => one.own.length > 0);
  const [name, nameLang] = inLanguage(heard.title, language);
  return {
    key: heard.course, name, nameLang, url: inLanguage(heard.path, language)[0], parts, heard, next,
    // Quizzes she did that have left the course: results, and nothing to do.
    past: (heard.past || []).map((step) => part(step, own, marks, language)),
    total: required.length, done: required.filter((one) => one.done).length, at: next && begun ? required.indexOf(next) : -1,
    due: heard.due_on, days: heard.due_on ? daysUntil(heard.due_on, time) : Infinity, completed: heard.completed_on,
    group: heard.completed_on ? 'completed' : begun ? 'studying' : heard.assigned ? 'assigned' : 'open',
    best: bestOf(parts.map(({ best }) => best).filter(Boolean).map((best) => /** @type {Attempt} */ (best))),
  };
}

/** All courses of the official this page works for; null before the server was ever heard. @param {string} language */
export async function myCourses(language) {
  const heard = await state();
  if (!heard) return null;
  const own = await results();
  /** @type {Record<string, any>} */
  const marks = {};
  for (const event of own) {
    const mark = event.kind === 'quiz_submitted' && (await readDraft(`mark ${attemptOf(event)}`));
    if (mark) marks[attemptOf(event)] = mark;
  }
  const time = timeNow(await get(DEVICE, 'clock'));
  const here = (await packs()).filter(({ lang }) => lang === language);
  return heard.courses.map((said) => line(said, here.find(({ course }) => course === said.course), own, marks, language, time));
}

/** @param {string} course @param {string} language */
export async function myCourse(course, language) {
  return ((await myCourses(language)) || []).find(({ key }) => key === course);
}
