/** HTTP/2 as bytes. */

export const preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A frame of this type, without flags, on stream 0. */
export function frame(type: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  return Buffer.concat([header, payload]);
}

export const settings: Buffer = frame(4);

/** The frames behind the preface of a recorded session. */
export function framesOf(recorded: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = preface.length; at < recorded.length; ) {
    const end = at + 9 + recorded.readUIntBE(at, 3);
    frames.push(recorded.subarray(at, end));
    at = end;
  }
  return frames;
}
