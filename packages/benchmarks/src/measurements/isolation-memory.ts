/** `node isolation-memory.js ENGINE none|process`: prints the private memory that a model takes, in MiB. */
import type { EngineName } from '@serving/engine';
import { printMemory } from './isolation.js';

const [engine, isolation] = process.argv.slice(2);
await printMemory(engine as EngineName, isolation as 'process' | 'none');
