/**
 * How an answer becomes points, on the phone: the rules of quizzes/marking.py, word for word.
 *
 * Called by the quiz page to mark a practice quiz without a network. tests/contract/marking.json holds both
 * to the same results; a rule changes in both or in neither. The Python module says what the numbers mean.
 *
 * @typedef {{type: 'single'|'multiple'|'true_false', points: number,
 *   rule: {name: 'exact'|'partial'}, options: string[], key: number[]}} Question
 * @typedef {{earned: number, possible: number, answered: boolean, valid: boolean, correct: boolean}} Mark
 * @typedef {{earned: number, possible: number, percent_hundredths: number, passed: boolean, valid: boolean,
 *   marks: Mark[]}} AttemptMark
 */

/** Points are counted in whole parts of this size: exact for halves, thirds … tenths. */
export const PARTS_PER_POINT = 2520;

/**
 * Mark one answer. No answer, however malformed, throws; a question of an unknown type or rule does
 * (RangeError), so that a page older than the question leaves the marking to the server instead of guessing.
 * @param {Question} question
 * @param {unknown} answer option indexes, or nothing
 * @returns {Mark}
 */
export function grade(question, answer) {
  if (!['single', 'multiple', 'true_false'].includes(question.type)) {
    throw new RangeError(`unknown question type: ${question.type}`);
  }
  if (!['exact', 'partial'].includes(question.rule.name)) {
    throw new RangeError(`unknown marking rule: ${question.rule.name}`);
  }
  const possible = question.points * PARTS_PER_POINT;
  if (answer === null || answer === undefined || (Array.isArray(answer) && answer.length === 0)) {
    return { earned: 0, possible, answered: false, valid: true, correct: false };
  }
  const chosen = chosenOptions(question, answer);
  if (chosen === null) {
    return { earned: 0, possible, answered: true, valid: false, correct: false };
  }
  const key = new Set(question.key);
  const right = [...chosen].filter((index) => key.has(index)).length;
  const wrong = chosen.size - right;
  const correct = wrong === 0 && right === key.size;
  let earned = 0;
  if (question.rule.name === 'exact') {
    earned = correct ? possible : 0;
  } else if (right > wrong) {
    earned = wholeQuotient(2 * possible * (right - wrong) + key.size, 2 * key.size);
  }
  return { earned, possible, answered: true, valid: true, correct };
}

/**
 * Mark a paper whose answers stand in the order of its questions; missing ones at the end are unanswered.
 * @param {Question[]} questions
 * @param {unknown} answers
 * @param {number} passMarkPercent
 * @returns {AttemptMark}
 */
export function markAttempt(questions, answers, passMarkPercent) {
  const given = Array.isArray(answers) ? answers : [];
  const unreadable = answers !== null && answers !== undefined && !Array.isArray(answers);
  const marks = questions.map((question, n) => grade(question, unreadable ? answers : given[n]));
  const earned = marks.reduce((sum, mark) => sum + mark.earned, 0);
  const possible = marks.reduce((sum, mark) => sum + mark.possible, 0);
  return {
    earned,
    possible,
    percent_hundredths: possible > 0 ? wholeQuotient(earned * 10000, possible) : 0,
    passed: possible > 0 && earned * 100 >= passMarkPercent * possible,
    valid: !unreadable && given.length <= marks.length && marks.every((mark) => mark.valid),
    marks,
  };
}

/**
 * @param {Question} question
 * @param {unknown} answer
 * @returns {Set<number> | null} null when it is no choice among the options
 */
function chosenOptions(question, answer) {
  if (!Array.isArray(answer) || (question.type !== 'multiple' && answer.length > 1)) return null;
  const chosen = new Set();
  for (const index of answer) {
    const inRange = Number.isInteger(index) && index >= 0 && index < question.options.length;
    if (!inRange || chosen.has(index)) return null;
    chosen.add(index);
  }
  return chosen;
}

/**
 * Exact, where dividing first and rounding down after could meet a quotient already rounded up.
 * @param {number} over
 * @param {number} under
 */
function wholeQuotient(over, under) {
  return (over - (over % under)) / under;
}
