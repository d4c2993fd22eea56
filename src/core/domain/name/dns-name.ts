/** RFC 1035 section 2.3.4, without the final dot. */
const MAX_NAME_LENGTH = 253;
/** Also underscores (RFC 8552); nothing that a zone file, a command's script or a path could take for its own. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * The owner name of a record, or a zone's apex: lower case, without the final dot; its first label may be `*`. Null for
 * everything else that DNS would allow: it comes from outside and goes into scripts and URLs.
 */
export function parseDnsName(text: string): string | null {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) return null;
  const [first = '', ...rest] = name.split('.');
  if (first === '*' ? rest.length === 0 : !LABEL.test(first)) return null;
  return rest.every((label) => LABEL.test(label)) ? name : null;
}

/** Whether the name is the zone's apex or lies below it, as far as names tell. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** The longest of the zones that holds the name. */
export function closestZone(name: string, zones: Iterable<string>): string | undefined {
  let closest: string | undefined;
  for (const zone of zones) {
    if (isWithin(name, zone) && zone.length > (closest?.length ?? -1)) closest = zone;
  }
  return closest;
}
