/**
 * The phone's marking, held to tests/contract/marking.json like quizzes/marking.py. Run by `node --test`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { PARTS_PER_POINT, grade, markAttempt } from '../../static/js/marking.js';

const cases = JSON.parse(readFileSync(new URL('../contract/marking.json', import.meta.url), 'utf8'));

for (const { shows, question, answer, expect } of cases.grade) {
  test(shows, () => {
    if (expect.error) {
      assert.throws(() => grade(question, answer), /unknown/);
    } else {
      assert.deepEqual(grade(question, answer), expect);
    }
  });
}

for (const { shows, questions, answers, pass_mark_percent: passMark, expect } of cases.attempts) {
  test(shows, () => {
    const { marks, ...attempt } = markAttempt(questions, answers, passMark);
    assert.deepEqual({ ...attempt, earned_each: marks.map((mark) => mark.earned) }, expect);
  });
}

test('the contract is large', () => {
  assert.ok(cases.grade.length + cases.attempts.length >= 120);
});

test('what JSON cannot carry but a page can: undefined is silence, NaN and Infinity are no index', () => {
  const question = cases.grade[0].question;
  assert.equal(grade(question, undefined).answered, false);
  assert.equal(grade(question, [NaN]).valid, false);
  assert.equal(grade(question, [Infinity]).valid, false);
  assert.equal(markAttempt([question], undefined, 80).valid, true);
});

test('earned is always a whole number between nothing and what was possible', () => {
  for (let rightOnes = 1; rightOnes <= 20; rightOnes += 1) {
    const key = Array.from({ length: rightOnes }, (_, n) => n);
    const options = Array.from({ length: rightOnes + 3 }, (_, n) => String(n));
    for (let chosen = 1; chosen <= options.length; chosen += 1) {
      /** @type {import('../../static/js/marking.js').Question} */
      const question = { type: 'multiple', points: 7, rule: { name: 'partial' }, options, key };
      const { earned } = grade(question, Array.from({ length: chosen }, (_, n) => n));
      assert.ok(Number.isInteger(earned) && earned >= 0 && earned <= 7 * PARTS_PER_POINT);
    }
  }
});
