/** What the administrator said when choosing a provider. */
export interface ProviderChoice {
  readonly name: string;
  readonly acceptedTermsUrl: string | null;
  readonly directoryUrl: string | null;
  /** Path of PEM roots for the provider's own web server. */
  readonly caBundlePath: string | null;
  readonly eabKeyId: string | null;
  /** Path of the file that holds the HMAC key: the secret itself is never stored. */
  readonly eabHmacPath: string | null;
}
