/**
 * fast-check, with one seed for all properties that name none: a run of the tests has the cases of the run before, so that
 * it can't fail by chance. `FUZZ_SEED=7` chooses other cases, and `FUZZ_SEED=random` others each time, to look for faults.
 */
import fc from '../node_modules/fast-check/lib/fast-check.js';

const wanted = process.env.FUZZ_SEED ?? '20261201';
if (wanted !== 'random' && !/^-?\d+$/.test(wanted)) throw new Error(`FUZZ_SEED is a number or "random", not ${wanted}`);

fc.configureGlobal(wanted === 'random' ? {} : { seed: Number(wanted) });
export default fc;
