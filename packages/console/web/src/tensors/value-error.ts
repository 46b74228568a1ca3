/** A value that does not fit its input; the message stands beside the input's field. */
export class ValueError extends Error {}
