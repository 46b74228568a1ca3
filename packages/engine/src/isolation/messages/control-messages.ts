/**
 * The messages of the host and a model's process over their socket pair. A message is four 32-bit words (its bytes in all, a
 * multiple of 8; its kind; an id; a second number), then its body.
 */
import type { EngineSource, RuntimeDescription, SessionOptions } from '../../runtime/saved-model-runtime.js';

/** Kinds of messages, with what stands in their id, their second number and their body. */
export const MessageKind = {
  /** To the child. Body: a {@link LoadRequest}. */
  load: 1,
  /** To the host. Body: a {@link LoadReply}. */
  loaded: 2,
  /** To the child. Id: of the choice of tensors; body: a {@link PrepareRequest}. */
  prepare: 3,
  /** To the child. Id: of the run; number: see {@link runNumber}; body: its inputs. */
  run: 4,
  /** The same; body: a {@link BlockReference}. */
  runShared: 5,
  /** To the host. Id: of the run; body: its results. */
  result: 6,
  /** The same; body: a {@link BlockReference}. */
  resultShared: 7,
  /** To the host. Id: of the run; body: a {@link FailureReply}. */
  failure: 8,
  /** To the child. Id: of a run that is waited for no longer. */
  cancel: 9,
  /** To the child. Body: a {@link BlockReference} of results that were read. */
  release: 10,
  /** To the child: end. */
  close: 11,
  /** To the child: load the engine, and describe it. Body: an {@link EngineSource}. */
  describe: 12,
  /** To the host. Body: a {@link DescribeReply}. */
  described: 13,
  /** To the child. Id: of a choice of tensors that no run follows with. */
  forget: 14,
} as const;

/** A block in the shared region: four words, offset and bytes, each low and high; then the words of its table. */
export const BLOCK_REFERENCE_WORDS = 5;

/** Choices of tensors have numbers below this. */
export const MAX_CHOICES: number = 2 ** 24;
const MAX_REQUESTS = 127;
/** Of a run whose batch was in flight when a process ended. */
const SUSPECT = 2 ** 31;

/** The number in the message of a run: its choice of tensors, how many requests share it, as far as that is of interest, and whether it is suspect. */
export function runNumber(choice: number, requests: number, isSuspect: boolean): number {
  return choice + Math.min(requests, MAX_REQUESTS) * MAX_CHOICES + (isSuspect ? SUSPECT : 0);
}

/** What {@link runNumber} has put together. */
export function choiceOfRun(number: number): number {
  return number % MAX_CHOICES;
}

/** The second part. */
export function requestsOfRun(number: number): number {
  return Math.floor((number % SUSPECT) / MAX_CHOICES);
}

/** The third part. */
export function isSuspectRun(number: number): boolean {
  return number >= SUSPECT;
}

/** The words before a body. */
export const HEADER_WORDS = 4;

/** A load. */
export interface LoadRequest {
  readonly engine: EngineSource;
  readonly directory: string;
  readonly tags: readonly string[];
  readonly session: Omit<SessionOptions, 'configProto'> & { readonly configProto?: string };
  readonly hasSmallKernels: boolean;
}

/** An error, as plain data. */
export interface FailureReply {
  /** gRPC's number. */
  readonly code: number;
  readonly message: string;
  readonly clientMessage?: string;
  readonly hint?: string;
  readonly endedProcess?: boolean;
}

/** What became of a load. */
export type LoadReply =
  | {
      readonly engine: string | undefined;
      readonly libraryVersion: string | undefined;
      readonly unbatchedSignatures: readonly string[] | undefined;
    }
  | { readonly failure: FailureReply };

/** A choice of feeds and fetches. */
export interface PrepareRequest {
  readonly feeds: readonly string[];
  readonly fetches: readonly string[];
}

/** An engine's description, or its failure. */
export type DescribeReply = { readonly description: RuntimeDescription } | { readonly failure: FailureReply };
