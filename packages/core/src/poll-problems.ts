/** What is wrong with the base paths of the models, as of the last look at each. */
import type { ServingError } from './serving-error.js';

/** A problem is told when it appears, not at each poll. */
export class PollProblems {
  readonly #problems = new Map<string, readonly ServingError[]>();

  /** Replaces what was known of a model. Returns what is new. */
  update(model: string, problems: readonly ServingError[]): ServingError[] {
    const known = new Set(this.of(model));
    this.#problems.set(model, problems);
    return problems.filter(({ message }) => !known.has(message));
  }

  /** The texts, the main reason first; none for a model in order, or never looked at. */
  of(model: string): string[] {
    return (this.#problems.get(model) ?? []).map(({ message }) => message);
  }
}
