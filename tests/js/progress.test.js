/** Where she stands: deadlines by the server's time, and courses that are no longer published in her language. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { COURSE, EDITION, LESSON, finish, openTab, signedIn } from './phone.js';

const DAY = 86_400_000;
/** Noon, so that no time zone of a test machine moves the day. */
const NOON = Date.parse('2026-11-20T12:00:00.000Z');
const at = (/** @type {number} */ time) => new Date(time).toISOString();
/** The day it is here at that moment. @param {number} time */
const dayOf = (time) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

/** @param {Partial<CourseState>} [other] @returns {CourseState} */
const course = (other) => ({
  course: COURSE, title: { vi: 'An toàn', en: 'Safety' }, path: { vi: '/a/', en: '/en/a/' }, assigned: true, due_on: null,
  started: false, completed_on: null, edition: EDITION, packs: {},
  steps: [{ activity: LESSON, kind: 'lesson', title: { vi: 'Bài một', en: 'Lesson one' }, path: { vi: '/a/b/', en: '/en/a/b/' }, minutes: 5, required: true, done: false }],
  ...other,
});

/** @type {[string, {server: string, device: string} | undefined, number, number][]} */
const CLOCKS = [
  ['a right clock', { server: at(NOON), device: at(NOON) }, NOON + 3 * DAY, NOON + 3 * DAY],
  ['a clock a year behind', { server: at(NOON), device: at(NOON - 365 * DAY) }, NOON - 362 * DAY, NOON + 3 * DAY],
  ['a clock a year ahead', { server: at(NOON), device: at(NOON + 365 * DAY) }, NOON + 368 * DAY, NOON + 3 * DAY],
  ['a clock set back since the server was heard', { server: at(NOON), device: at(NOON) }, NOON - 9 * DAY, NOON],
  ['a clock set to another century since then', { server: at(NOON), device: at(NOON) }, Date.parse('2099-01-01'), NOON + 366 * DAY],
  ['a server that was never heard', undefined, NOON, NOON],
  ['what is no time', { server: 'x', device: 'y' }, NOON, NOON],
];
for (const [what, heard, device, expected] of CLOCKS) {
  test(`the time it is, by ${what}`, async () => {
    const { tab } = await signedIn();
    assert.equal(at(tab.progress.timeNow(heard, device)), at(expected));
  });
}

test('days to a deadline are counted from the time the server told, whatever this phone shows', async () => {
  const { server, tab } = await signedIn();
  server.courses = [course({ due_on: dayOf(Date.now() + 5 * DAY) })];
  await tab.identity.refresh();
  const days = async () => (await tab.progress.myCourses('vi'))[0].days;
  assert.equal(await days(), 5);
  const { server: heard } = await tab.store.get('', 'clock');
  await tab.store.put('', 'clock', { server: heard, device: at(Date.now() + 40 * DAY) });
  assert.equal(await days(), 5);
  await tab.store.put('', 'clock', { server: heard, device: at(Date.now() - 7 * DAY) });
  assert.equal(await days(), -2);
});

test('a course no longer published in her language keeps the title and address of what this phone holds', async () => {
  const { server, tab } = await signedIn();
  server.courses = [course({
    title: { en: 'Safety' }, path: { en: '/en/a/' },
    steps: [{ ...course().steps[0], title: { en: 'Lesson one' }, path: { en: '/en/a/b/' } }],
  })];
  await tab.identity.refresh();
  const [before] = await tab.progress.myCourses('vi');
  assert.deepEqual([before.name, before.nameLang, before.url], ['Safety', 'en', '/en/a/']);
  const item = (/** @type {string} */ title, /** @type {string} */ path) => ({ title, path, hash: '' });
  await tab.store.putPack({
    id: `${COURSE} vi`, course: COURSE, lang: 'vi', cache: 'course', items: { [COURSE]: item('An toàn', '/a/'), [LESSON]: item('Bài một', '/a/b/') },
  });
  const [after] = await tab.progress.myCourses('vi');
  assert.deepEqual([after.name, after.nameLang, after.url], ['An toàn', 'vi', '/a/']);
  assert.deepEqual([after.parts[0].name, after.parts[0].url], ['Bài một', '/a/b/']);
  const [english] = await tab.progress.myCourses('en');
  assert.deepEqual([english.name, english.url], ['Safety', '/en/a/']);
});

test('a course published nowhere any more has a title and no address, and what she did in it stays', async () => {
  const { server, tab } = await signedIn();
  server.courses = [course({ path: {}, steps: [{ ...course().steps[0], path: {} }] })];
  await tab.identity.refresh();
  await finish(tab);
  const [line] = await (await openTab()).progress.myCourses('vi');
  assert.deepEqual([line.name, line.url, line.done], ['An toàn', '', 1]);
});

test('an attempt that does not count is never the best, and a quiz that has left the course is a result only', async () => {
  const { server, tab } = await signedIn();
  /** @param {number} score @param {boolean} counted @returns {Attempt} */
  const attempt = (score, counted) => ({ attempt: `${score}`, submitted_at: at(NOON), score, passed: score > 8000, counted, explanations: true });
  /** @type {Step} */
  const quiz = { activity: 'q', kind: 'quiz', title: { vi: 'Kiểm tra' }, path: {}, minutes: 0, required: true, done: false };
  server.courses = [course({
    steps: [...course().steps, { ...quiz, attempts: [attempt(5000, true), attempt(10000, false)] }],
    past: [{ ...quiz, activity: 'old', title: { vi: 'Bài cũ' }, required: false, attempts: [attempt(9000, true)] }],
  })];
  await tab.identity.refresh();
  const [line] = await tab.progress.myCourses('vi');
  assert.deepEqual([line.best?.score, line.total, line.parts.length], [5000, 2, 2]);
  assert.deepEqual(line.past.map((/** @type {Step & {name: string}} */ { name, attempts }) => [name, attempts?.length]), [['Bài cũ', 1]]);
});

test('who has done all that is left of a course is told what completes it, unless this phone holds the course as it was', async () => {
  const { server, tab } = await signedIn();
  const lesson = { ...course().steps[0], done: true };
  const quiz = { ...lesson, activity: 'q', kind: /** @type {const} */ ('quiz'), attempts: [] };
  server.courses = [course({ started: true, steps: [{ ...lesson, activity: 'first' }, lesson, quiz] })];
  await tab.identity.refresh();
  const line = async () => (await tab.progress.myCourses('vi'))[0];
  assert.deepEqual([(await line()).next?.activity, (await line()).done, (await line()).at], [LESSON, 3, 1]);
  await tab.store.putPack({ id: `${COURSE} vi`, course: COURSE, lang: 'vi', cache: 'course', edition: 'another', items: {} });
  assert.equal((await line()).next, undefined);
  await tab.store.putPack({ id: `${COURSE} vi`, course: COURSE, lang: 'vi', cache: 'course', edition: EDITION, items: {} });
  assert.equal((await line()).next?.activity, LESSON);
  const [there] = server.courses;
  server.courses = [course({ ...there, path: {} })];
  await tab.identity.refresh();
  assert.equal((await line()).next, undefined);
  server.courses = [course({ ...there, completed_on: '2026-11-20' })];
  await tab.identity.refresh();
  assert.equal((await line()).next, undefined);
});

test('points are rounded down: 7,99 is not yet the 8,0 that passes', async () => {
  const { ten } = await import('../../static/js/pages/lines.js');
  const shown = [10_000, 8000, 7999, 1875, 0].map((score) => ten(score, 'en'));
  assert.deepEqual(shown, ['10.0', '8.0', '7.9', '1.8', '0.0']);
});
