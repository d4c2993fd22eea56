/** A parameter of a property `issue` or `issuewild`; its tag in lower case. */
export interface IssueParameter {
  readonly tag: string;
  readonly value: string;
}

/** What such a property says. */
export interface IssueValue {
  /** Whom it permits, in lower case; empty: nobody. */
  readonly issuer: string;
  readonly parameters: readonly IssueParameter[];
}

/** RFC 8659 section 4.2, `label *("." label)`. */
const ISSUER = /^[a-z0-9](?:-*[a-z0-9])*(?:\.[a-z0-9](?:-*[a-z0-9])*)*$/i;
/** The same, `tag *WSP "=" *WSP value`. */
const PARAMETER = /^([a-z0-9](?:-*[a-z0-9])*)[ \t]*=[ \t]*([!-:<-~]*)$/i;
/** RFC 8657 section 4, `label`. */
const METHOD = /^[A-Za-z0-9-]+$/;

/**
 * The value of a property `issue` or `issuewild` (RFC 8659 sections 4.2 and 4.3); null when it does not follow the grammar,
 * which permits nobody.
 */
export function parseIssueValue(text: string): IssueValue | null {
  const [first = '', ...rest] = text.split(';').map(withoutSpace);
  if (first !== '' && !ISSUER.test(first)) return null;
  const issuer = first.toLowerCase();
  // A semicolon with nothing behind it.
  if (rest.length === 1 && rest[0] === '') return { issuer, parameters: [] };
  const parameters: IssueParameter[] = [];
  for (const part of rest) {
    const [, tag, value] = PARAMETER.exec(part) ?? [];
    if (tag === undefined || value === undefined) return null;
    parameters.push({ tag: tag.toLowerCase(), value });
  }
  return { issuer, parameters };
}

/** The methods of a parameter `validationmethods` (RFC 8657 section 4); null when it is malformed. */
export function parseMethods(value: string): readonly string[] | null {
  if (value === '') return [];
  const methods = value.split(',');
  return methods.every((method) => METHOD.test(method)) ? methods : null;
}

/** Whether the text can stand for a CA in a property: whoever says so may be outside of this server. */
export function isIssuer(text: string): boolean {
  return ISSUER.test(text);
}

/** Without WSP of RFC 5234, blanks and tabs alone, at both ends; in one pass, however much of it there is. */
function withoutSpace(text: string): string {
  const isSpace = (at: number): boolean => text[at] === ' ' || text[at] === '\t';
  let begin = 0;
  let end = text.length;
  while (begin < end && isSpace(begin)) begin += 1;
  while (end > begin && isSpace(end - 1)) end -= 1;
  return text.slice(begin, end);
}
