/** TensorFlow Serving's SSLConfig → grpc-js's credentials, or Node's options. */
import { createSecureContext, type TlsOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';

/** TLS for gRPC, as TensorFlow Serving's SSLConfig has it: `parseSslConfig` of `@serving/protos/config` reads one from a file. */
export interface GrpcTlsOptions {
  /** PEM text of the server's key. */
  readonly serverKey: string;
  /** PEM text of the server's certificate, and of the authorities between it and the root. */
  readonly serverCert: string;
  /** PEM text of the authorities for clients' certificates. Default: those that Node trusts. */
  readonly customCa?: string;
  /** Whether clients must have a certificate. Default false. */
  readonly clientVerify?: boolean;
}

const pem = { ...optionKinds.text, type: 'PEM text' };

/** The options of `ssl` by name. */
export const grpcTlsOptions: OptionsTable<GrpcTlsOptions> = {
  serverKey: { ...pem, isRequired: true, default: 'required', meaning: "the server's key" },
  serverCert: { ...pem, isRequired: true, default: 'required', meaning: "the server's certificate" },
  customCa: { ...pem, default: "Node's", meaning: "authorities for clients' certificates" },
  clientVerify: { ...optionKinds.boolean, default: false, meaning: 'whether clients must have one' },
};

/**
 * What a server listens with: TLS with the key and certificate given, or no protection without.
 *
 * @param ssl PEM texts. With `clientVerify` a client needs a certificate that `customCa` vouches for, or, without one, an authority
 * that Node trusts.
 * @throws ServingError `INVALID_ARGUMENT` for a key or a certificate that is missing or no PEM text of one.
 */
export function serverCredentials(ssl: GrpcTlsOptions | undefined): ServerCredentials {
  if (!ssl) return ServerCredentials.createInsecure();
  checkSslConfig(ssl);
  return ServerCredentials.createSsl(
    ssl.customCa ? Buffer.from(ssl.customCa) : null,
    [{ private_key: Buffer.from(ssl.serverKey), cert_chain: Buffer.from(ssl.serverCert) }],
    ssl.clientVerify,
  );
}

/**
 * The same for a server of Node's.
 *
 * @throws ServingError as {@link serverCredentials}.
 */
export function tlsOptions(ssl: GrpcTlsOptions): TlsOptions {
  checkSslConfig(ssl);
  return {
    ...contextOptions(ssl),
    requestCert: ssl.clientVerify ?? false,
    ALPNProtocols: ['h2'],
    // As grpc-js has it.
    ciphers: process.env.GRPC_SSL_CIPHER_SUITES,
  };
}

/** @throws ServingError as {@link serverCredentials}, also for an unknown option and a value of another kind. */
export function checkSslConfig(ssl: GrpcTlsOptions): void {
  checkOptions(ssl, grpcTlsOptions, '"ssl" of GrpcServer.listen()');
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

function contextOptions({ serverKey, serverCert, customCa }: GrpcTlsOptions): TlsOptions {
  return { key: serverKey, cert: serverCert, ...(customCa && { ca: customCa }) };
}
