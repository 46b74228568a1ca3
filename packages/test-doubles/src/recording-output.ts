/** Outputs that keep what is written. */
import type { Output } from '../../engine/src/command/output.js';

export interface RecordingOutput extends Output {
  readonly out: () => string;
  readonly err: () => string;
}

export function recordingOutput({ isTTY = false } = {}): RecordingOutput {
  let out = '';
  let err = '';
  return {
    stdout: {
      isTTY,
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      isTTY,
      write: (text) => {
        err += text;
      },
    },
    out: () => out,
    err: () => err,
  };
}
