/**
 * What lies where in the module's memory, which never grows. Texts and values pass through two areas of fixed size, a
 * piece at a time; the constant tables lie above them.
 */

/** What a scan keeps from one piece of text to the next, and what it tells its caller. */
export const POSITION: usize = 1024;
export const VALUE_COUNT: usize = 1028;
export const RANK: usize = 1032;
export const DEPTH: usize = 1036;
export const PHASE: usize = 1040;
export const RUN: usize = 1044;
/** Sizes of the lists at each level, outermost first; −1 until the first of them was closed. */
export const SIZES: usize = 1088;
/** Lists that were closed so far within the open one at each level. */
export const COUNTS: usize = 1216;
export const MAX_RANK: i32 = 32;
/** All that a scan keeps: who lets others scan in the middle of it saves this, and puts it back. */
export const SCAN_STATE: usize = 1024;
export const SCAN_STATE_END: usize = 1344;

/** Of a run that is written: values per list, innermost first, and how many of them were written. */
export const RUN_SIZES: usize = 2048;
export const RUN_COUNTS: usize = 2176;
/** Address and length of the text between two values, by the number of lists that end there. */
export const SEPARATORS: usize = 2304;
export const SEPARATOR_TEXTS: usize = 2816;
export const SEPARATOR_TEXTS_SIZE: i32 = 8192;

/** The text that is read or written. */
export const TEXT: usize = 16384;
export const TEXT_SIZE: i32 = 65536;
/** No number is begun so near to the end of a piece of text that its end may be missing: longer tokens aren't read. */
export const MARGIN: i32 = 512;

/** The values that are written or read: as many as can stand in the text, one for two bytes and one more. */
export const VALUES: usize = 98304;
