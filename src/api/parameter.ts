/**
 * How a parameter's text is read: `flag` 1 or 0 and nothing else (documented), `integer` a whole number from 0 up,
 * `json` a JSON value, `text` as it comes.
 */
export type ParameterType = 'text' | 'flag' | 'integer' | 'json';

/** One parameter of a function, as help, man page and checks know it. */
export interface Parameter {
  /** As it is given; ending in `*`: any name that begins so. */
  readonly name: string;
  readonly type: ParameterType;
  readonly isRequired: boolean;
  /** May be repeated, or numbered: `domain`, `domain-1`, `domain-2`. */
  readonly isRepeatable: boolean;
  /** One phrase. */
  readonly help: string;
}

/** A parameter that must be given once. */
export function required(name: string, help: string, type: ParameterType = 'text'): Parameter {
  return { name, type, isRequired: true, isRepeatable: false, help };
}

/** A parameter that may be given. */
export function optional(name: string, help: string, type: ParameterType = 'text'): Parameter {
  return { name, type, isRequired: false, isRepeatable: false, help };
}

/** The same, as often as one likes. */
export function repeated(parameter: Parameter): Parameter {
  return { ...parameter, isRepeatable: true };
}
