/** Data that a page fetches when it is opened. */
import { useEffect, useState } from 'preact/hooks';
import { fetchJson } from './console-api-client.js';

export interface Resource<T> {
  readonly data?: T;
  readonly error?: string;
}

/**
 * The JSON at an address of the console's API; fetched again when the address changes, and the data of before stay until then.
 * `undefined` fetches nothing.
 */
export function useResource<T>(address: string | undefined): Resource<T> {
  const [resource, setResource] = useState<Resource<T>>({});
  useEffect(() => {
    let isWanted = true;
    if (address === undefined) return;
    fetchJson<T>(address).then(
      (data) => isWanted && setResource({ data }),
      (error: Error) => isWanted && setResource({ error: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [address]);
  return address === undefined ? {} : resource;
}
