/** The script of a serving thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadStart } from '../mirrored-state.js';
import { hostServingThread } from './serving-thread-host.js';

if (parentPort === null) throw new Error('This is the script of a worker thread');
hostServingThread(parentPort, workerData as ThreadStart);
