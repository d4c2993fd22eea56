/** A piece of JSON Schema (2020-12), as far as our answers need one. */
export type Shape = Readonly<Record<string, unknown>>;

/** Any text. */
export const text: Shape = { type: 'string' };
/** A whole number. */
export const integer: Shape = { type: 'integer' };
/** The documented boolean: 1 or 0. */
export const flag: Shape = { type: 'integer', enum: [0, 1] };
/** An ISO 8601 instant in UTC. */
export const instant: Shape = { type: 'string', format: 'date-time' };

/** The value, or null where there is none. */
export function orNull(shape: Shape): Shape {
  return { anyOf: [shape, { type: 'null' }] };
}

/** Rows of one shape. */
export function list(of: Shape): Shape {
  return { type: 'array', items: of };
}

/** An object with these members; `optional` ones may be absent. */
export function object(
  members: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return { type: 'object', properties: { ...members, ...optional }, required: Object.keys(members) };
}

/** An object whose members are not known beforehand. */
export function mapOf(of: Shape): Shape {
  return { type: 'object', additionalProperties: of };
}
