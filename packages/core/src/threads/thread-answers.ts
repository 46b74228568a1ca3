/** Questions that every thread of a model server answers for itself, such as what it has counted. */

/** Which question, and what about. Plain data. */
export interface ThreadQuestion {
  readonly name: string;
  readonly argument: unknown;
}

/** Answers a question in the thread that it was registered in. Takes and returns plain data. */
export type ThreadAnswer = (argument: never) => unknown;

/** One thread's answers, and the way to those of all. */
export class ThreadAnswers {
  readonly #own = new Map<string, ThreadAnswer>();
  readonly #askAll: ((question: ThreadQuestion) => Promise<readonly unknown[]>) | undefined;

  /** @param askAll asks every thread, this one too. Default: there is no other */
  constructor(askAll?: (question: ThreadQuestion) => Promise<readonly unknown[]>) {
    this.#askAll = askAll;
  }

  /** Answers a question here from now on, in the place of an earlier answer of the name. */
  register(name: string, answer: ThreadAnswer): void {
    this.#own.set(name, answer);
  }

  /** This thread's answer; `undefined` where none is registered. */
  answer({ name, argument }: ThreadQuestion): unknown {
    return this.#own.get(name)?.(argument as never);
  }

  /** The answers of all threads, in no order. Threads that have none, fail or end meanwhile are left out. */
  async gather<Answer>(name: string, argument?: unknown): Promise<Answer[]> {
    const answers = await this.#ask({ name, argument });
    return answers.filter((answer) => answer !== undefined) as Answer[];
  }

  async #ask(question: ThreadQuestion): Promise<readonly unknown[]> {
    if (this.#askAll !== undefined) {
      try {
        return await this.#askAll(question);
      } catch {
        // The main thread is ending this one.
      }
    }
    return [this.answer(question)];
  }
}

/** Recognised across two copies of the package. */
const ANSWERS = Symbol.for('@serving/core/thread-answers');

/** Has {@link threadAnswersOf} find the answers of a server. */
export function attachThreadAnswers(server: object, answers: ThreadAnswers): void {
  Object.defineProperty(server, ANSWERS, { value: answers });
}

/** What the threads of a model server answer. A server that is not a `ModelServer` has one thread. */
export function threadAnswersOf(server: object): ThreadAnswers {
  const known = Reflect.get(server, ANSWERS) as ThreadAnswers | undefined;
  if (known !== undefined) return known;
  const answers = new ThreadAnswers();
  attachThreadAnswers(server, answers);
  return answers;
}
