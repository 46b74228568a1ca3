/** Version policies in words. */
import type { VersionPolicy } from '@serving/core';

/** Such as `latest 2`, `all` or `versions 3, 5`. */
export function policyText(policy: VersionPolicy): string {
  if ('latest' in policy) return `latest ${policy.latest.numVersions}`;
  if ('all' in policy) return 'all';
  return `versions ${policy.specific.versions.join(', ')}`;
}
