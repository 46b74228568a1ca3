/** The requests to pip: TensorFlow's package in the known version, as a file for this machine. */
import type { KnownFilesCheck } from './known-files.js';

/** One call of `pip download`: its arguments, the package last. */
export type WheelRequest = readonly string[];

/** A wheel's file name, in parts. */
interface Wheel {
  /** As pip has it: `tensorflow-cpu`. */
  readonly name: string;
  readonly version: string;
  /** Such as `cp311`. */
  readonly python: string;
  readonly abi: string;
  readonly platform: string;
}

/**
 * The files whose hash is known, in the table's order: of a wheel only the libraries are used, which don't depend on Python's
 * version, so that of any Python works, and an index may have only one. Where unknown files are accepted, then the one
 * for the interpreter that pip runs on, the table's others, and at last any version.
 */
export function wheelRequests({ knownFiles, acceptUnknownFile }: KnownFilesCheck, version: string): WheelRequest[] {
  const fitting = knownFiles.flatMap((known) => {
    const wheel = parseWheel(known.file);
    return wheel && wheel.version === version && fits(wheel) ? [{ wheel, isKnown: known.sha256 !== undefined }] : [];
  });
  const requests = fitting.filter(({ isKnown }) => isKnown).map(({ wheel }) => exactRequest(wheel));
  if (!acceptUnknownFile) return requests;
  const names = packageNames();
  return [
    ...requests,
    ...names.map((name) => [`${name}==${version}`]),
    ...fitting.filter(({ isKnown }) => !isKnown).map(({ wheel }) => exactRequest(wheel)),
    ...names.map((name) => [name]),
  ];
}

/** `undefined` for a file that is not a wheel. */
export function parseWheel(file: string): Wheel | undefined {
  const [, name, version, python, abi, platform] = /^(\w+)-([\w.]+)-(\w+)-(\w+)-([\w.]+)\.whl$/.exec(file) ?? [];
  if (!name || !version || !python || !abi || !platform) return undefined;
  return { name: name.replaceAll('_', '-'), version, python, abi, platform };
}

/** The arguments that let pip download a wheel whatever it runs on. */
export function exactRequest({ name, version, python, abi, platform }: Wheel): WheelRequest {
  const [, implementation = '', major = '', minor = ''] = /^([a-z]+)(\d)(\d*)$/.exec(python) ?? [];
  const pythonVersion = minor === '' ? major : `${major}.${minor}`;
  const tags = ['--python-version', pythonVersion, '--implementation', implementation, '--abi', abi];
  return [...tags, '--platform', platform, `${name}==${version}`];
}

/** The one for processors alone is half as large; there is none for other machines. */
function packageNames(): readonly string[] {
  const hasCpuPackage = process.platform === 'linux' && process.arch === 'x64';
  return hasCpuPackage ? ['tensorflow-cpu', 'tensorflow'] : ['tensorflow'];
}

function fits({ platform }: Wheel): boolean {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      return /^manylinux.*_x86_64$/.test(platform);
    case 'linux-arm64':
      return /^manylinux.*_aarch64$/.test(platform);
    case 'darwin-arm64':
      return /^macosx_.*_arm64$/.test(platform);
    case 'win32-x64':
      return platform === 'win_amd64';
    default:
      return false;
  }
}
