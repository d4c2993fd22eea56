/**
 * The text as a URL; null where it is none. Not `URL.canParse`: once it is hot, Node 20 takes letters beyond ASCII for broken
 * UTF-8 and says no to what can be parsed.
 */
export function parsedUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
