/** An attempt at a quiz on the phone: begun once, kept answer by answer, submitted once; and what its result says. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { COURSE, EDITION, HUONG, LESSON, QUIZ, openTab, signedIn } from './phone.js';

const PAPER = 'f'.repeat(64);
/** @returns {Omit<Draft, 'attempt' | 'number'>} */
const fresh = () => ({ edition: EDITION, paper: PAPER, language: 'vi', at: 0, answers: [[], [], []], flags: [false, false, false] });
/** @param {string} name */
const question = (name) => ({
  name, type: 'single', text: name, options: ['a', 'b'], points: 1, rule: { name: 'exact' }, key: [0], explanation: '',
});
/** @type {QuizData} */
const PRACTICE = { mode: 'practice', pass_mark: 60, allowed: 3, paper: PAPER, questions: ['x', 'y', 'z'].map(question) };
const app = /** @type {any} */ ({ t: (/** @type {string} */ key) => key, language: 'vi', time: () => '10:00' });

/** While `work` runs, nothing is written under keys that begin so. @param {string} start @param {() => Promise<any>} work */
async function refusing(start, work) {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function refused(/** @type {any} */ value, /** @type {any} */ key) {
    if (String(key).startsWith(start)) throw new DOMException('no room', 'QuotaExceededError');
    return put.call(this, value, key);
  };
  try {
    await work();
  } finally {
    IDBObjectStore.prototype.put = put;
  }
}

/** @param {any} tab @param {string} kind */
const recorded = async (tab, kind) => (await tab.store.events(HUONG)).filter((/** @type {StoredEvent} */ event) => event.kind === kind);

test('an attempt and its draft are on the disk together or not at all', async () => {
  const { tab } = await signedIn();
  await refusing('draft', () => assert.rejects(tab.quiz.beginAttempt(QUIZ, 1, fresh())));
  assert.equal((await recorded(tab, 'quiz_started')).length, 0);
  const draft = await tab.quiz.beginAttempt(QUIZ, 1, fresh());
  const after = await openTab();
  assert.deepEqual(await after.outbox.readDraft(QUIZ), draft);
  assert.equal((await after.quiz.beginAttempt(QUIZ, 1, fresh())).attempt, draft.attempt);
  assert.deepEqual((await recorded(after, 'quiz_started')).map((/** @type {StoredEvent} */ event) => event.id), [draft.attempt]);
});

for (const locks of [true, false]) {
  test(`two tabs that begin at once are at one attempt ${locks ? 'with' : 'without'} Web Locks`, async () => {
    const { tab } = await signedIn({ locks });
    const other = locks ? await openTab() : tab;
    const [one, two] = await Promise.all([tab, other].map(({ quiz }) => quiz.beginAttempt(QUIZ, 2, fresh())));
    assert.equal(one.attempt, two.attempt);
    assert.equal((await recorded(tab, 'quiz_started')).length, 1);
  });
}

test('questions that changed meanwhile begin the same attempt anew, and no attempt is begun beyond those allowed', async () => {
  const { tab } = await signedIn();
  const before = await tab.quiz.beginAttempt(QUIZ, 1, fresh());
  await tab.quiz.keepChanges(QUIZ, before, [(/** @type {Draft} */ draft) => (draft.answers[0] = [1])]);
  const now = await tab.quiz.beginAttempt(QUIZ, 1, { ...fresh(), paper: 'a'.repeat(64) });
  assert.deepEqual([now.attempt, now.answers, now.number], [before.attempt, [[], [], []], 1]);
  await tab.quiz.submitAttempt(QUIZ, now);
  assert.equal(await tab.quiz.beginAttempt(QUIZ, 1, fresh()), null);
});

test('answers given in two tabs are kept side by side', async () => {
  const { tab } = await signedIn();
  const draft = await tab.quiz.beginAttempt(QUIZ, 1, fresh());
  const other = await openTab();
  const [mine, hers] = [structuredClone(draft), structuredClone(draft)];
  await tab.quiz.keepChanges(QUIZ, mine, [(/** @type {Draft} */ kept) => (kept.answers[0] = [1])]);
  const kept = await other.quiz.keepChanges(QUIZ, hers, [(/** @type {Draft} */ kept) => (kept.answers[2] = [0])]);
  assert.deepEqual(kept.answers, [[1], [], [0]]);
  assert.deepEqual((await tab.outbox.readDraft(QUIZ)).answers, [[1], [], [0]]);
});

test('an answer that could not be written is refused aloud, and says no time', async () => {
  const { tab } = await signedIn();
  const draft = await tab.quiz.beginAttempt(QUIZ, 1, fresh());
  const change = (/** @type {Draft} */ kept) => (kept.answers[0] = [1]);
  await refusing('draft', () => assert.rejects(tab.quiz.keepChanges(QUIZ, draft, [change])));
  assert.deepEqual(await tab.outbox.readDraft(QUIZ), draft);
});

test('a tab left behind changes neither what was submitted nor the next attempt', async () => {
  const { tab } = await signedIn();
  const old = await tab.quiz.beginAttempt(QUIZ, 2, fresh());
  const other = await openTab();
  await other.quiz.submitAttempt(QUIZ, old);
  const change = (/** @type {Draft} */ kept) => (kept.answers[0] = [1]);
  const { submitted, answers } = await tab.quiz.keepChanges(QUIZ, old, [change]);
  assert.equal(submitted, (await other.outbox.results())[0].id);
  assert.deepEqual(answers, [[], [], []]);
  const next = await other.quiz.beginAttempt(QUIZ, 2, fresh());
  await tab.quiz.keepChanges(QUIZ, old, [change]);
  assert.deepEqual(await tab.outbox.readDraft(QUIZ), next);
  assert.equal((await tab.quiz.submitAttempt(QUIZ, { ...old, answers: [[1], [], []] })).submitted, submitted);
  assert.equal((await tab.outbox.results()).length, 1);
});

test('a submission is the end of its draft in one write, and counts although it cannot be marked here', async () => {
  const { tab } = await signedIn();
  const draft = { ...(await tab.quiz.beginAttempt(QUIZ, 3, fresh())), answers: [[0], [0], [1]] };
  const submitted = await tab.quiz.submitAttempt(QUIZ, draft);
  assert.deepEqual(await (await openTab()).outbox.readDraft(QUIZ), submitted);
  const unknown = { ...PRACTICE, questions: [{ ...question('x'), type: 'essay' }] };
  assert.deepEqual(await tab.quiz.markHere(QUIZ, unknown, submitted), submitted);
  await refusing('draft', async () => {
    assert.deepEqual((await tab.quiz.markHere(QUIZ, PRACTICE, submitted)).mark, { score: 6666, passed: true });
  });
  await tab.quiz.markHere(QUIZ, PRACTICE, submitted);
  assert.deepEqual((await tab.outbox.readDraft(QUIZ)).mark, { score: 6666, passed: true });
  assert.equal((await tab.outbox.readDraft(`mark ${draft.attempt}`)).score, 6666);
});

/** What the screen after a submission says. @param {any} tab @param {Partial<StoredEvent>} event @param {Partial<Draft>} [draft] @param {QuizData} [data] */
function screen(tab, event, draft = {}, data = { ...PRACTICE, mode: 'assessed' }) {
  const what = { event: { kind: 'quiz_submitted', code: '', ...event }, draft: { ...fresh(), attempt: 'a', number: 1, submitted: 'e', ...draft } };
  const { text } = tab.result.resultScreen({ ...what, data, title: 'Quiz', app });
  const heading = (/<h1[^>]*>.*?<span>(.*?)<\/span>/s.exec(text) || [])[1];
  return { text, heading, again: text.includes('data-action="start-quiz"') };
}

test('what the server refused is not said to have arrived, and can be taken again while attempts are left', async () => {
  const { tab } = await signedIn();
  const refused = /** @type {const} */ ({ state: 'attention', code: 'answers_mismatch' });
  const { heading, again, text } = screen(tab, refused);
  assert.deepEqual([heading, again], ['attention', true]);
  assert.match(text, /<p>submittedAt why_attention</);
  assert.equal(screen(tab, refused, { number: 3 }).again, false);
  // A person decides about it.
  assert.equal(screen(tab, { state: 'attention', code: 'device_revoked', open: 1 }).again, false);
  assert.equal(screen(tab, { state: 'counted' }).heading, 'quizArrived');
  // Marked here and refused there: no mark.
  assert.equal(screen(tab, refused, { mark: { score: 10_000, passed: true } }, PRACTICE).heading, 'attention');
});

test('an attempt beyond those allowed has a mark, says that it does not count, and is shown as no pass', async () => {
  const { tab } = await signedIn();
  const mark = { score: 10_000, passed: true };
  const counted = screen(tab, { state: 'counted', code: 'counted' }, { mark }, PRACTICE).text;
  const beyond = screen(tab, { state: 'counted', code: 'over_limit' }, { mark }, PRACTICE).text;
  assert.match(counted, /class="verdict ok"/);
  assert.doesNotMatch(counted, /over_limit/);
  assert.match(beyond, /class="verdict warn".*why_over_limit/s);
  const earlier = { attempt: 'a', submitted_at: '2026-11-20T07:00:00.000Z', score: 10_000, passed: true, explanations: false };
  const line = (/** @type {boolean} */ counts) => tab.result.attemptLine({ ...earlier, counted: counts }, 'attempt 4', app).text;
  assert.match(line(true), /class="st ok"/);
  assert.match(line(false), /class="st warn".*why_over_limit/s);
});

test('old answers to a practice quiz are not compared with questions that changed since', async () => {
  const { tab } = await signedIn();
  /** @type {any} */
  const place = {};
  const result = { querySelector: () => place };
  const draft = { ...fresh(), attempt: 'a', number: 1, submitted: 'e', mark: { score: 0, passed: false }, answers: [[1], [1]], paper: 'a'.repeat(64) };
  await tab.result.explain(result, { draft, data: PRACTICE, app });
  assert.equal(place.innerHTML, undefined);
  assert.equal(screen(tab, { state: 'counted' }, draft, PRACTICE).again, true);
  await tab.result.explain(result, { draft: { ...draft, answers: [[1], [1], [0]], paper: PAPER }, data: PRACTICE, app });
  assert.match(place.innerHTML, /data-review="wrong"/);
});

test('the time in view is counted by a clock that nobody sets, and not while the page is hidden', async (t) => {
  const { tab } = await signedIn();
  let now = 5_000;
  /** @type {() => void} */
  let turned = () => {};
  t.mock.method(performance, 'now', () => now);
  t.mock.method(Date, 'now', () => 1_000_000 - now);
  t.mock.method(document, 'addEventListener', (/** @type {string} */ name, /** @type {() => void} */ listener) => (turned = listener));
  const seconds = tab.lesson.secondsInView();
  const turn = (/** @type {string} */ to) => {
    Object.assign(document, { visibilityState: to });
    turned();
  };
  now += 60_000;
  assert.equal(seconds(), 60);
  turn('hidden');
  now += 3_600_000;
  turn('visible');
  now += 30_000;
  assert.equal(seconds(), 90);
  now += 1e9;
  assert.equal(seconds(), 86_400);
});

test('a page names the edition it showed when it opened, and asks the server for one that it has not heard of', async () => {
  const { server, tab } = await signedIn();
  const edition = () => tab.identity.editionShown(COURSE, LESSON, 'vi', Promise.resolve('same'));
  assert.equal(await edition(), '');
  server.courses = [{ course: COURSE, edition: EDITION, packs: {}, steps: [{ activity: LESSON }] }];
  assert.equal(await edition(), EDITION);
  const held = { id: `${COURSE} vi`, course: COURSE, lang: 'vi', cache: 'course', edition: 'd'.repeat(64), items: { [LESSON]: {} } };
  await tab.store.putPack(held);
  const shown = edition();
  await shown;
  await tab.store.putPack({ ...held, edition: 'c'.repeat(64) });
  assert.equal(await shown, 'd'.repeat(64));
  // A lesson that came after the download is not of the downloaded edition.
  await tab.store.putPack({ ...held, items: {} });
  assert.equal(await edition(), EDITION);
});

test('a page that came from the server names the edition of today, not the one heard of long ago', async () => {
  const { server, tab } = await signedIn();
  const course = { course: COURSE, packs: {}, steps: [{ activity: LESSON }] };
  server.courses = [{ ...course, edition: EDITION }];
  await tab.identity.refresh();
  server.courses = [{ ...course, edition: 'd'.repeat(64) }];
  assert.equal(await tab.identity.editionShown(COURSE, LESSON, 'vi', tab.identity.refresh()), 'd'.repeat(64));
  // Without an answer it is the one heard of last.
  const failed = Promise.reject(new Error('no'));
  failed.catch(() => {});
  assert.equal(await tab.identity.editionShown(COURSE, LESSON, 'vi', failed), 'd'.repeat(64));
});
