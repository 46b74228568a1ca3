/** The thread that compiles one SavedModel: rearranging the filters of a large network takes a second. */
import { parentPort, workerData } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import { compileSavedModel } from '../compile-saved-model.js';
import { kernelFor } from '../kernels/kernel-table.js';
import type { Program } from '../program/program.js';
import type { CompileReply, CompileRequest, PostedProgram } from './compile-messages.js';

const { directory, tags, options } = workerData as CompileRequest;

async function compile(): Promise<CompileReply> {
  try {
    const { programs, refused } = await compileSavedModel(directory, tags, options);
    const posted = programs.filter(canBePosted);
    const left = programs.filter((program) => !canBePosted(program)).map(({ signature }) => signature);
    return { ok: true, programs: posted.map(postedProgram), refused, left };
  } catch (error) {
    const { code, message } = ServingError.from(error, 'INTERNAL');
    return { ok: false, code, message };
  }
}

/** Kernels are made again from their operations; bodies of control flow, and conditions with their messages, are not. */
function canBePosted({ steps }: Program): boolean {
  return steps.every((step) => step.kind === 'model' || kernelFor(step.op) !== undefined);
}

/** Models are in buffers that can be transferred. */
function postedProgram(program: Program): PostedProgram {
  const steps = program.steps.map((step) => {
    if (step.kind === 'kernel') {
      const { kernel: _, ...rest } = step;
      return rest;
    }
    return step.model.byteLength === step.model.buffer.byteLength
      ? step
      : { ...step, model: Uint8Array.from(step.model) };
  });
  return { ...program, steps };
}

const reply = await compile();
const models = reply.ok ? reply.programs.flatMap(({ steps }) => steps) : [];
parentPort!.postMessage(
  reply,
  models.flatMap((step) => (step.kind === 'model' ? [step.model.buffer as ArrayBuffer] : [])),
);
