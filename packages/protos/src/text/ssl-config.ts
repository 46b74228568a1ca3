/** The file of `--ssl_config_file`: SSLConfig in protobuf text format. */
import { parseConfigText } from './config-text.js';

/** PEM texts; `''` where the file has none. */
export interface SslConfig {
  readonly serverKey: string;
  readonly serverCert: string;
  /** The authorities for clients' certificates. */
  readonly customCa: string;
  /** Whether clients must have a certificate. */
  readonly clientVerify: boolean;
}

/**
 * Parses an SSLConfig in protobuf text format.
 *
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason, for a text that doesn't parse
 * or has an unknown field.
 */
export function parseSslConfig(text: string, file: string): SslConfig {
  const {
    serverKey = '',
    serverCert = '',
    customCa = '',
    clientVerify = false,
  } = parseConfigText('tensorflow.serving.SSLConfig', text, file);
  return { serverKey, serverCert, customCa, clientVerify };
}
