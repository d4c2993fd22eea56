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
  /** Of its certificates; null: its default one. */
  readonly profile: string | null;
  /** What a third party's provider asks for, by its own names for it. */
  readonly properties: Readonly<Record<string, string>>;
}

type TextKey = Exclude<keyof ProviderChoice, 'name' | 'properties'>;

/** What is said now: what is absent stays as it was, null takes back. `fallbacks`: who stands in for it, none = nobody. */
export type SaidChoice = { readonly name: string; readonly fallbacks?: readonly string[] } & {
  readonly [Key in TextKey]?: string | null;
} & {
  readonly properties?: Readonly<Record<string, string | null>>;
};

/** Of a provider that nobody said anything about. */
export function nothingSaid(name: string): ProviderChoice {
  return {
    name,
    acceptedTermsUrl: null,
    directoryUrl: null,
    caBundlePath: null,
    eabKeyId: null,
    eabHmacPath: null,
    profile: null,
    properties: {},
  };
}

/** What was said before with what is said now. Another directory is another CA: of the former one nothing holds for it. */
export function resaid(before: ProviderChoice | null, said: SaidChoice): ProviderChoice {
  const isOther = said.directoryUrl !== undefined && said.directoryUrl !== (before?.directoryUrl ?? null);
  const base = before === null || isOther ? nothingSaid(said.name) : { ...before, name: said.name };
  const { properties, fallbacks: _, ...texts } = said;
  const merged = { ...base.properties, ...properties };
  const kept = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null);
  return { ...base, ...withoutUndefined(texts), properties: Object.fromEntries(kept) };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
