/** What the host does: the few numbers that need more digits than 128 bits hold. */

/** The double of the number without a sign that stands from `start` to `end`, rounded correctly. */
export declare function parseExactly(start: usize, end: usize): f64;

/** Writes the text of a positive finite number from `out` on; where it ends. `single` for the rule of float32. */
export declare function writeExactly(value: f64, single: bool, out: usize): usize;
