/** Control flow. */
import type { EmitterTable } from '../emitter.js';
import { branches } from './branches.js';
import { loops } from './loops.js';
import { scanResults } from './scan-result.js';

export const control: EmitterTable = { ...branches, ...loops, ...scanResults };
