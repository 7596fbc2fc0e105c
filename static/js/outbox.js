/**
 * What happened, signed as it happens and on the disk before the page says "saved on this phone". Called by the page
 * modules; deliver.js sends what is here. Nothing leaves the outbox before the server's signed word (deliver.js).
 */
import { DEVICE, StoreError, addEvent, alone, emit, events, get, nextSeq, openEvents, put } from './store.js';
import { certain, current, deviceOf, sha256, sign, state, uuid } from './identity.js';

/** What a person counts as a result. @param {{kind: string}} event */
export const isResult = ({ kind }) => kind === 'lesson_finished' || kind === 'quiz_submitted';

/** The server does not hold it yet, as far as we have its word. @param {StoredEvent} event */
export const isPending = ({ state: reached }) => reached === 'saved' || reached === 'sent';

/**
 * Sign an event and commit it. Resolves when it is on the disk; rejects with a StoreError and nothing written.
 * @template {Kind} K
 * @param {K} kind @param {string} activity @param {string} edition @param {Recorded[K]} data
 * @param {(event: StoredEvent) => Draft} [draft] of its quiz, committed with it: neither is ever there alone
 * @returns {Promise<StoredEvent>}
 */
export async function record(kind, activity, edition, data, draft) {
  const sure = await certain();
  const who = await current();
  const device = who && (await deviceOf(who.official));
  if (!who || !device) throw new StoreError('nobody');
  if (!sure) throw new StoreError('uncertain');
  if (!edition) throw new StoreError('no_edition');
  const { official } = who;
  const write = async () => {
    const id = uuid();
    const occurredAt = new Date().toISOString();
    const clock = (await get(DEVICE, 'clock')) || null;
    // Signing ends an IndexedDB transaction, so the seq is read before and must still be free after.
    for (;;) {
      const seq = await nextSeq(official);
      const jws = await sign(device, { id, official, seq, kind, activity, edition, occurred_at: occurredAt, clock, data });
      /** @type {StoredEvent} */
      const event = {
        seq, id, kind, activity, edition, occurredAt, data, jws,
        digest: await sha256(jws), state: 'saved', code: '', open: 1, savedAt: Date.now(),
      };
      if (await addEvent(official, event, draft && [draftKey(activity), draft(event)])) return event;
    }
  };
  const event = /** @type {StoredEvent} */ (await alone(`outbox-${official}`, write));
  // To be kept when room gets scarce. Asked once, as some browsers ask her in turn: now, if not with a download.
  if (event.seq === 1 && kind !== 'course_downloaded') navigator.storage?.persist?.().catch(() => {});
  emit('results');
  emit('recorded');
  return event;
}

/** Her results on this phone, newest first, with their states. */
export async function results() {
  const who = await current();
  return who ? (await events(who.official)).filter(isResult).reverse() : [];
}

/** Results the server has not acknowledged: hers, or everybody's on this phone when nobody is signed in. */
export async function pendingCount() {
  const who = await current();
  let count = 0;
  for (const official of who ? [who.official] : (await get(DEVICE, 'officials')) || []) {
    count += (await openEvents(official)).filter((event) => isResult(event) && isPending(event)).length;
  }
  return count;
}

/** How many attempts at a quiz this phone knows of: its own and those the server told of. @param {string} quiz */
export async function attemptsKnown(quiz) {
  const who = await current();
  const own = who ? await events(who.official) : [];
  const known = new Set(own.filter(({ kind, activity }) => kind === 'quiz_started' && activity === quiz).map(({ id }) => id));
  const heard = await state();
  for (const course of heard ? heard.courses : []) {
    for (const step of course.steps) {
      if (step.activity === quiz) (step.attempts || []).forEach(({ attempt }) => known.add(attempt));
    }
  }
  return known.size;
}

// --- a quiz in progress, so that a restart loses no answer -----------------------------------------------------

/** @param {string} quiz */
export const draftKey = (quiz) => `draft ${quiz}`;

/** @param {string} quiz @returns {Promise<any>} a Draft; under "mark …" and "review …" what belongs to an attempt */
export async function readDraft(quiz) {
  const who = await current();
  return who ? get(who.official, draftKey(quiz)) : undefined;
}

/** @param {string} quiz @param {any} draft undefined drops it */
export async function saveDraft(quiz, draft) {
  const who = await current();
  if (who) await put(who.official, draftKey(quiz), draft);
}
