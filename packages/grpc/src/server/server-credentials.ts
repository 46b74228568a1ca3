/** TensorFlow Serving's SSLConfig → grpc-js's credentials, or Node's options. */
import { createSecureContext, type TlsOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import type { SslConfig } from '@serving/protos/config';

/**
 * What a server listens with: TLS with the key and certificate given, or no protection without.
 *
 * @param ssl PEM texts. With `clientVerify` a client needs a certificate that `customCa` vouches for, or, without one, an authority
 * that Node trusts.
 * @throws ServingError `INVALID_ARGUMENT` for a key or a certificate that is missing or no PEM text of one.
 */
export function serverCredentials(ssl: SslConfig | undefined): ServerCredentials {
  if (!ssl) return ServerCredentials.createInsecure();
  checkSslConfig(ssl);
  return ServerCredentials.createSsl(
    ssl.customCa === '' ? null : Buffer.from(ssl.customCa),
    [{ private_key: Buffer.from(ssl.serverKey), cert_chain: Buffer.from(ssl.serverCert) }],
    ssl.clientVerify,
  );
}

/**
 * The same for a server of Node's.
 *
 * @throws ServingError as {@link serverCredentials}.
 */
export function tlsOptions(ssl: SslConfig): TlsOptions {
  checkSslConfig(ssl);
  return {
    ...contextOptions(ssl),
    requestCert: ssl.clientVerify,
    ALPNProtocols: ['h2'],
    // As grpc-js has it.
    ciphers: process.env.GRPC_SSL_CIPHER_SUITES,
  };
}

/** @throws ServingError as {@link serverCredentials}. */
export function checkSslConfig(ssl: SslConfig): void {
  if (ssl.serverKey === '' || ssl.serverCert === '') {
    throw new ServingError('INVALID_ARGUMENT', 'SSLConfig: expected server_key and server_cert, as PEM texts');
  }
  try {
    // A server would find out when it listens, and say less.
    createSecureContext(contextOptions(ssl));
  } catch (cause) {
    throw new ServingError('INVALID_ARGUMENT', `SSLConfig: ${ServingError.from(cause).message}`, { cause });
  }
}

function contextOptions({ serverKey, serverCert, customCa }: SslConfig): TlsOptions {
  return { key: serverKey, cert: serverCert, ...(customCa !== '' && { ca: customCa }) };
}
