export function unsafeStatements(sql: string): { statement: string; rule: string }[];
export function checkSafety(
  migrations: readonly { name: string; sql: string }[],
  accepted: Readonly<Record<string, Readonly<Record<string, string>>>>,
): string[];
