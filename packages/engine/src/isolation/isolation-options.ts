/** The options of models that run in a process of their own. */
import { checkOptions, type OptionRow, type OptionsTable, optionKinds } from '@serving/core/internal';

/** Where models run: in a process of their own (`process`), or in the host's (`none`). */
export type Isolation = 'process' | 'none';

/** Limits of a model's process, and what it is given. */
export interface ModelProcessOptions {
  /**
   * How often the process of a version may end by itself within a minute. One more ends the version, with the reason in its status;
   * `false` for no limit. Default: 5.
   */
  readonly maxDeathsPerMinute?: number | false;
  /**
   * Bytes of memory beyond which the process is ended, on Linux. The system limits them where this process may make control groups: a
   * delegated cgroup v2 that controls memory, with this process in a group below it. Elsewhere the host reads the resident bytes four times
   * a second, libraries and shared tensors included. Default: `false`, no limit.
   */
  readonly memoryLimitBytes?: number | false;
  /**
   * Milliseconds that a run may take, waits for earlier runs in the process included. Beyond them the process is ended. Default: `false`,
   * no limit.
   */
  readonly maxRunMs?: number | false;
  /** The process's niceness, 0 to 19: higher ones leave the processors to others. Default: 0. */
  readonly niceness?: number;
  /** Further variables of the process's environment. It has none of the host's but those that engines read. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
}

const orFalse = (kind: { type: string; expected: string; accepts: (value: unknown) => boolean }): typeof kind => ({
  type: `${kind.type}, \`false\``,
  expected: `${kind.expected}, or false for no limit`,
  accepts: (value) => value === false || kind.accepts(value),
});

/** The options by name. */
export const modelProcessOptions: OptionsTable<ModelProcessOptions> = {
  maxDeathsPerMinute: {
    ...orFalse(optionKinds.integer(0)),
    default: 5,
    meaning: 'ends of the process within a minute after which one more ends the version',
  },
  memoryLimitBytes: {
    ...orFalse(optionKinds.integer(1)),
    default: false,
    meaning: 'memory beyond which the process is ended',
  },
  maxRunMs: {
    ...optionKinds.positiveOrFalse,
    default: false,
    meaning: 'how long a run may take before its process is ended',
  },
  niceness: {
    type: 'integer, 0–19',
    expected: 'an integer between 0 and 19',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 19,
    default: 0,
    meaning: 'niceness of the process: higher leaves the processors to others',
  },
  env: {
    type: 'object of strings',
    expected: 'an object of strings',
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((text) => typeof text === 'string'),
    default: 'none',
    meaning: "variables of its environment beside the host's that engines read",
  },
};

/** `isolation` among the options of a platform and its models. */
export const isolationOption: OptionRow = {
  ...optionKinds.oneOf('process', 'none'),
  default: "`'none'`",
  meaning: 'whether each version runs in a [process of its own](../guides/isolation.md)',
};

/** `process` among them. */
export const modelProcessOption: OptionRow = {
  ...optionKinds.object('[`ModelProcessOptions`](#modelprocess)', 'an object'),
  default: '`{}`',
  meaning: "limits of an isolated version's process",
};

/**
 * Checks options that come from outside.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option or a value of another kind.
 */
export function checkModelProcessOptions(options: unknown, what: string): asserts options is ModelProcessOptions {
  checkOptions<ModelProcessOptions>(options, modelProcessOptions, what);
}
