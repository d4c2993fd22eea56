/** How a name is proved to a CA, by wire name (RFC 8555 sections 8.3 and 8.4). */
export type ChallengeMethod = 'http-01' | 'dns-01';
