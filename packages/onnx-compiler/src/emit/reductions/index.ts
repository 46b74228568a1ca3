/** Reductions, scans, ranks, counts and segments (`operator-table.ts` joins them). */
import type { EmitterTable } from '../emitter.js';
import { counting } from './counting.js';
import { axisReductions } from './reduce.js';
import { scans } from './scans.js';
import { segments } from './segments.js';
import { ranks } from './top-k.js';

export const reductions: EmitterTable = { ...axisReductions, ...scans, ...ranks, ...counting, ...segments };
