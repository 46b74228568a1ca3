/** The thread that compiles one SavedModel: rearranging the filters of a large network takes a second. */
import { parentPort, workerData } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import { compileSavedModel } from '../compile-saved-model.js';
import type { Program } from '../program/program.js';
import type { CompileReply, CompileRequest } from './compile-messages.js';

const { directory, tags, options } = workerData as CompileRequest;

async function compile(): Promise<CompileReply> {
  try {
    const { programs, refused } = await compileSavedModel(directory, tags, options);
    const posted = programs.filter(isPlainData);
    const left = programs.filter((program) => !isPlainData(program)).map(({ signature }) => signature);
    return { ok: true, programs: posted.map(withOwnBuffers), refused, left };
  } catch (error) {
    const { code, message } = ServingError.from(error, 'INTERNAL');
    return { ok: false, code, message };
  }
}

function isPlainData({ steps }: Program): boolean {
  return steps.every(({ kind }) => kind === 'model');
}

/** Models in buffers that can be transferred. */
function withOwnBuffers(program: Program): Program {
  const steps = program.steps.map((step) => {
    if (step.kind !== 'model' || step.model.byteLength === step.model.buffer.byteLength) return step;
    return { ...step, model: Uint8Array.from(step.model) };
  });
  return { ...program, steps };
}

const reply = await compile();
const models = reply.ok ? reply.programs.flatMap(({ steps }) => steps) : [];
parentPort!.postMessage(
  reply,
  models.flatMap((step) => (step.kind === 'model' ? [step.model.buffer as ArrayBuffer] : [])),
);
