/** Who may do what. Clients send a secret as an API key or as a password; the list has its hash alone. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ServingError } from '@serving/core';

/** Enough for secrets that were made at random. Passwords that people choose need scrypt. */
export const hash = (secret) => createHash('sha256').update(secret).digest();

export class AccessList {
  #clients;

  /** From `{ "web": { "sha256": "…", "may": ["predict"] } }`. */
  constructor(list) {
    this.#clients = Object.entries(list).map(([name, { sha256, may }]) => ({
      name,
      hash: Buffer.from(sha256, 'hex'),
      may,
    }));
  }

  /** @throws ServingError `UNAUTHENTICATED` (401), `PERMISSION_DENIED` (403). @param header the value of a header by its name. */
  check(right, header) {
    const client = this.#identify(header);
    if (!client) throw new ServingError('UNAUTHENTICATED', 'An API key or a name and password are needed');
    if (!client.may.includes(right)) throw new ServingError('PERMISSION_DENIED', `${client.name} may not ${right}`);
  }

  #identify(header) {
    const key = header('x-api-key');
    if (key) return this.#find(key);
    const [, scheme, value = ''] = /^(bearer|basic) (.*)$/i.exec(header('authorization') ?? '') ?? [];
    if (scheme?.toLowerCase() === 'bearer') return this.#find(value);
    const [name, ...secret] = Buffer.from(value, 'base64').toString().split(':');
    const client = this.#find(secret.join(':'));
    return client?.name === name ? client : undefined;
  }

  /** Each hash is compared, and each as a whole, so that the time it takes tells nothing. */
  #find(secret) {
    const sent = hash(secret);
    return this.#clients.filter((client) => timingSafeEqual(client.hash, sent))[0];
  }
}
