/** The flags of `tensorflow_model_server`: TensorFlow Serving's names, types and defaults, and those that are added here. */
import type { FlagTable } from '@serving/engine/command';
import { flagsWithoutEffect } from './flags/flags-without-effect.js';
import { type GrpcFlags, grpcFlags } from './flags/grpc-flags.js';
import { type ModelFlags, modelFlags } from './flags/model-flags.js';
import { type ProcessFlags, processFlags } from './flags/process-flags.js';
import { type RestFlags, restFlags } from './flags/rest-flags.js';
import { type RunFlags, runFlags } from './flags/run-flags.js';

/** The flags that change something. Their meaning is in {@link modelServerFlags}. */
export interface ModelServerFlags extends ModelFlags, GrpcFlags, RestFlags, RunFlags, ProcessFlags {}

/** Names of the flags by what they are about, in the order of the help. */
export const modelServerFlagGroups: ReadonlyMap<string, readonly string[]> = new Map([
  ['Models', Object.keys(modelFlags)],
  ['gRPC', Object.keys(grpcFlags)],
  ['REST', Object.keys(restFlags)],
  ['Runs', Object.keys(runFlags)],
  ['Process', Object.keys(processFlags)],
  ['Without effect', Object.keys(flagsWithoutEffect)],
]);

/** Names of the flags that are accepted but change nothing. */
export const namesWithoutEffect: ReadonlySet<string> = new Set(Object.keys(flagsWithoutEffect));

/** Every flag. */
export const modelServerFlags: FlagTable<ModelServerFlags> = {
  ...modelFlags,
  ...grpcFlags,
  ...restFlags,
  ...runFlags,
  ...processFlags,
  ...flagsWithoutEffect,
};
