/**
 * `http.mount_prefix`: what stands before every path. Paths without it are served too, so that a proxy may take it away or leave it.
 */

/** @param prefix such as `/api`; null: none */
export function withoutPrefix(url: string, prefix: string | null): string {
  if (prefix === null || !url.startsWith(prefix)) return url;
  const rest = url.slice(prefix.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}
