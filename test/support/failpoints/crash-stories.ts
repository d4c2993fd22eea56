import type { AtPoint } from './hooked-program.js';

/** Servers under way at once: half of a run is waiting. */
const LANES = 3;

/** What a server was and became: faults are sentences, none when all is well. */
export interface CrashStory {
  readonly point: string;
  /** How the troubled run ended; null = killed. */
  readonly exitCode: number | null;
  readonly faults: readonly string[];
  /** newOrders for which no certificate was issued. */
  readonly wasted: number;
}

/** A program at work on a server, made anew for each story. */
export interface CrashSubject {
  /** Short, and of this subject alone: labels begin with it. */
  readonly mark: string;
  /** All points of an undisturbed run, in order. @throws Error when that run was not good */
  points(): Promise<readonly string[]>;
  /** What becomes of a server whose run meets something there, of names that end in `.LABEL.test`. */
  story(label: string, point: string, at: AtPoint): Promise<CrashStory>;
}

/** The stories of all these points, so many servers at once; `at`: what happens at the point. */
export async function crashStories(
  subject: CrashSubject,
  points: readonly string[],
  at: (point: string, number: number) => AtPoint,
  prefix: string,
): Promise<readonly CrashStory[]> {
  const stories: CrashStory[] = [];
  const entries = points.entries();
  const lane = async (): Promise<void> => {
    for (const [number, point] of entries) {
      const label = `${prefix}${subject.mark}${number}`;
      const story = await subject.story(label, point, at(point, number));
      // Of hundreds, the first fault is worth knowing before the last story is told.
      for (const fault of story.faults) process.stderr.write(`${subject.mark}, ${point}: ${fault}\n`);
      stories.push(story);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return stories;
}

/** One of each of so many equal parts of the way, so that no part is missed; all where there are no more. */
export function sampleOf(points: readonly string[], size: number, chance: () => number): readonly string[] {
  if (points.length <= size) return points;
  const part = points.length / size;
  return Array.from({ length: size }, (_, index) => points[Math.floor((index + chance()) * part)] ?? '');
}
