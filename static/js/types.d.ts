/** Shapes the phone's modules share; docs/sync-protocol.md and docs/course-packs.md say what the fields mean. */

/** What each kind of event says (docs/sync-protocol.md, section 2). */
interface Recorded {
  course_downloaded: { pack: string };
  lesson_finished: { seconds: number };
  quiz_started: { earlier: number };
  quiz_submitted: { attempt: string; paper: string; answers: number[][] };
}
type Kind = keyof Recorded;
type EventData = Partial<Recorded['course_downloaded'] & Recorded['lesson_finished'] & Recorded['quiz_started'] & Recorded['quiz_submitted']>;
type ResultState = 'saved' | 'sent' | 'received' | 'counted' | 'attention';

/** Who the phone works for. */
interface Who { official: string; name: string; kid: string; language: string }

/** A row of an official's `events`. `open` is 1 until the verdict is final, then absent (a sparse index). */
interface StoredEvent {
  seq: number; id: string; kind: Kind; activity: string; edition: string; occurredAt: string; data: EventData;
  jws: string; digest: string; state: ResultState; code: string; open?: 1;
  savedAt: number; sentAt?: number; receivedAt?: number; countedAt?: number; askAt?: number; asked?: number;
}

/** A question as the quiz page brings it; of a practice quiz with what marks it. */
interface ShownQuestion {
  name: string; type: string; text: string; options: string[]; points?: number; rule?: { name: string }; key?: number[]; explanation?: string;
}
/** #quiz-data of a quiz page (quizzes/freezing.py). `allowed` 0: as many attempts as she likes. */
interface QuizData { mode: 'practice' | 'assessed'; pass_mark: number; allowed: number; paper: string; questions: ShownQuestion[] }
/**
 * An attempt at a quiz, kept under the quiz's key: for each question of `paper` what she chose and whether she marked it
 * to look at again; `at` is the question she is at. With `submitted`, the id of the event, it is over.
 */
interface Draft {
  attempt: string; edition: string; paper: string; language: string; number: number; at: number; answers: number[][]; flags: boolean[];
  keptAt?: number; submitted?: string; submittedAt?: number; mark?: { score: number; passed: boolean };
}
/** Safe to repeat. */
type DraftChange = (draft: Draft) => void;

interface Device { kid: string; key: CryptoKey; jwk: PublicJwk; registered: boolean; through: number }
interface PublicJwk { kty: string; crv: string; x: string; y: string; kid?: string }

interface Attempt { attempt: string; submitted_at: string; score: number; passed: boolean; counted: boolean; explanations: boolean }
interface Step {
  activity: string; kind: 'lesson' | 'quiz'; title: Record<string, string>; path: Record<string, string>;
  minutes: number; required: boolean; done: boolean; mode?: string; pass_mark?: number; allowed?: number; attempts?: Attempt[];
}
interface PackSize { hash: string; bytes: number; media_bytes: number }
interface CourseState {
  course: string; title: Record<string, string>; path: Record<string, string>; assigned: boolean; due_on: string | null;
  started: boolean; completed_on: string | null; edition: string; packs: Record<string, PackSize>; steps: Step[]; past?: Step[];
}
interface PersonalState {
  official: string; name: string; unit: string; language: string; server_time: string; csrf: string;
  device: Record<string, { received_through: number; revoked: boolean }>; courses: CourseState[];
}

interface PackItem {
  key: string; kind: string; path: string; title: string; lang: string; minutes: number; hash: string; html: string;
  data: any; description?: string;
}
interface PackMedia { url: string; sha256: string; bytes: number; raw_bytes: number; type: string; role: string; pieces: string[] }
interface Pack {
  format: number; course: string; lang: string; edition: string; pack: string; from?: string; order: string[];
  items: PackItem[]; removed: string[]; media: PackMedia[];
}
/** The pointer: which whole edition of a course this phone holds; `next` while another is about to take its place. */
interface HeldPack {
  next?: HeldPack;
  id: string; course: string; lang: string; pack: string; edition: string; cache: string; bytes: number; at: string;
  order: string[]; items: Record<string, { path: string; hash: string; title: string }>; media: PackMedia[];
}

interface App {
  t(key: string, values?: Record<string, string | number>): string;
  number(value: number): string; bytes(value: number): string; time(when: string | number): string;
  language: string; canKeep: boolean; icon(svg: Element | null, name: string): void; notice(text: string, label?: string, act?: () => void): void; busy(on: boolean): void;
  refreshed: Promise<string>;
}
