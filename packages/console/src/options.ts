/** What the console is made with. */
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';

/** Options of {@link servingConsole}. All have defaults. */
export interface ConsoleOptions {
  /** Where the console is, below the mount point. Default: `/console`. */
  readonly path?: string;
  /**
   * Whether pages may change the server: poll, reload, move labels, load and unload models. Default: false; such requests are answered
   * with 403.
   */
  readonly actions?: boolean;
  /** Whether there are OpenAPI documents, at `/openapi.json` and `/openapi/MODEL.json` below the mount point. Default: true. */
  readonly openApi?: boolean;
  /** Whether `GET /` of the mount point leads to the console. Default: false. */
  readonly redirectRoot?: boolean;
  /** Host and port of the gRPC API, to be shown, such as `127.0.0.1:8500`. Default: not shown. */
  readonly grpcAddress?: string;
}

/** Where the console is without `path`. */
export const DEFAULT_CONSOLE_PATH: string = '/console';

const consoleOptions: OptionsTable<ConsoleOptions> = {
  path: { ...optionKinds.path, default: '/console', meaning: 'where the console is, below the mount point' },
  actions: { ...optionKinds.boolean, default: false, meaning: 'whether pages may change the server' },
  openApi: { ...optionKinds.boolean, default: true, meaning: 'whether there are OpenAPI documents' },
  redirectRoot: { ...optionKinds.boolean, default: false, meaning: 'whether `GET /` leads to the console' },
  grpcAddress: { ...optionKinds.text, default: 'not shown', meaning: 'host and port of the gRPC API, to be shown' },
};

/** @throws ServingError `INVALID_ARGUMENT` for unknown options and values of another type. */
export function checkConsoleOptions(options: unknown): ConsoleOptions {
  const given: unknown = options ?? {};
  checkOptions<ConsoleOptions>(given, consoleOptions, 'servingConsole()');
  return given;
}
