/**
 * An attempt at a quiz as this phone keeps it, without a screen: begun once, changed answer by answer, submitted once,
 * whatever other tabs do. quiz.js draws it.
 *
 * The draft of an attempt that was submitted is what the result screen is drawn from until the next one begins.
 */
import { StoreError, alone, change } from '../store.js';
import { current } from '../identity.js';
import { attemptsKnown, draftKey, readDraft, record, results, saveDraft } from '../outbox.js';

/**
 * The attempt she is at, or a new one; null when none is left. Her answers to questions that have changed since, or
 * that are in the other language, mean nothing here: then the attempt stays the same and its answers begin anew.
 * @param {string} quiz @param {number} allowed 0: any number @param {Omit<Draft, 'attempt' | 'number'>} fresh
 * @returns {Promise<Draft | null>}
 */
export async function beginAttempt(quiz, allowed, fresh) {
  const begin = async () => {
    /** @type {Draft | undefined} */
    const kept = await readDraft(quiz);
    if (kept && !kept.submitted) {
      if (kept.paper === fresh.paper) return kept;
      const anew = { ...fresh, attempt: kept.attempt, number: kept.number };
      await saveDraft(quiz, anew);
      return anew;
    }
    const earlier = await attemptsKnown(quiz);
    if (allowed && earlier >= allowed) return null;
    const draft = { ...fresh, attempt: '', number: earlier + 1, keptAt: Date.now() };
    const { id } = await record('quiz_started', quiz, fresh.edition, { earlier }, (event) => ({ ...draft, attempt: event.id }));
    return { ...draft, attempt: id };
  };
  // A second tab goes on with what the first began.
  return /** @type {Promise<Draft | null>} */ (alone(`begin-${quiz}`, begin));
}

/**
 * Bring changes to the disk, each onto what another tab kept of the attempt meanwhile. Rejects with a StoreError, and
 * then nothing is written.
 * @param {string} quiz @param {Draft} draft @param {DraftChange[]} changes
 * @returns {Promise<Draft>} what is kept now: another attempt, or a submitted one, where another tab is further on
 */
export function keepChanges(quiz, draft, changes) {
  return changeKept(quiz, draft, (now) => {
    if (now.submitted) return;
    changes.forEach((how) => how(now));
    now.keptAt = Date.now();
  });
}

/** @param {string} quiz @param {Draft} draft @param {DraftChange} how not done to another attempt @returns {Promise<Draft>} */
async function changeKept(quiz, draft, how) {
  const who = await current();
  if (!who) throw new StoreError('nobody');
  return change(who.official, draftKey(quiz), (/** @type {Draft | undefined} */ kept) => {
    const now = kept || { ...draft, answers: draft.answers.slice(), flags: draft.flags.slice() };
    if (now.attempt === draft.attempt) how(now);
    return now;
  });
}

/**
 * What another tab submitted of this attempt stands: nobody answers again knowing the mark.
 * @param {string} quiz @param {Draft} draft @returns {Promise<Draft>} as it was submitted
 */
export async function submitAttempt(quiz, draft) {
  const { attempt, edition, paper, answers } = draft;
  const submitted = (/** @type {StoredEvent} */ event) =>
    ({ ...draft, answers: event.data.answers || [], submitted: event.id, submittedAt: event.savedAt });
  const write = async () =>
    (await results()).find((one) => one.data.attempt === attempt) ||
    record('quiz_submitted', quiz, edition, { attempt, paper, answers }, submitted);
  return submitted(/** @type {StoredEvent} */ (await alone(`attempt-${attempt}`, write)));
}

/**
 * The mark of a practice quiz. Her answers are submitted whatever happens here: what this phone can't mark, the server
 * marks.
 * @param {string} quiz @param {QuizData} data @param {Draft} draft @returns {Promise<Draft>} with its mark
 */
export async function markHere(quiz, data, draft) {
  try {
    const { markAttempt } = await import('../marking.js');
    const { percent_hundredths: score, passed } = markAttempt(/** @type {any} */ (data.questions), draft.answers, data.pass_mark);
    const mark = { score, passed };
    const kept = [
      saveDraft(`mark ${draft.attempt}`, { ...mark, counted: true, explanations: true }),
      changeKept(quiz, draft, (now) => (now.mark = mark)),
    ];
    await Promise.all(kept).catch(() => {});
    return { ...draft, mark };
  } catch (error) {
    return draft;
  }
}
