/** One event as one line: text for people, or JSON in the shape of pino's. */
import { styleText } from 'node:util';
import { printableLine } from '../printable-text.js';
import { ServingError } from '../serving-error.js';
import { errorText } from './error-text.js';
import { type LogLevel, logLevels } from './logger.js';

/** What is logged. */
export interface LogRecord {
  readonly level: LogLevel;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How a record is written. */
export type LogFormat = 'text' | 'json';

/** The formats by name. */
export const logFormats: readonly LogFormat[] = ['text', 'json'];

const levelColors = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const;
/** Shorter names, for text alone. */
const textNames: Readonly<Record<string, string>> = { model: 'name', durationMs: 'ms', err: 'error' };
/** Values of other characters are quoted. */
const PLAIN = /^[\p{L}\p{N}_.,:;/@+%#*()[\]{}-]+$/u;

/**
 * Such as `2026-12-01T10:00:00.000Z info model loaded name=digits version=2 engine=onnx ms=340`, without a line break. Values are in
 * double quotes unless they are plain words; line breaks and control characters are escaped.
 */
export function textLine({ level, timeMs, message, fields }: LogRecord, hasColors: boolean): string {
  const paint = (color: Parameters<typeof styleText>[0], text: string): string =>
    hasColors ? styleText(color, text, { validateStream: false }) : text;
  const time = paint('gray', new Date(timeMs).toISOString());
  const shown = fieldsText(withoutRepetition(fields, message), (key) => paint('gray', key));
  return `${time} ${paint(levelColors[level], level)} ${printableLine(message)}${shown}`;
}

/** The fields as ` key=value`, each with a space in front. */
export function fieldsText(fields: object, paint: (text: string) => string = (text) => text): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${paint(`${printableLine(textNames[key] ?? key)}=`)}${valueText(value)}`)
    .join('');
}

/** `{"level":30,"time":1796119200000,…,"msg":"model loaded"}`, without a line break. Errors are objects with `type`, `code` and `message`. */
export function jsonLine({ level, timeMs, message, fields }: LogRecord): string {
  return JSON.stringify({ level: logLevels[level], time: timeMs, ...fields, msg: message }, (_, value: unknown) =>
    value instanceof Error ? plainError(value) : typeof value === 'bigint' ? String(value) : value,
  );
}

/** An error for a log: what pino makes of one, without a stack. */
export function plainError(error: Error): object {
  const code = error instanceof ServingError ? { code: error.code } : {};
  return { type: error.name, ...code, message: errorText(error) };
}

/** Leaves an error out whose text is the message. */
function withoutRepetition({ err, ...fields }: Readonly<Record<string, unknown>>, message: string): object {
  return err === undefined || message.includes(messageOf(err)) ? fields : { ...fields, err };
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return errorText(error);
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : JSON.stringify(error);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return quoted(value.map(String).join(','));
  return quoted(typeof value === 'object' && value !== null ? messageOf(value) : String(value));
}

function quoted(text: string): string {
  return PLAIN.test(text) ? text : `"${printableLine(text.replace(/["\\]/g, '\\$&'))}"`;
}
