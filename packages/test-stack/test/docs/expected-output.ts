/**
 * Whether something was printed as a page says: `…` on the page stands for anything.
 */

/** Line ends and the space around count for nothing. */
export function isAsExpected(printed: string, expected: string): boolean {
  const parts = normal(expected).split('…');
  const pattern = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[\\s\\S]*?');
  return new RegExp(`^${pattern}$`).test(normal(printed));
}

function normal(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}
